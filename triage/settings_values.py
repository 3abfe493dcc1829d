"""What config.toml says, as frozen values that the daemon and the commands are handed.

Imports no more than the values of the bottom floor; ``settings.py`` makes these out of the
file. May not read anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from triage.preferences import Costs, Me, Routes, Trust

KEEP_DAYS = 730.0  # two years; 0 keeps everything

PasswordKind = Literal["command", "env", "file", "keyring"]


@dataclass(frozen=True)
class PasswordSetting:
    """Where the password is kept; ``value`` is the command, the name of the variable, the
    absolute path, or "" for the keyring."""

    kind: PasswordKind
    value: str


@dataclass(frozen=True)
class OauthSetting:
    """An OAuth2 login in place of a password. ``provider`` "command": ``command`` prints
    the access token, and no more counts. "" is what the config does not say; URLs and
    scopes then are those of the provider. ``token`` is where the tokens are kept: a file,
    by its absolute path, or the keyring. ``lock`` is held by whoever renews them."""

    provider: Literal["google", "microsoft", "other", "command"]
    command: str = ""
    client_id: str = ""
    client_secret: PasswordSetting | None = None
    secret_text: str = field(default="", repr=False)
    flow: Literal["device", "loopback"] = "loopback"
    token: PasswordSetting = PasswordSetting("keyring", "")
    lock: Path = Path()
    tenant: str = ""
    authority: str = ""
    auth_url: str = ""
    token_url: str = ""
    device_url: str = ""
    scopes: tuple[str, ...] = ()
    ca_file: str | None = None


@dataclass(frozen=True)
class AccountSettings:
    """One mailbox: how to reach it, what to watch in it, how often. One of ``password``
    and ``oauth`` is there, and only one."""

    name: str
    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    user: str
    password: PasswordSetting | None
    folders: tuple[str, ...] = ("INBOX",)
    watch: Literal["idle", "poll"] = "idle"
    poll_minutes: float = 5.0
    ca_file: str | None = None
    timeout_seconds: float = 60.0
    oauth: OauthSetting | None = None
    prove_minutes: float = 4.0
    connections: int = 3

    @property
    def watched_folders(self) -> tuple[str, ...]:
        """Those in which the server is asked to tell of new mail; the others are swept."""
        return self.folders[: self.connections] if self.watch == "idle" else ()


@dataclass(frozen=True)
class Settings:
    """Everything that the config says; ``file`` is where it said so. All paths are
    absolute, relative ones having been taken from the folder of the config file."""

    file: Path
    accounts: tuple[AccountSettings, ...]
    trust: Trust
    routes: Routes
    me: Me
    costs: Costs
    rules_folder: Path
    state_file: Path
    max_moves: int
    metrics_port: int | None = None
    keep_days: float = KEEP_DAYS


def default_settings(folder: Path) -> Settings:
    """What counts where there is no config: nothing about the user, all as shipped, files
    in ``folder``."""
    return Settings(
        file=folder / "config.toml",
        accounts=(),
        trust=Trust(),
        routes=Routes(),
        me=Me(),
        costs=Costs(),
        rules_folder=folder / "rules",
        state_file=folder / "triage.db",
        max_moves=500,
    )
