"""No secret is seen anywhere: not printed, logged, journalled, in an error or a command line.

Real processes go through a login's whole life, with the log of every library turned up as
far as it goes, and all that they leave behind is searched, in clear and in base64.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from daemon.test_service import until
from logins.bench import Write, account_in, by_code, login_in
from servers.dovecot import Dovecot
from servers.identity import USER, IdentityProvider
from servers.proxy import CountingProxy
from tests.cli.conftest import ROOT, home
from triage.daemon.accounts import open_mailbox

pytestmark = pytest.mark.server
__all__ = ["home"]

MAIL = (ROOT / "tests/mail/linkedin-2024-member-default.eml").read_bytes()
# The command, with every logger of every library writing all it has to standard error.
LOUD = """
import logging, sys
logging.basicConfig(level=1, stream=sys.stderr)
from triage.cli import main
sys.exit(main())
"""


class Searched:
    """Processes whose output is kept, and a look at all command lines while they run."""

    def __init__(self, folder: Path, identity: IdentityProvider) -> None:
        self.folder, self._identity = folder, identity
        self._ending = threading.Event()
        self._lines: set[bytes] = set()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        self._count = 0

    def start(self, *argv: str | Path) -> tuple[subprocess.Popen[bytes], Path]:
        """A command, and the file with all that it prints."""
        self._count += 1
        out = self.folder / f"output-{self._count}"
        with out.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-c", LOUD, *map(str, argv)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={**os.environ, "PYTHONPATH": str(ROOT), "TRIAGE_DEBUG": "1"},
            )
        return process, out

    def run(self, *argv: str | Path) -> tuple[int, str]:
        process, out = self.start(*argv)
        return process.wait(240), out.read_text()

    def _look(self) -> None:
        while not self._ending.wait(0.05):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self._lines.add(path.read_bytes())
                except OSError:
                    continue

    def finish(self) -> None:
        self._ending.set()
        self._thread.join()

    def seen(self) -> list[tuple[str, str]]:
        """(where, secret) of each that is where it should not be."""
        places = {"a command line": b"\n".join(self._lines)}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.suffix != ".token":
                places[path.name] = path.read_bytes()
        assert any(b"triage" in line for line in self._lines) and len(places) > 3
        return [
            (where, secret)
            for where, content in places.items()
            for secret in self._identity.secrets
            if any(trace in content for trace in traces(secret))
        ]


def traces(secret: str) -> list[bytes]:
    """A secret as it is, and in base64 at each of the three places where it may begin."""
    shifted = [base64.b64encode(b"\0" * shift + secret.encode())[4:-4] for shift in range(3)]
    return [secret.encode(), *shifted]


@pytest.fixture
def searched(tmp_path: Path, identity: IdentityProvider) -> Iterator[Searched]:
    one = Searched(tmp_path, identity)
    yield one
    one.finish()


def test_the_search_finds_what_it_looks_for(searched: Searched, identity: IdentityProvider) -> None:
    hidden = identity.secret("access")
    searched.run("--version")
    for name in ("a", "b", "c"):
        said = f"{'x' * ord(name)}auth=Bearer {hidden}\1\1".encode()
        (searched.folder / name).write_bytes(base64.b64encode(said))
    command = f"import sys; sys.stdin.read() # {hidden}"
    with subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE) as process:
        until(lambda: any(hidden.encode() in line for line in searched._lines))
        process.kill()
    searched.finish()
    assert {where for where, _ in searched.seen()} == {"a", "b", "c", "a command line"}


@pytest.mark.parametrize("name", ["google", "microsoft", "other"])
def test_a_login_and_its_renewals_at_every_provider(
    write: Write, identity: IdentityProvider, mail_server: Dovecot, searched: Searched, name: str
) -> None:
    config = write(name, mail_server.tls_port, mail_server.ca_file)
    process, out = searched.start("-c", config, "login", "main")
    if name == "google":
        until(lambda: "redirect_uri=" in out.read_text() and "Waiting" in out.read_text(), 60)
        url = re.search(r"^    (https://\S+)$", out.read_text(), re.M)
        assert url
        requests.get(url[1], verify=str(identity.ca_file), timeout=60)
    else:
        until(lambda: "type the code" in out.read_text(), 60)
        code = re.search(r"type the code +(\w{8})", out.read_text())
        assert code
        identity.type_code(code[1])
    assert process.wait(120) == 0, out.read_text()
    # What a renewal may meet: an answer cut in the middle, one in HTML, a refusal that repeats.
    cut = (200, f'{{"access_token": "{identity.secret("half")}", "refresh_to')
    for answer in (cut, (401, {"error": "invalid_client"}), None):
        identity.forget_access_tokens()
        if answer is None:
            identity.revoke()
        else:
            identity.is_today.next_answers.append(answer)
        assert searched.run("-c", config, "plan")[0] in (1, 2)
    searched.finish()
    assert searched.seen() == []


def deliver(config: Path, number: int) -> None:
    from datetime import UTC, datetime

    with open_mailbox(account_in(config)) as mailbox:
        content = MAIL.replace(b"Message-ID: <", b"Message-ID: <%d." % number)
        mailbox.append("INBOX", content, (), datetime(2026, 1, number, tzinfo=UTC))


def test_a_daemon_whose_login_is_revoked_and_made_anew(
    write: Write, identity: IdentityProvider, mail_server: Dovecot, searched: Searched,
    counting_proxy: Any,
) -> None:  # fmt: skip
    """The whole story, by real processes: it files, its login is revoked, it stands still and
    says so, a person logs in, it files again without a restart; SIGTERM in the middle of a
    renewal loses nothing."""
    proxy: CountingProxy = counting_proxy("127.0.0.1", mail_server.port)
    config = write("other", proxy.port)
    config.write_text(config.read_text().replace('security = "tls"', 'security = "none"'))
    by_code(login_in(config), identity)
    deliver(config, 1)
    health = config.parent / "triage.db.health.json"

    def told() -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(health.read_text())["accounts"]["main"]
        except (OSError, KeyError):
            return {}
        return content

    def filed() -> int:
        return log.read_text().count("moved to Invitations/")

    daemon, log = searched.start("-c", config, "run")
    until(lambda: filed() == 1 or daemon.poll() is not None, 120)
    assert daemon.poll() is None, log.read_text()
    identity.revoke()
    proxy.cut()
    until(lambda: told().get("state") == "stopped", 60)
    status, said = searched.run("-c", config, "status")
    assert status == 1 and "expired or was revoked" in said and "Type: triage login main" in said
    login, out = searched.start("-c", config, "login", "main")
    until(lambda: "type the code" in out.read_text(), 60)
    identity.type_code(re.findall(r"type the code +(\w{8})", out.read_text())[0])
    assert login.wait(120) == 0, out.read_text()
    assert f"The daemon (process {daemon.pid}) takes the account up again" in out.read_text()
    until(lambda: told().get("state") == "watching", 120)
    deliver(config, 2)
    until(lambda: filed() == 2, 60)

    identity.forget_access_tokens()
    identity.is_today.next_answers.append("slow")
    renewals = identity.renewals()
    proxy.cut()
    until(lambda: not identity.is_today.next_answers, 60)  # the provider has given, not yet told
    daemon.send_signal(signal.SIGTERM)
    until(lambda: not health.exists(), 60)
    identity.is_today.go.set()
    assert daemon.wait(60) == 0
    assert identity.renewals() == renewals + 1 and not identity.families[-1].over
    assert identity.families[-1].newest in (config.parent / "main.token").read_text()
    assert log.read_text().count(USER) == 0
    searched.finish()
    assert searched.seen() == []
