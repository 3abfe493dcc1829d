"""How the command starts and ends: at once, without spaCy, and never with a traceback."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run, spawn
from triage import __version__
from triage.cli import main
from triage.cli.parser import COMMANDS

HEAVY = ("spacy", "numpy", "imapclient", "apscheduler", "mailparser", "pymap", "sqlite3")


def test_help_answers_at_once_and_loads_nothing() -> None:
    code = (
        "import json, sys\nfrom triage.cli import main\nstatus = main(['--help'])\n"
        "print(json.dumps([status, sorted(sys.modules)]), file=sys.stderr)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    status, modules = json.loads(done.stderr)
    assert status == 0
    assert not set(HEAVY) & set(modules)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert used < 0.3, f"{used:.2f} s of CPU"


def test_help_lists_every_command(triage: Run) -> None:
    told = triage("--help").out
    for name, says in COMMANDS.items():
        assert f"{name} " in told and says in told


@pytest.mark.parametrize("command", [*COMMANDS, "rules check", "rules list", "rules try"])
def test_every_command_has_help_with_an_example(triage: Run, command: str) -> None:
    told = triage(*command.split(), "--help")
    assert told.status == 0 and told.err == ""
    assert "examples:\n" in told.out and f"triage {command}" in told.out.split("examples:")[1]
    assert max(map(len, told.out.splitlines())) <= 100


def test_version_and_no_command(triage: Run) -> None:
    assert triage("--version").out == f"triage {__version__}\n"
    nothing = triage()
    assert nothing.status == 2 and "commands:" in nothing.out


def test_a_wrong_command_or_option_is_told_in_two_lines(triage: Run) -> None:
    told = triage("histroy")
    assert (told.status, told.out) == (2, "")
    assert told.err == (
        'triage: there is no "histroy". Did you mean history.\n        See triage --help.\n'
    )
    told = triage("history", "--lable", "personal")
    assert told.status == 2 and told.err.count("\n") == 2 and "--lable" in told.err


def test_config_and_debug_stand_before_or_behind_the_command(triage: Run, tmp_path: Path) -> None:
    missing = tmp_path / "x.toml"
    for argv in (("-c", missing, "history"), ("history", "-c", missing)):
        told = triage(*argv)
        assert told.status == 2 and f"{missing}: there is no config file" in told.err
        assert "triage init" in told.err and "triage demo" in told.err
    assert "Traceback" in triage("--debug", "-c", missing, "history").err


def test_the_environment_names_the_config(
    triage: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_CONFIG", str(tmp_path / "elsewhere.toml"))
    assert "elsewhere.toml: there is no config file" in triage("history").err
    monkeypatch.delenv("TRIAGE_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert f"{tmp_path}/xdg/triage/config.toml: there is no config" in triage("history").err


def test_a_mistake_of_ours_asks_for_a_report(triage: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.cli.history.settings_of", lambda args: 1 / 0)
    told = triage("history")
    assert told.status == 1 and told.err.count("\n") == 2
    assert "ZeroDivisionError" in told.err and "report" in told.err
    monkeypatch.setenv("TRIAGE_DEBUG", "1")
    assert "Traceback" in triage("history").err


def test_ctrl_c_is_130(triage: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(args: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("triage.cli.history.settings_of", stopped)
    told = triage("history")
    assert (told.status, told.err.strip()) == (130, "")


def test_a_closed_pipe_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "triage", "judge", "/nowhere.eml"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 141


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_standard_stream_is_no_error_and_its_number_goes_to_no_file(
    closed: str, tmp_path: Path
) -> None:
    command = f"{sys.executable} -m triage judge --note - {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, input=b"")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_full_disk_under_the_output_is_told() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "triage", "judge", "/nowhere.eml"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.decode().startswith("triage: output or temporary files: No space left")


def test_output_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "triage", "judge", "--json", str(tmp_path / "né.eml")]
    done = subprocess.run(command, capture_output=True, check=False, env=env)
    assert "né.eml" in done.stdout.decode("utf-8")


def test_no_colour_in_a_pipe() -> None:
    assert "\x1b" not in spawn("judge", "/nowhere.eml").out


def test_main_takes_its_arguments_from_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["triage", "--version"])
    assert main() == 0
