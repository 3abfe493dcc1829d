"""A private Dovecot: its own folder, ports, certificate and users, no trace outside.

Runs as root or as any user. Each user's mail is a Maildir that tests may read. Serves
IMAP in plain (with STARTTLS) and over TLS on loopback.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from servers import certificates

BINARY = shutil.which("dovecot") or "/usr/sbin/dovecot"
_START_SECONDS = 20.0

_CONFIG = """
base_dir = {run}
state_dir = {run}
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
{identity}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = {disable_plaintext}
auth_mechanisms = plain login
auth_username_chars =
mail_location = maildir:{folder}/mail/%u{layout}
mail_max_userip_connections = 100
maildir_stat_dirs = no
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  # No waiting after the wrong passwords of other tests.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  {auth_user}
}}
service auth-worker {{
  {auth_user}
}}
protocol imap {{
  imap_capability = {capability}
  imap_idle_notify_interval = 2 mins
}}
{extra}
"""


def missing() -> str | None:
    """Why Dovecot cannot be started here, or None."""
    if not os.access(BINARY, os.X_OK):
        return "dovecot is not installed (Debian: apt-get install dovecot-imapd)"
    if not shutil.which("openssl"):
        return "the openssl command is not installed"
    said = subprocess.run([BINARY, "--version"], capture_output=True, text=True, timeout=30)
    if not said.stdout.startswith("2.3."):
        return f"these tests configure Dovecot 2.3; here is {said.stdout.split(' ')[0]}"
    return None


@dataclass
class Dovecot:
    """A running Dovecot. ``port`` takes plain text and STARTTLS, ``tls_port`` TLS with a
    certificate that ``ca_file`` vouches for."""

    folder: Path
    users: Mapping[str, str]
    host: str = "localhost"
    port: int = 0
    tls_port: int = 0
    ca_file: Path = field(default_factory=Path)
    _process: subprocess.Popen[bytes] | None = None

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user

    def log(self) -> str:
        path = self.folder / "dovecot.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def stop(self) -> None:
        """End it and all that it started."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
        self._process = None


def start(
    folder: Path,
    users: Mapping[str, str],
    *,
    separator: str = "/",
    prefix: str = "",
    capability: str = "",
    disable_plaintext: bool = False,
    extra: str = "",
) -> Dovecot:
    """``capability`` is what it announces after login in place of the usual
    (``+X -Y`` is not understood by this version: write them all). ``users`` maps names to
    passwords; any name may be given, ``:`` apart."""
    made = certificates.make(folder)
    server = Dovecot(folder, users, ca_file=made.authority)
    server.port, server.tls_port = _free_port(), _free_port()
    uid, gid, identity, auth_user = _identity()
    for name in ("run", "mail", "home"):
        (folder / name).mkdir(mode=0o755)
        os.chown(folder / name, uid, gid)
    _open_the_way_to(folder)
    listed = "".join(f"{user}:{{PLAIN}}{password}\n" for user, password in users.items())
    (folder / "users").write_text(listed, "utf-8")
    config = folder / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            run=folder / "run",
            identity=identity,
            auth_user=auth_user,
            certificate=made.certificate,
            key=made.key,
            disable_plaintext="yes" if disable_plaintext else "no",
            layout="",
            uid=uid,
            gid=gid,
            separator=separator,
            prefix=prefix,
            port=server.port,
            tls_port=server.tls_port,
            capability=capability,
            extra=extra,
        ),
        "utf-8",
    )
    with (folder / "stderr").open("wb") as errors:
        server._process = subprocess.Popen(
            [BINARY, "-F", "-c", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    _await(server)
    return server


def _identity() -> tuple[int, int, str, str]:
    """Whose mail it is, and the lines of the config that say who Dovecot's parts are."""
    if os.getuid() == 0:
        return 65534, 65534, "first_valid_uid = 1\nfirst_valid_gid = 1", ""
    me, mine = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    lines = f"default_internal_user = {me}\ndefault_login_user = {me}\n"
    lines += f"default_internal_group = {mine}\nfirst_valid_uid = {os.getuid()}"
    return os.getuid(), os.getgid(), lines, f"user = {me}"


def _open_the_way_to(folder: Path) -> None:
    """Root drops to another user for the mail, who must be able to get there."""
    if os.getuid() != 0:
        return
    for step in (folder, *folder.parents):
        if step.stat().st_uid == 0 and step != Path("/"):
            step.chmod(step.stat().st_mode | 0o011)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(server: Dovecot) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert server._process is not None
        if server._process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", server.port), 1) as probe:
                probe.settimeout(2)
                if probe.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.02)
    said = (server.folder / "stderr").read_text("utf-8", "replace")
    raise AssertionError(f"Dovecot did not start:\n{said}\n{server.log()}")
