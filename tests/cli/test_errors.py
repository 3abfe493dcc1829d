"""What goes wrong, in one to three lines, without a traceback, with the right status.

Status 2 is the user's to mend, 1 the world's. The servers and disks that fail here are
real ones: a closed port, a certificate of nobody, a limit on the size of files.
"""

from __future__ import annotations

import resource
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import PASSWORD, Outcome, Run, spawn, write_config
from triage.demo.server import EmbeddedServer


def assert_told(told: Outcome, status: int, *words: str) -> None:
    lines = told.err.splitlines()
    assert told.status == status, told.err
    assert 1 <= len(lines) <= 3 and lines[0].startswith("triage: "), told.err
    assert "Traceback" not in told.err and PASSWORD not in told.err
    for word in words:
        assert word in told.err, told.err


NEED_A_MAILBOX = [("plan",), ("run", "--once")]
NEED_A_CONFIG = [*NEED_A_MAILBOX, ("run",), ("history",), ("undo", "1"), ("approve",),
                 ("explain", "1")]  # fmt: skip


@pytest.mark.parametrize("command", NEED_A_CONFIG, ids=" ".join)
def test_no_config(triage: Run, command: tuple[str, ...]) -> None:
    assert_told(triage(*command), 2, "there is no config file", "triage init", "triage demo")


@pytest.mark.parametrize("command", [*NEED_A_CONFIG, ("judge", "x.eml")], ids=" ".join)
def test_an_unknown_key(triage: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    config = write_config(tmp_path, 143, extra="prot = 1\n")
    told = triage(*command, "-c", config)
    assert_told(told, 2, f"{config}:8 [accounts.main.prot]: unknown key", 'Did you mean "port"?')


@pytest.mark.parametrize("command", NEED_A_MAILBOX, ids=" ".join)
def test_no_account(triage: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "empty.toml").touch()
    told = triage("-c", tmp_path / "empty.toml", *command)
    assert_told(told, 2, "no account is named", "triage init")
    config = write_config(tmp_path, 143)
    told = triage("-c", config, *command, "--account", "mian")
    assert_told(told, 2, 'no account is called "mian"', "Choose main")


@pytest.mark.parametrize("command", NEED_A_MAILBOX, ids=" ".join)
def test_the_server_is_down(triage: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    told = triage("-c", write_config(tmp_path, port), *command)
    assert_told(told, 1, f"127.0.0.1:{port}", "refused", "Check host and port")


@pytest.mark.parametrize("command", [*NEED_A_MAILBOX, ("doctor",)], ids=" ".join)
def test_a_wrong_password(
    triage: Run, server: EmbeddedServer, config: Path, command: tuple[str, ...]
) -> None:
    (config.parent / "password").write_text("wrong guess")
    told = triage("-c", config, *command)
    assert "wrong guess" not in told.err + told.out
    if command == ("doctor",):
        assert told.status == 1 and "fail  main" in told.out and "refused" in told.out
    else:
        assert_told(told, 1, "refused user or password", "Check both")


@pytest.mark.parametrize("command", NEED_A_MAILBOX, ids=" ".join)
def test_a_bad_certificate(
    triage: Run, tmp_path: Path, self_signed: int, command: tuple[str, ...]
) -> None:
    config = write_config(tmp_path, self_signed, security="tls")
    told = triage("-c", config, *command)
    assert_told(told, 1, "certificate is not accepted", "ca_file")


@pytest.mark.parametrize("command", NEED_A_MAILBOX, ids=" ".join)
def test_a_folder_that_is_missing(
    triage: Run, tmp_path: Path, server: EmbeddedServer, command: tuple[str, ...]
) -> None:
    config = write_config(tmp_path, server.port, extra='folders = ["Inbocks"]\n')
    told = triage("-c", config, *command)
    assert_told(told, 2, "does not open the folder Inbocks", "triage doctor")


@pytest.mark.parametrize("state", ["a-folder", "/proc/triage.db", "nowhere/triage.db"])
def test_a_state_file_that_cannot_be_written(
    triage: Run, tmp_path: Path, server: EmbeddedServer, state: str
) -> None:
    (tmp_path / "a-folder").mkdir()
    config = write_config(tmp_path, server.port, extra=f'[state]\nfile = "{state}"\n')
    told = triage("-c", config, "run", "--once")
    assert_told(told, 1, state.removesuffix("/triage.db"))
    assert server.folders() == ("INBOX",)  # nothing is filed without a journal


def test_a_damaged_state_file(triage: Run, tmp_path: Path, server: EmbeddedServer) -> None:
    config = write_config(tmp_path, server.port)
    (tmp_path / "triage.db").write_bytes(b"this is no database" * 500)
    for command in (("run", "--once"), ("plan",), ("history",), ("undo", "--last-run")):
        assert_told(triage("-c", config, *command), 1, "triage.db")


def test_a_full_disk(tmp_path: Path, server: EmbeddedServer) -> None:
    config = write_config(tmp_path, server.port)
    told = spawn(
        "-c", config, "run", "--once",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip
    assert_told(told, 1, "triage.db")
    assert server.folders() == ("INBOX",)


def test_a_password_that_cannot_be_had(triage: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, 143)
    (tmp_path / "password").unlink()
    assert_told(triage("-c", config, "plan"), 2, "the password file", "cannot be read")


def test_what_the_user_types_wrong(triage: Run, config: Path, tmp_path: Path) -> None:
    for command, word in (
        (("undo", "-c", config), "--last-run"),
        (("undo", "-c", config, "1", "--last-run"), "in one way"),
        (("undo", "-c", config, "999"), "no such line"),
        (("explain", "-c", config, "999"), "no line 999"),
        (("history", "-c", config, "--since", "soon"), "Write it like"),
        (("history", "-c", config, "--limit", "0"), "--limit"),
        (("run", "-c", config, "--yes"), "--once"),
        (("approve", "-c", config, "--account", "x"), 'no account is called "x"'),
        (("judge",), "PATH"),
        (("judge", "--note", tmp_path / "gone"), "cannot be read"),
        (("explain", tmp_path / "gone.eml"), "no such file"),
        (("explain", "--note", tmp_path / "gone.txt"), "cannot be read"),
        (("rules", "check", "--rules", tmp_path / "gone"), "no such folder"),
    ):
        assert_told(triage(*command), 2, word)


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[int]:
    """The port of a TLS server whose certificate nobody vouches for."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(client, server_side=True).close()
            except OSError:
                client.close()

    thread = threading.Thread(target=answer)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)
