"""A throw-away authority and a certificate for localhost, by the openssl command.

Turns a folder into PEM files in it. Proves nothing to anyone: made and thrown away with
the test's folder.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    authority: Path
    certificate: Path
    key: Path


def make(folder: Path, host: str = "localhost", days: int = 2) -> Certificates:
    """An authority of its own, and by it a certificate for ``host`` and 127.0.0.1."""
    authority, authority_key = folder / "ca.pem", folder / "ca.key"
    certificate, key, request = folder / "server.pem", folder / "server.key", folder / "server.csr"
    names = folder / "names.cnf"
    names.write_text(f"subjectAltName=DNS:{host},IP:127.0.0.1\n")
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _openssl(
        "req", "-x509", *new_key, "-keyout", authority_key, "-out", authority,
        "-days", days, "-subj", "/CN=Test authority",
        "-addext", "basicConstraints=critical,CA:TRUE",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    _openssl("req", *new_key, "-keyout", key, "-out", request, "-subj", f"/CN={host}")
    _openssl(
        "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key,
        "-CAcreateserial", "-out", certificate, "-days", days, "-extfile", names,
    )  # fmt: skip
    return Certificates(authority, certificate, key)


def _openssl(*arguments: object) -> None:
    subprocess.run(
        ["openssl", *(str(argument) for argument in arguments)],
        check=True,
        capture_output=True,
        timeout=60,
    )
