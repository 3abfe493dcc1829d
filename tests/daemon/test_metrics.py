"""The Prometheus endpoint: what is counted, that it is this machine's alone, and off."""

from __future__ import annotations

import logging
import socket
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from daemon.desks import NOW, SECRET_NOTE, desk, mail
from triage.daemon.health import Health
from triage.daemon.metrics import Metrics
from triage.daemon.one_pass import one_pass
from triage.mailbox.in_memory import MemoryMailbox
from triage.memory import Memory


@pytest.fixture
def health(tmp_path: Path) -> Health:
    made = Health(tmp_path / "health.json")
    made.began(NOW)
    made.rules("abc123", 2)
    return made


@pytest.fixture
def metrics(health: Health) -> Iterator[Metrics]:
    made = Metrics(health.content)
    yield made
    made.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def scraped(port: int) -> tuple[dict[tuple[str, ...], float], str]:
    """Samples by name and label values, and the text."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    samples = {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return samples, text


def test_decisions_are_counted_by_platform_and_label_and_nothing_else_of_a_mail(
    health: Health, metrics: Metrics, memory: Memory
) -> None:
    box = MemoryMailbox("main")
    for number, label in enumerate(("generic", "generic", "personal", "template", "")):
        box.put("INBOX", mail(number, label))
    report = one_pass(box, ("INBOX",), desk(), memory, NOW, "r1", 500)
    health.passed("main", report, NOW)
    health.stands_still("work", "the server refused user or password")
    port = free_port()
    metrics.serve(port)
    samples, text = scraped(port)
    # labels in order of their names: account, label, platform
    assert samples["triage_decisions_total", "main", "generic", "example"] == 2
    assert samples["triage_decisions_total", "main", "personal", "example"] == 1
    assert samples["triage_unreadable_total", "main", "example"] == 1
    assert samples["triage_account_state", "main", "watching"] == 1
    assert samples["triage_account_state", "work", "stopped"] == 1
    assert samples["triage_account_state", "work", "watching"] == 0
    assert samples["triage_account_lost_total", "work"] == 1
    for what in ("alive", "pass", "mail", "filed"):
        name = f"triage_account_last_{what}_timestamp_seconds"
        assert samples[name, "main"] == NOW.timestamp() and (name, "work") not in samples
    assert samples["triage_rule_faults",] == 2
    assert samples["triage_start_time_seconds",] == NOW.timestamp()
    assert "abc123" in text
    assert not any(word in text for word in (SECRET_NOTE, "Ada", "Quill", "@", "refused"))


def test_it_listens_on_loopback_alone(metrics: Metrics) -> None:
    port = free_port()
    metrics.serve(port)
    scraped(port)
    with socket.socket() as other:  # on any address but loopback the port is still free
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        assert metrics._server.server_address[0] == "127.0.0.1"
        other.bind(("127.0.0.2", port))


def test_a_reload_moves_it_and_takes_it_away(metrics: Metrics) -> None:
    first, second = free_port(), free_port()
    metrics.serve(None)
    metrics.serve(first)
    metrics.serve(first)
    scraped(first)
    metrics.serve(second)
    scraped(second)
    with pytest.raises(OSError):
        scraped(first)
    metrics.serve(None)
    with pytest.raises(OSError):
        scraped(second)


def test_a_port_that_is_taken_is_told_and_keeps_nothing_from_going_on(
    metrics: Metrics, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        metrics.serve(port)
        assert f"127.0.0.1:{port} cannot be had" in caplog.text
    metrics.serve(port)  # as the next reload does
    scraped(port)


def test_a_missing_package_is_told_with_its_remedy(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    metrics.serve(free_port())
    assert "pip install 'invitation-triage[metrics]'" in caplog.text
