"""`triage doctor`: everything that could be wrong, each with ok or what to do.

Goes on after a failure as far as it can, so that one visit finds everything. May not change
the mailbox, the config or the rules.
"""

from __future__ import annotations

import argparse
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from triage.clean import shown
from triage.cli import parser as arguments
from triage.cli import screen
from triage.cli.config import accounts_of, config_path
from triage.cli.doctor_account import Finding, login_findings, server_findings
from triage.errors import FaultsError, RulesError, TriageError
from triage.model import Invitation
from triage.settings import Settings, load_settings

if TYPE_CHECKING:
    from triage.daemon.desk import Language

REMEMBERED = timedelta(days=30)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage doctor` takes."""
    arguments.describe(
        parser,
        "Look at config, rules, language model, state file, login, folders and capabilities.\n"
        "Changes nothing. The exit status is that of the first thing that has to be mended: 2 for\n"
        "config and rules, 1 for server and disk.",
        ("triage doctor", "triage -c other.toml doctor", "triage doctor --offline"),
    )
    parser.add_argument("--offline", action="store_true", help="do not connect to the server")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print every finding as it comes."""
    failed = status = 0
    for finding in findings(args):
        if finding.state == "fail":
            failed += 1
            status = status or finding.status
        colour = {"ok": "green", "note": "yellow", "fail": "red"}[finding.state]
        mark = screen.painted(f"{finding.state:<5}", colour)
        print(f"{mark} {finding.about:<12} {shown(finding.what, 1000, lines=False)}", flush=True)
        if finding.now:
            print(f"{'':18} {shown(finding.now, 1000, lines=False)}")
    print(f"\n{failed} to mend." if failed else "\nAll is well.")
    return status


def findings(args: argparse.Namespace) -> Iterator[Finding]:
    """Everything that was looked at, in the order in which a person would mend it."""
    settings: Settings | None = None
    try:
        settings = load_settings(config_path(args)[0])
        yield from _config(settings)
    except TriageError as error:
        yield from _failures("config", error)
    language, model = _model()
    yield model
    yield from _guarded("rules", lambda: _rules(settings, language))
    if settings is None:
        return
    yield from _guarded("state file", lambda: _state(settings))
    for account in settings.accounts:
        yield from _guarded(account.name, partial(login_findings, account))
    if args.offline:
        yield Finding("server", "note", "not looked at (--offline)")
        return
    for account in settings.accounts:
        yield from _guarded(account.name, partial(server_findings, account, settings))


def _guarded(about: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except TriageError as error:
        yield from _failures(about, error)


def _failures(about: str, error: TriageError) -> Iterator[Finding]:
    if isinstance(error, FaultsError):
        for fault in error.faults:
            yield Finding(about, "fail", str(fault), status=error.exit_code)
        return
    what = f"{error.where}: {error.what}" if error.where else error.what
    yield Finding(about, "fail", what, error.now, error.exit_code)


def _config(settings: Settings) -> Iterator[Finding]:
    count = len(accounts_of(settings))
    yield Finding("config", "ok", f"{settings.file}, {count} account{'s' * (count != 1)}")
    if stat.S_IMODE(settings.file.stat().st_mode) & 0o022:
        now = f"chmod 600 {settings.file}"
        yield Finding("config", "fail", "others can change it, and it names commands", now, 2)
    if settings.metrics_port and find_spec("prometheus_client") is None:
        now = "pip install 'invitation-triage[metrics]', or take [metrics] port out."
        yield Finding("metrics", "fail", "the package prometheus-client is not there", now, 2)
    if not settings.trust.authserv_ids:
        now = "Name your server in [trust] authserv_ids: see the top of a mail's source."
        yield Finding("trust", "note", "no server's word counts: no mail is called genuine", now)
    if not settings.me.names:
        now = "Fill in [me]: what you share with an inviter is the best evidence."
        yield Finding("me", "note", "nothing is known about you", now)


def _model() -> tuple[Language | None, Finding]:
    from triage.daemon.desk import Language
    from triage.language import load_detector, load_model

    try:
        nlp = load_model()
    except TriageError as error:
        return None, next(_failures("model", error))
    name = f"{nlp.meta.get('lang', '')}_{nlp.meta.get('name', '')} {nlp.meta.get('version', '')}"
    return Language(nlp, load_detector()), Finding("model", "ok", name)


def _rules(settings: Settings | None, language: Language | None) -> Iterator[Finding]:
    from triage.cli.rule_faults import rules_and_faults

    book, faults = rules_and_faults(settings, language.nlp if language else None)
    if faults:
        raise RulesError(faults)
    count = len(book.platforms) + len(book.boilerplate) + len(book.evidence)
    yours = "no rules of your own"
    if settings and settings.rules_folder.is_dir():
        yours = f"yours from {settings.rules_folder}"
    yield Finding("rules", "ok", f"{count} rules, every example as it says; {yours}")


def _state(settings: Settings) -> Iterator[Finding]:
    from triage.memory import holder, open_memory

    path = settings.state_file
    if not path.exists():
        if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
            now = "Create that folder, or name another in [state] file."
            yield Finding("state file", "fail", f"{path.parent} cannot be written to", now)
            return
        yield Finding("state file", "ok", f"{path}, written when the first mail is filed")
        return
    with open_memory(path) as memory:
        running = holder(path)
        told = f"; process {running} runs" if running else ""
        yield Finding("state file", "ok", f"{path}{told}")
        yield from _running(settings)
        lately = memory.journal.since(datetime.now().astimezone() - REMEMBERED)
        for approval in memory.approvals.all():
            if approval.granted is None:
                what = f"{approval.account} waits to move {approval.moves} messages"
                yield Finding("guard", "note", what, "Look with triage plan, then triage approve.")
    unreadable = Counter(
        f"{entry.reading.platform} {entry.reading.template or ''}".strip()
        for entry in lately
        if isinstance(entry.reading, Invitation) and not entry.reading.readable
    )
    for template, count in unreadable.most_common(10):
        what = f"{template}: {count} recognised but not readable in 30 days, so unsure"
        yield Finding("templates", "note", what, "The platform changed its mail: update the rules.")
    if not unreadable:
        yield Finding("templates", "ok", "every mail that was recognised could be read")
    if stuck := sum(entry.state in ("FAILED", "INTENDED") for entry in lately):
        what = f"{stuck} lines of the journal are not done"
        yield Finding("journal", "note", what, "triage history shows why.")


def _running(settings: Settings) -> Iterator[Finding]:
    """What the running daemon says of its accounts."""
    from triage.daemon.status import status_of

    status = status_of(settings, datetime.now().astimezone())
    if status.since is None:
        return
    for one in status.accounts:
        if one.why:
            yield Finding(one.account, "note", f"the running daemon says: {one.why}", one.now)
        for folder in one.folders:
            if folder.why:
                what = f"folder {folder.folder}: {folder.why}"
                yield Finding(one.account, "note", what, folder.now)
    if status.rule_faults:
        now = "triage rules check tells which."
        yield Finding("rules", "note", "the running daemon keeps older, sound rules", now)
