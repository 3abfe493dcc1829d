"""The list of commands to an argument parser that imports a command only when it is used.

Each command is a module of this folder with ``configure(parser)``, which adds its
arguments and sets ``run``. May not import any of them by itself.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

# command: (what it does, in the order that a new user meets them)
COMMANDS: dict[str, str] = {
    "demo": "watch it work on a mailbox of its own, on this machine",
    "init": "ask for server and user, test the login, write config.toml",
    "login": "log in at Google, Microsoft or another provider by OAuth2",
    "doctor": "check everything that it needs, and say what to mend",
    "plan": "show what a pass would do, changing nothing",
    "run": "watch the mailbox and file invitations (--once: one pass)",
    "status": "whether it watches, what it last saw and did, what stands still",
    "approve": "let a pass go on that would move unusually many",
    "history": "what was decided and done",
    "explain": "why: the note with its evidence underlined, and the sum",
    "undo": "put messages back as they were",
    "backup": "copy the journal to a file, or put such a copy back",
    "judge": "verdicts on .eml files, folders, mbox, Maildir or bare notes",
    "rules": "check, list and try the rules",
}
# argparse words it so in 3.11 and without the quotes later.
_CHOICE = re.compile(r"invalid choice: '(.*)' \(choose from (.*)\)")
_MODULES = {"init": "setup", "judge": "judge_mail", "rules": "rule_files", "run": "pass_once"}


class CommandParser(argparse.ArgumentParser):
    """A parser whose arguments are added when the command turns out to be meant."""

    command: str = ""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self.command:
            command, self.command = self.command, ""
            module = importlib.import_module(f"triage.cli.{_MODULES.get(command, command)}")
            module.configure(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        if found := _CHOICE.search(message):
            known = found[2].replace("'", "").split(", ")
            guess = difflib.get_close_matches(found[1], known, n=1)
            now = f"Did you mean {guess[0]}" if guess else f"Choose {', '.join(known)}"
            message = f'there is no "{found[1]}". {now}'
        print(f"triage: {message}.\n        See {self.prog} --help.", file=sys.stderr)
        sys.exit(2)


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    from triage import __version__

    width = max(len(name) for name in COMMANDS) + 2
    listed = "\n".join(f"  {name:<{width}}{says}" for name, says in COMMANDS.items())
    parser = CommandParser(
        prog="triage",
        usage="triage [-c CONFIG] COMMAND …",
        description="Finds the connection invitations in a mailbox, tells the real notes from "
        f"the rest,\nand files both, reversibly.\n\ncommands:\n{listed}",
        epilog="examples:\n  triage demo\n  triage judge --json mail/\n  triage run --once\n\n"
        "Each command explains itself: triage COMMAND --help.\n"
        "Exit status: 0 done, 1 the world's fault (server, disk), 2 yours (config, rules, "
        "arguments).",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"triage {__version__}")
    add_common(parser, top=True)
    commands = parser.add_subparsers(
        dest="command", help=argparse.SUPPRESS, metavar="", parser_class=CommandParser
    )
    for name in COMMANDS:
        command: CommandParser = commands.add_parser(
            name, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        command.command = name
        command.prog = f"triage {name}"
    return parser


def add_common(parser: argparse.ArgumentParser, top: bool = False) -> None:
    """The options that stand before the command or behind it alike."""
    absent = None if top else argparse.SUPPRESS
    parser.add_argument(
        "-c",
        "--config",
        metavar="FILE",
        default=absent,
        help="the config file (else $TRIAGE_CONFIG, else ~/.config/triage/config.toml)",
    )
    parser.add_argument(
        "--debug",
        action="store_true",
        default=False if top else absent,
        help="show the traceback of an error",
    )


def describe(parser: argparse.ArgumentParser, what: str, examples: Sequence[str]) -> None:
    """Give a command's help its first words and its examples."""
    parser.description = what
    parser.epilog = "examples:\n" + "\n".join(f"  {example}" for example in examples)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_common(parser)
