"""A private Courier IMAP server, from Debian's packages as ``make servers`` unpacked them.

Turns its root into a port on loopback. The settings are those of Debian's
``/etc/courier/imapd``, but for the number of connections and how often IDLE looks.
"""

from __future__ import annotations

import os
import shlex
from itertools import count

from servers.rooted import NOBODY, Root, free_port, missing

__all__ = ["Courier", "missing", "start"]

_USERS = 400
_LOGINS = """\
authmodulelist="authuserdb"
authmodulelistorig="authuserdb"
daemons=2
authdaemonvar=/run/courier/authdaemon
"""
_LISTEN = ("-address=127.0.0.1", "-maxprocs=200", "-maxperip=200", "-nodnslookup")


class Courier:
    """A running Courier."""

    def __init__(self, root: Root) -> None:
        self.port = free_port()
        self._root = root
        self._numbers = count(1)

    def new_user(self) -> str:
        """A user whose mailbox nobody has touched yet."""
        name = f"reader{next(self._numbers)}"
        home = f"home/{name}"
        self._root.give(home, *(f"{home}/Maildir{part}" for part in ("", "/cur", "/new", "/tmp")))
        return name

    def stop(self) -> None:
        self._root.end()


def start(password: str) -> Courier:
    """All its users have this password."""
    root = Root("courier")
    server = Courier(root)
    root.give("run/courier/authdaemon", "home")
    _write_users(root, password)
    root.write("etc/courier/authdaemonrc", _LOGINS)
    root.start("/usr/lib/courier/courier-authlib/authdaemond")
    settings = _shipped_settings(root) | {
        "IMAP_IDLE_TIMEOUT": "2",  # seconds between two looks; shipped: 60
        "GAM_CLIENT_ID": root.path.name,  # a gam_server of its own: they meet by name, not path
    }
    root.start(
        "/usr/sbin/couriertcpd", *_LISTEN, "-noidentlookup", str(server.port),
        "/usr/lib/courier/courier/imaplogin", "/usr/bin/imapd", "Maildir",
        environment=settings,
    )  # fmt: skip
    root.await_greeting(server.port)
    return server


def _write_users(root: Root, password: str) -> None:
    """The userdb, as ``makeuserdb`` (perl) would write it."""
    secret = root.run("/usr/sbin/userdbpw", entered=f"{password}\n").strip()
    names = [f"reader{number}" for number in range(1, _USERS + 1)]
    who = "".join(f"{one}\tuid={NOBODY}|gid={NOBODY}|home=/home/{one}|_=\n" for one in names)
    secrets = "".join(f"{one}\tsystempw={secret}\n" for one in names)
    for file, lines in (("userdb", who), ("userdbshadow", secrets)):
        written = (f"/etc/courier/{file}.tmp", f"/etc/courier/{file}.dat")
        root.run(
            "/usr/lib/courier/courier-authlib/makedatprog", "-", *written,
            entered=f"{lines}\n.\n",
        )  # fmt: skip


def _shipped_settings(root: Root) -> dict[str, str]:
    """Debian's own: shell assignments, some of which name earlier ones."""
    found: dict[str, str] = {}
    for line in (root.path / "etc/courier/imapd").read_text("utf-8").splitlines():
        name, assigned, value = line.partition("=")
        if assigned and name.replace("_", "").isalnum():
            plain = " ".join(shlex.split(value))
            found[name] = os.path.expandvars(_filled(plain, found))
    return found


def _filled(value: str, earlier: dict[str, str]) -> str:
    for name, before in sorted(earlier.items(), reverse=True):
        value = value.replace(f"${name}", before)
    return value
