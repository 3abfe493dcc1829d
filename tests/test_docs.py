"""Every command and every config in README.md is run or loaded, so that none goes stale."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from triage.cli import main
from triage.cli.parser import COMMANDS, build_parser
from triage.settings import load_settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def lines() -> list[str]:
    """The lines of the console blocks in which triage itself is run."""
    found = [line for block in blocks("console") for line in re.findall(r"^\$ (.*)$", block, re.M)]
    return [line for line in found if "triage" in shlex.split(line, comments=True)]


def commands() -> list[list[str]]:
    """The words behind `triage` in each of these lines."""
    found = []
    for line in lines():
        words = shlex.split(line, comments=True)
        rest = words[words.index("triage") + 1 :]
        found.append(rest[: next((n for n, w in enumerate(rest) if w in (">", "|")), len(rest))])
    return found


def test_there_is_something_to_check() -> None:
    assert len(commands()) >= 15 and len(blocks("toml")) >= 3


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_understood(words: list[str]) -> None:
    args = build_parser().parse_args(words)
    assert isinstance(args, argparse.Namespace) and callable(args.run)


def test_every_command_does_what_it_is_shown_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: None
) -> None:
    """All of them, in order, in a home with a mailbox of sample mail. Slow, since each judges
    or checks something; those with a pipe by a shell, which loads the model anew for each."""
    from triage.demo import demo, server

    mails = demo.sample_mails()
    (tmp_path / "mail").mkdir()
    for number, mail in enumerate(mails):
        (tmp_path / "mail" / f"{number}.eml").write_bytes(mail.content)
    (tmp_path / "invitation.eml").write_bytes(mails[0].content)
    program = tmp_path / "bin" / "triage"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m triage "$@"\n')
    program.chmod(0o755)
    with server.start({"INBOX": mails}, demo.USER, demo.PASSWORD) as running:
        config = demo.CONFIG.format(host=running.host, port=running.port, user=demo.USER)
        (tmp_path / "config.toml").write_text(config)
        (tmp_path / "password").touch(mode=0o600)
        (tmp_path / "password").write_text(demo.PASSWORD)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("TRIAGE_CONFIG", str(tmp_path / "config.toml"))
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        for line in lines():
            words = shlex.split(line, comments=True)
            if words == ["triage", "run"]:
                continue  # it does not end; tests/daemon has it
            if not {"|", ">"} & set(words):
                assert main(words[1:]) == 0, line
                continue
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", line],
                capture_output=True,
                check=False,
                timeout=240,
            )
            assert done.returncode == 0, (line, done.stdout.decode(), done.stderr.decode())


def test_every_command_is_shown() -> None:
    shown = {words[0] for words in commands()} | set(re.findall(r"`triage (\w+)", README))
    shown |= set(re.findall(r"^ +make (demo)", README, re.M))
    assert set(COMMANDS) - shown == set()


@pytest.mark.parametrize("text", blocks("toml"))
def test_every_config_loads(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(text, "utf-8")
    load_settings(tmp_path / "config.toml")


def test_the_first_screen_says_how_to_see_it_work_and_to_test_it() -> None:
    first = "\n".join(README.splitlines()[:24])
    for words in ("make demo", "make test", ".ci/run", "IMAP"):
        assert words in first


def test_every_file_that_is_linked_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_every_file_and_target_that_is_named_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^ +make (\w+)", README, re.M):
        assert re.search(rf"^{target}:", makefile, re.M)
    assert (ROOT / ".ci" / "run").is_file()
