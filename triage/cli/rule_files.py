"""`triage rules`: the rule files to their faults, their list, or a verdict on one text.

`check` finds what loading finds, and runs every rule's own examples. May not change a rule
or touch a mailbox.
"""

from __future__ import annotations

import argparse
from typing import Any

from triage.cli import parser as arguments
from triage.cli import records, screen
from triage.cli.config import settings_with_rules
from triage.cli.rule_try import run_try
from triage.errors import RulesError, UserError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what `triage rules` takes."""
    arguments.describe(
        parser,
        "The rules that decide: the shipped ones with yours laid over them.\n"
        "How to write one stands in rules/README.md.",
        (
            "triage rules check",
            "triage rules list personal",
            'triage rules try "Joe Marsh told me to write."',
        ),
    )
    commands = parser.add_subparsers(metavar="check | list | try", required=True)
    check = commands.add_parser("check", help="all faults of all rule files; runs their examples")
    arguments.describe(
        check,
        "Read all rule files, compile every phrase, run every example. Exit status 2 if\n"
        "there is a fault; each is told with file, line, rule and remedy.",
        ("triage rules check", "triage rules check --rules ./my-rules"),
    )
    listed = commands.add_parser("list", help="all rules, or those whose id begins with a word")
    arguments.describe(
        listed,
        "What each rule says, which way it points, and by how many bits.",
        ("triage rules list", "triage rules list personal.", "triage rules list --json"),
    )
    listed.add_argument("prefix", nargs="?", default="", help="the beginning of the ids")
    listed.add_argument("--json", action="store_true", help="one JSON object a line")
    tried = commands.add_parser("try", help="one text against the rules")
    arguments.describe(
        tried,
        "Judge a text as if it were a note, and show the sum, then the rules that nearly\n"
        "matched and what each of them missed.",
        ('triage rules try "I heard you speak at the Blog Business Summit."',),
    )
    tried.add_argument("text", help="the note")
    tried.add_argument("--json", action="store_true", help="one JSON object")
    for command, function in ((check, run_check), (listed, run_list), (tried, run_try)):
        command.add_argument("--rules", metavar="FOLDER", help="instead of the config's folder")
        command.set_defaults(run=function)


def run_check(args: argparse.Namespace) -> int:
    """Tell all faults; none: say what was found sound."""
    from triage.cli.rule_faults import rules_and_faults

    book, faults = rules_and_faults(settings_with_rules(args))
    if faults:
        raise RulesError(faults)
    print(
        f"All rules are sound: {len(book.platforms)} platforms, {len(book.boilerplate)} default "
        f"texts, {len(book.evidence)} pieces of evidence, every example as it says."
    )
    return 0


def run_list(args: argparse.Namespace) -> int:
    """List platforms, default texts and evidence."""
    from triage.rulebook import load_rulebook

    settings = settings_with_rules(args)
    book = load_rulebook(settings.rules_folder if settings else None)
    rows = [row for row in _rows(book) if row["rule"].startswith(args.prefix)]
    if not rows:
        now = "triage rules list shows all."
        raise UserError(f'no rule begins with "{args.prefix}"', where="rules", now=now)
    if args.json:
        for row in rows:
            print(records.line(row))
        return 0
    table = [(row["rule"], row["points_to"], _bits(row["bits"]), row["says"]) for row in rows]
    screen.print_table(("rule", "points to", "bits", "says"), table)
    return 0


def _rows(book: Any) -> list[records.Record]:
    platforms = [_row(one.id, "platform", None, "how its mails are read") for one in book.platforms]
    texts = [_row(one.id, "boilerplate", None, "a default text") for one in book.boilerplate]
    evidence = [_row(one.id, one.points_to, one.bits, one.says) for one in book.evidence]
    return platforms + texts + evidence


def _bits(bits: float | None) -> str:
    return "" if bits is None else f"{bits:.1f}"


def _row(rule: str, points_to: str, bits: float | None, says: str) -> records.Record:
    return {"rule": rule, "points_to": points_to, "bits": bits, "says": says}
