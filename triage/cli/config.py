"""Arguments and environment to Settings: which config file counts, and what it says.

May not connect, or read the password: the mailbox does that.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from triage.errors import UserError
from triage.settings import (
    AccountSettings,
    Settings,
    default_path,
    default_settings,
    load_settings,
)


def config_path(args: argparse.Namespace) -> tuple[Path, bool]:
    """The config file that counts, and whether the user named it."""
    named = args.config or os.environ.get("TRIAGE_CONFIG")
    return (Path(named).expanduser(), True) if named else (default_path(os.environ), False)


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings; an error where there is no config."""
    return load_settings(config_path(args)[0])


def settings_if_any(args: argparse.Namespace) -> Settings | None:
    """The settings; None where the user named no config and there is none."""
    path, named = config_path(args)
    return load_settings(path) if named or path.exists() else None


def settings_with_rules(args: argparse.Namespace) -> Settings | None:
    """As ``settings_if_any``, with the rule folder of --rules where that is given."""
    settings = settings_if_any(args)
    if args.rules is None:
        return settings
    folder = Path(args.rules)
    if not folder.is_dir():
        raise UserError("there is no such folder", where=args.rules, now="Name a rule folder.")
    return replace(settings or default_settings(folder), rules_folder=folder.absolute())


def accounts_of(settings: Settings, name: str | None = None) -> tuple[AccountSettings, ...]:
    """All accounts, or the one of that name; an error where there is none."""
    if not settings.accounts:
        raise UserError(
            "no account is named",
            where=str(settings.file),
            now="Add [accounts.main] (see config.example.toml), or run triage init.",
        )
    found = tuple(a for a in settings.accounts if name in (None, a.name))
    if not found:
        known = ", ".join(account.name for account in settings.accounts)
        raise UserError(
            f'no account is called "{name}"', where=str(settings.file), now=f"Choose {known}."
        )
    return found
