"""The listener that a browser comes back to: on this machine alone, for one answer alone."""

from __future__ import annotations

import os
import socket
import threading

import pytest
import requests

from triage.errors import UserError
from triage.logins.receiver import Receiver

STATE = "s" * 43


def waiting(receiver: Receiver, *more: object) -> tuple[threading.Thread, list[dict[str, str]]]:
    found: list[dict[str, str]] = []
    thread = threading.Thread(
        target=lambda: found.append(receiver.answer(STATE, 60, *more))  # type: ignore[arg-type]
    )
    thread.start()
    return thread, found


def get(receiver: Receiver, path: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{receiver.port}{path}", timeout=30)


def test_it_listens_on_this_machine_alone() -> None:
    with Receiver() as receiver:
        for host in ("127.0.0.2", "::1"):
            with pytest.raises(OSError):
                socket.create_connection((host, receiver.port), 5).close()
        socket.create_connection(("127.0.0.1", receiver.port), 5).close()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/favicon.ico",
        "/?code=c",
        "/?code=c&state=",
        "/?code=c&state=other",
        f"/?code=c&state={STATE}&state=other",
        f"/?code=c&state={STATE}x",
        f"/?state={STATE}",
        f"/else?code=c&state={STATE}",
        "/?code=c&state=%ff%c3%a4",
        "/?" + "&".join(f"a{number}=1" for number in range(40)),
    ],
)
def test_what_is_not_the_answer_is_turned_away_and_the_wait_goes_on(path: str) -> None:
    with Receiver() as receiver:
        thread, found = waiting(receiver)
        assert get(receiver, path).status_code == 404 and not found
        assert get(receiver, f"/?code=c%20d&state={STATE}&scope=x").status_code == 200
        thread.join(60)
    assert found == [{"code": "c d", "state": STATE, "scope": "x"}]


def test_only_a_browsers_way_of_asking_is_heard() -> None:
    with Receiver() as receiver:
        thread, found = waiting(receiver)
        url = f"http://127.0.0.1:{receiver.port}/?code=c&state={STATE}"
        assert requests.post(url, timeout=30).status_code == 501 and not found
        with socket.create_connection(("127.0.0.1", receiver.port), 5) as rude:
            rude.sendall(b"\0\xff no HTTP at all\r\n\r\n")
        assert get(receiver, f"/?error=access_denied&state={STATE}").status_code == 200
        thread.join(60)
    assert found[0]["error"] == "access_denied"


def test_a_pasted_address_does_as_well() -> None:
    ours, theirs = os.pipe()
    wrong: list[None] = []
    with Receiver() as receiver, os.fdopen(ours) as typed:
        thread, found = waiting(receiver, typed, lambda: wrong.append(None))
        for line in ("\n", "nonsense\n", "http://127.0.0.1:1/?code=c&state=other\n"):
            os.write(theirs, line.encode())
        os.write(theirs, f"  http://127.0.0.1:1/?code=pasted&state={STATE}\n".encode())
        thread.join(60)
        os.close(theirs)
    assert found[0]["code"] == "pasted"
    assert len(wrong) == 2


def test_an_end_of_what_is_typed_is_not_the_end() -> None:
    ours, theirs = os.pipe()
    os.close(theirs)
    with Receiver() as receiver, os.fdopen(ours) as typed:
        thread, found = waiting(receiver, typed)
        get(receiver, f"/?code=c&state={STATE}")
        thread.join(60)
    assert found


def test_it_waits_for_so_long_and_no_longer() -> None:
    with Receiver() as receiver, pytest.raises(TimeoutError):
        receiver.answer(STATE, 0.05)


def test_a_port_that_is_taken_is_said() -> None:
    with Receiver() as receiver, pytest.raises(UserError, match=r"cannot be listened on.*--port"):
        Receiver(receiver.port)


def test_nothing_that_comes_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with Receiver() as receiver:
        thread, _ = waiting(receiver)
        get(receiver, "/?code=CANARY&state=other")
        answer = get(receiver, f"/?code=CANARY&state={STATE}")
        thread.join(60)
    said = capfd.readouterr()
    assert "CANARY" not in said.out + said.err + answer.text + str(answer.headers)
    assert "Python" not in answer.headers["Server"]
