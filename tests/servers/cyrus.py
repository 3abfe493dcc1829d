"""A private Cyrus IMAP server, from Debian's packages as ``make servers`` unpacked them.

Turns its root into two ports on loopback with the same users: one that names folders as
Debian's config does (prefix ``INBOX.``, separator ``.``), one as Cyrus itself would since
version 3 (no prefix, ``/``). Users are made one by one, each with an empty INBOX.
"""

from __future__ import annotations

import os
from itertools import count

from servers.rooted import NOBODY, Root, free_port, missing

__all__ = ["Cyrus", "missing", "start"]

# As Debian's /etc/imapd.conf has it, but for where the passwords are.
_IMAPD = """\
configdirectory: /var/lib/cyrus
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
defaultpartition: default
partition-default: /var/spool/cyrus/mail
altnamespace: {altnamespace}
unixhierarchysep: {unixhierarchysep}
allowanonymouslogin: no
autocreate_quota: 0
umask: 077
hashimapspool: true
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_mech_list: PLAIN
sasl_sasldb_path: /etc/sasldb2
sasl_auto_transition: no
idlesocket: /run/cyrus/socket/idle
syslog_prefix: cyrus
servername: localhost
"""
_SERVICES = """\
START {{
  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -r"
}}
SERVICES {{
  imap cmd="/usr/lib/cyrus/bin/imapd" listen="127.0.0.1:{port}" prefork=1 maxchild=200
  alt cmd="/usr/lib/cyrus/bin/imapd -C /etc/alt.conf" listen="127.0.0.1:{alt}" prefork=1 maxchild=200
}}
EVENTS {{
}}
DAEMON {{
  idled cmd="/usr/lib/cyrus/bin/idled"
}}
"""


class Cyrus:
    """A running Cyrus. ``port`` names folders ``INBOX.a.b``, ``alt_port`` ``a/b``."""

    def __init__(self, root: Root, password: str) -> None:
        self.port, self.alt_port = free_port(), free_port()
        self._root, self._password = root, password
        self._numbers = count(1)

    def new_user(self) -> str:
        """A user whose mailbox nobody has touched yet."""
        name = f"reader{next(self._numbers)}"
        self._root.run(
            "/usr/sbin/saslpasswd2", "-p", "-c", "-f", "/etc/sasldb2", "-u", "localhost", name,
            entered=self._password,
        )  # fmt: skip
        os.chown(self._root.path / "etc/sasldb2", NOBODY, NOBODY)
        return name

    def stop(self) -> None:
        self._root.end()


def start(password: str) -> Cyrus:
    """All its users have this password."""
    root = Root("cyrus")
    server = Cyrus(root, password)
    root.give("run/cyrus/socket", "run/cyrus/proc", "run/cyrus/lock", "run/cyrus")
    root.give("var/lib/cyrus", "var/lib/cyrus/socket", "var/spool/cyrus/mail")
    root.write("etc/imapd.conf", _IMAPD.format(altnamespace="no", unixhierarchysep="no"))
    root.write("etc/alt.conf", _IMAPD.format(altnamespace="yes", unixhierarchysep="yes"))
    root.write("etc/cyrus.conf", _SERVICES.format(port=server.port, alt=server.alt_port))
    # Cyrus does not start without time zones, though only its calendars use them.
    root.write("usr/share/zoneinfo/zone.tab", "GB\t+513030-0000731\tEurope/London\n")
    root.start(
        "/usr/lib/cyrus/bin/master", "-D", "-p", "/run/master.pid",
        environment={"LD_PRELOAD": "libeatmydata.so"},  # its mail need not outlive a power cut
    )  # fmt: skip
    root.await_greeting(server.port)
    root.await_greeting(server.alt_port)
    return server
