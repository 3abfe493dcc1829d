"""What the health file says, for Prometheus: counts and times at http://127.0.0.1:PORT/metrics.

Off unless ``[metrics] port`` names one, and then on loopback alone. Everything is read from
the health when it is asked for, so nothing is counted twice. May not tell more of a mail
than how many there were of a platform and a label.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from triage import __version__

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

log = logging.getLogger("triage")

ADDRESS = "127.0.0.1"
STATES = ("starting", "watching", "held", "waiting", "stopped")
_GOES_ON = "it is watched without metrics"


class Metrics:
    """The endpoint, while there is one. ``content`` is what the health file says."""

    def __init__(self, content: Callable[[], dict[str, Any]]) -> None:
        self._content = content
        self._port: int | None = None
        self._server: Any = None

    def serve(self, port: int | None) -> None:
        """Serve at this port from now on; None: at none. A port that cannot be had is told
        to the log, and keeps nothing else from going on."""
        if port == self._port:
            return
        self.stop()
        if port is None:
            return
        try:
            from prometheus_client import start_http_server
            from prometheus_client.registry import CollectorRegistry

            registry = CollectorRegistry()
            registry.register(_Collector(self._content))
            self._server, _ = start_http_server(port, ADDRESS, registry)
        except ImportError:
            log.error(
                "[metrics] port: the package prometheus-client is not installed; %s."
                " pip install 'invitation-triage[metrics]'", _GOES_ON,
            )  # fmt: skip
        except OSError as error:
            log.error(
                "[metrics] port: %s:%d cannot be had: %s; %s. Choose another port.",
                ADDRESS, port, error.strerror or error, _GOES_ON,
            )  # fmt: skip
        else:
            self._port = port
            log.info("metrics at http://%s:%d/metrics", ADDRESS, port)

    def stop(self) -> None:
        """Serve no more; nothing if it did not."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._server = self._port = None


class _Collector:
    """What prometheus_client asks at every scrape."""

    def __init__(self, content: Callable[[], dict[str, Any]]) -> None:
        self._content = content

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering does not scrape."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All families."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            InfoMetricFamily,
        )

        told = self._content()
        accounts: dict[str, dict[str, Any]] = told["accounts"]
        info = {"version": __version__, "rules": told["rules"]["in_force"]}
        yield InfoMetricFamily("triage", "Version and fingerprint of the rules.", info)
        yield GaugeMetricFamily(
            "triage_start_time_seconds", "When the daemon started.", _seconds(told["since"])
        )
        yield GaugeMetricFamily(
            "triage_rule_faults", "Faults that keep newer rules out.", told["rules"]["faults"]
        )
        state = GaugeMetricFamily(
            "triage_account_state", "1 for the state that it is in.", labels=("account", "state")
        )
        for name, one in accounts.items():
            for known in STATES:
                state.add_metric((name, known), one["state"] == known)
        yield state
        for key, says in (
            ("alive", "the server last answered"),
            ("pass", "the last pass ended"),
            ("mail", "mail was last seen"),
            ("filed", "an invitation was last filed"),
        ):
            time = GaugeMetricFamily(
                f"triage_account_last_{key}_timestamp_seconds",
                f"When {says}; not there before the first time.",
                labels=("account",),
            )
            for name, one in accounts.items():
                if one[f"last_{key}"]:
                    time.add_metric((name,), _seconds(one[f"last_{key}"]))
            yield time
        for key, says in (
            ("held", "Messages that the guard holds back."),
            ("waiting", "Lines of the journal that could not be filed yet."),
        ):
            gauge = GaugeMetricFamily(f"triage_account_{key}", says, labels=("account",))
            for name, one in accounts.items():
                gauge.add_metric((name,), one[key])
            yield gauge
        for key, says in (
            ("lost", "Connections that failed or were lost."),
            ("broken", "Messages that broke the reading or the judging."),
        ):
            count = CounterMetricFamily(f"triage_account_{key}", says, labels=("account",))
            for name, one in accounts.items():
                count.add_metric((name,), one[key])
            yield count
        yield from self._by_platform(accounts)

    def _by_platform(self, accounts: dict[str, dict[str, Any]]) -> Iterable[Metric]:
        from prometheus_client.core import CounterMetricFamily

        decided = CounterMetricFamily(
            "triage_decisions", "Decisions carried out.", labels=("account", "platform", "label")
        )
        unread = CounterMetricFamily(
            "triage_unreadable", "Recognised and not readable.", labels=("account", "platform")
        )
        for name, one in accounts.items():
            for platform, of in one["decided"].items():
                for label, number in of.items():
                    decided.add_metric((name, platform, label), number)
            for platform, number in one["unreadable"].items():
                unread.add_metric((name, platform), number)
        yield decided
        yield unread


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp() if time else 0.0
