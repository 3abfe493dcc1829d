"""`triage init`: a few answers to a config.toml that is known to work.

Asks, or takes options; tests the login; looks which server's word stands on nearly all
recent mail; writes the config (mode 0600) and an empty rules folder. May not write over a
config without --force, nor put a password into it.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from triage import settings_schema as schema
from triage.cli import parser as arguments
from triage.cli import prompts
from triage.cli.config import config_path
from triage.cli.config_text import Answers, config_text
from triage.errors import TriageError, UserError
from triage.loopback import is_loopback
from triage.settings import AccountSettings, load_settings

if TYPE_CHECKING:
    from triage.mailbox.types import Reader

RECENT = 60  # mails whose Authentication-Results are looked at
_PORTS = {"tls": 993, "starttls": 143, "none": 143}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage init` takes."""
    arguments.describe(
        parser,
        "Ask for server and user, test the login, write config.toml and a rules folder.\n"
        "What an option answers is not asked.",
        (
            "triage init",
            'triage init --user dave@example.org --password-command "pass show imap"',
            "triage init --user dave --host imap.example.org --keyring",
        ),
    )
    parser.add_argument("--user", help="what the server wants as login name")
    parser.add_argument("--host", help="the IMAP server")
    parser.add_argument("--port", type=int, help="993 for tls, 143 else")
    parser.add_argument("--security", choices=tuple(_PORTS), default="tls")
    parser.add_argument("--ca-file", metavar="PEM", help="trust this certificate")
    password = parser.add_mutually_exclusive_group()
    password.add_argument("--password-command", metavar="CMD", help="prints the password")
    password.add_argument("--password-env", metavar="NAME", help="a variable that holds it")
    password.add_argument("--password-file", metavar="FILE", help="a file that holds it")
    password.add_argument("--keyring", action="store_true", help="it is in the keyring")
    parser.add_argument("--no-test", action="store_true", help="do not try the login")
    parser.add_argument("--force", action="store_true", help="write over an older config")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask, test, write, and say what to type next."""
    path, _ = config_path(args)
    if path.exists() and not args.force:
        now = "Edit it, or write over it with --force."
        raise UserError("there is a config already", where=str(path), now=now)
    answers = _answers(args, path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    try:
        _write(draft, config_text(answers))
        if not args.no_test:
            answers = replace(answers, authserv_ids=_test(load_settings(draft).accounts[0]))
            _write(draft, config_text(answers))
        rules = load_settings(draft).rules_folder
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    rules.mkdir(exist_ok=True)
    print(f"\nWritten: {path}\n         {rules}/ (empty: your own rules go here)")
    print("\nNext:  triage doctor   is everything as it should be?")
    print("       triage plan     what would be filed, changing nothing")
    print("       triage run      watch the mailbox and file")
    return 0


def _answers(args: argparse.Namespace, folder: Path) -> Answers:
    user = args.user or prompts.asked("Address or login name", "--user", fit=schema.printable)
    host = args.host or prompts.asked(
        "IMAP server", "--host", prompts.provider_of(user), fit=schema.word
    )
    for option, value, fit in (("--user", user, schema.printable), ("--host", host, schema.word)):
        if fault := fit(value):
            raise UserError(fault[0], where=option, now=fault[1])
    if args.security == "none" and not is_loopback(host):
        now = "Use tls or starttls; none is only for this machine."
        raise UserError("the password would travel unencrypted", where="--security", now=now)
    ca_file = str(Path(args.ca_file).absolute()) if args.ca_file else None
    if ca_file and not Path(ca_file).is_file():
        raise UserError("there is no such file", where=ca_file, now="Name a PEM file.")
    port = args.port or _PORTS[args.security]
    return Answers(host, user, _password(args, folder), args.security, port, ca_file)


def _password(args: argparse.Namespace, folder: Path) -> tuple[str, str | bool]:
    given = {
        "command": args.password_command,
        "env": args.password_env,
        "file": args.password_file and str(Path(args.password_file).absolute()),
        "keyring": args.keyring,
    }
    for kind, value in given.items():
        if value:
            return kind, value
    prompts.need_terminal("--password-command")
    print("Where is the password?  1 a command prints it   2 an environment variable")
    print("                        3 a file: type it now    4 the desktop keyring")
    choice = prompts.asked("1, 2, 3 or 4", "--password-command", "3", _one_of_four)
    if choice == "1":
        return "command", prompts.asked("Command", "--password-command", "pass show imap")
    if choice == "2":
        return "env", prompts.asked("Variable", "--password-env", "TRIAGE_PASSWORD", schema.word)
    if choice == "4":
        return "keyring", True
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "imap-password"
    _write(file, prompts.secret("Password (not shown)") + "\n")
    print(f"  Kept in {file}, which only you can read.")
    return "file", file.name


def _one_of_four(text: str) -> tuple[str, str] | None:
    return None if text in ("1", "2", "3", "4") else ("is none of the four", "Type one digit.")


def _test(account: AccountSettings) -> tuple[str, ...]:
    """Log in and look around; the authserv-ids that may be trusted."""
    from triage.daemon.accounts import login_of
    from triage.mailbox.connect import connect_reader

    with connect_reader(login_of(account)) as reader:
        print(f"Logged in to {account.host}: {len(reader.folders())} folders.")
        try:
            name = authserv_id(reader, account.folders[0])
        except TriageError:
            return ()
    if name is None:
        print("No server's word stands on nearly all recent mail: [trust] stays empty.")
        return ()
    question = f"{name} wrote Authentication-Results on nearly all recent mail. Trust its word?"
    return (name,) if prompts.agreed(question) else ()


def authserv_id(reader: Reader, folder: str) -> str | None:
    """The first word of the topmost Authentication-Results, if nearly all recent mail has
    the same one there: then it is the receiving server's, and no sender brought it."""
    from triage.identity import header_fields
    from triage.mailbox.types import Criteria

    after = max(0, reader.open(folder).uidnext - 1 - RECENT * 5)
    recent = reader.search(folder, Criteria(headers=(("Date", ""),)), after)[-RECENT:]
    found: Counter[str] = Counter()
    for message in reader.fetch(folder, recent):
        for name, value in header_fields(message.content):
            if name == "authentication-results":
                words = value.decode("ascii", "replace").split(";")[0].split()
                found.update(words[:1])
                break
    name, count = found.most_common(1)[0] if found else ("", 0)
    return name if len(recent) >= 5 and count >= 0.8 * len(recent) else None


def _write(path: Path, text: str) -> None:
    """Only the user may read it, from the first byte on."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
