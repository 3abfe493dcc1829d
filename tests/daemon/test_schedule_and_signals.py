"""The sweep, the wake, and the signals: what calls whom, and when it ends."""

from __future__ import annotations

import os
import signal
import threading
import time

from triage.daemon.schedule import Schedule
from triage.daemon.signals import requests
from triage.daemon.wake import Wake


def test_a_sweep_calls_again_and_again_and_can_be_taken_off() -> None:
    schedule = Schedule()
    calls = threading.Semaphore(0)
    schedule.every(1, "sweep", calls.release)
    schedule.every(3600, "other", calls.release)
    schedule.start()
    try:
        assert calls.acquire(timeout=30) and calls.acquire(timeout=30)
        assert schedule.names() == ("other", "sweep")
        schedule.no_longer("sweep")
        schedule.no_longer("sweep")
        assert schedule.names() == ("other",)
    finally:
        schedule.stop()


def test_a_sweep_of_the_same_name_is_replaced() -> None:
    schedule = Schedule()
    schedule.start()
    schedule.every(3600, "sweep", lambda: None)
    schedule.every(1800, "sweep", lambda: None)
    assert schedule.names() == ("sweep",)
    schedule.stop()
    schedule.stop()


def test_a_wake_stays_set_until_it_is_cleared() -> None:
    wake = Wake()
    assert not wake.wait(0)
    for _ in range(100_000):
        wake.set()  # more often than a socket has room for
    assert wake.wait(0) and wake.wait(0)
    wake.clear()
    assert not wake.wait(0)
    threading.Timer(0.01, wake.set).start()
    assert wake.wait(30)
    wake.close()
    wake.set()


def test_signals_become_requests_in_order() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with requests() as wanted:
        os.kill(os.getpid(), signal.SIGHUP)
        assert wanted.get(timeout=30) == "reload"
        os.kill(os.getpid(), signal.SIGTERM)
        assert wanted.get(timeout=30) == "stop"
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_interrupts_the_waiting_for_requests() -> None:
    with requests() as wanted:
        started = time.monotonic()
        timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGTERM))
        timer.start()
        assert wanted.get() == "stop"
        assert time.monotonic() - started < 30
