"""Debian packages to roots of their own: Cyrus and Courier beside the Dovecot that is installed.

Run by ``make servers``: ``python unpack.py FOLDER``. Each server's packages, with the
libraries that they need, are downloaded by apt and unpacked (not installed: no script of
theirs runs) under FOLDER/NAME, made whole enough to chroot into. Needs the standard library
alone. May not touch anything outside FOLDER.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

SERVERS = {
    "cyrus": ("cyrus-imapd", "cyrus-common", "sasl2-bin", "libeatmydata1"),
    "courier": (
        "courier-imap",
        "courier-base",
        "courier-authlib",
        "courier-authdaemon",
        "courier-authlib-userdb",
        "gamin",
    ),
}
_ONLY_HARD = [
    f"--no-{weak}"
    for weak in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
]
_DEPENDS = re.compile(r"^ ([ |])(?:Pre)?Depends: ([^\s<:]+)")
_A_LIBRARY = re.compile(r"(?:lib|zlib)")
_NOT_NEEDED = {"libclamav12"}  # of Cyrus's virus scan
_LEFT_OUT = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/lintian")


def unpack(folder: Path) -> None:
    """Fill ``folder``; what was unpacked there earlier is thrown away."""
    downloads = folder / "downloads"
    shutil.rmtree(downloads, ignore_errors=True)
    downloads.mkdir(parents=True)
    needed = _closures()
    every = sorted({package for packages in needed.values() for package in packages})
    quiet = ["-q", "-o", "APT::Sandbox::User=root"]
    subprocess.run(["apt-get", *quiet, "download", *every], cwd=downloads, check=True)
    for name, packages in needed.items():
        shutil.rmtree(folder / name, ignore_errors=True)
        _make_root(folder / name, (_file(downloads, package) for package in packages))
    shutil.rmtree(downloads)


def _closures() -> dict[str, list[str]]:
    """For each server its packages and all libraries that they depend on; of alternatives
    the first. What else a package wants (a mail transport, perl) is for its scripts."""
    asked = [package for packages in SERVERS.values() for package in packages]
    answer = subprocess.run(
        ["apt-cache", "depends", "--recurse", *_ONLY_HARD, *asked],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    depends: dict[str, list[str]] = {}
    of: list[str] = []
    or_else = False
    for line in answer.splitlines():
        found = _DEPENDS.match(line)
        if found and not or_else:
            of.append(found[2])
        if not line.startswith(" "):
            of = depends.setdefault(line.strip(), [])
        or_else = bool(found and found[1] == "|")
    return {name: _closure(packages, depends) for name, packages in SERVERS.items()}


def _closure(packages: Iterable[str], depends: dict[str, list[str]]) -> list[str]:
    found = list(packages)
    for package in found:  # which grows meanwhile
        wanted = set(depends.get(package, ())) - _NOT_NEEDED - set(found)
        found += sorted(one for one in wanted if _A_LIBRARY.match(one))
    return found


def _file(downloads: Path, package: str) -> Path:
    (found,) = downloads.glob(f"{package}_*.deb")
    return found


def _make_root(root: Path, packages: Iterable[Path]) -> None:
    (root / "usr").mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):  # as Debian merges them
        (root / "usr" / name).mkdir()
        (root / name).symlink_to(f"usr/{name}")
    left_out = [f"--exclude={path}" for path in _LEFT_OUT]
    for package in packages:
        with subprocess.Popen(
            ["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE
        ) as tar:
            subprocess.run(
                ["tar", "-x", "-C", str(root), "--keep-directory-symlink", *left_out],
                stdin=tar.stdout,
                check=True,
            )
        if tar.returncode:
            raise subprocess.CalledProcessError(tar.returncode, tar.args)


if __name__ == "__main__":
    unpack(Path(sys.argv[1]))
