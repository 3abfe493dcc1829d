"""Paths to mails: what is found, in which order, under which name, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

from triage.cli.notes import notes
from triage.cli.sources import mails

MAIL = b"From: Ann Lee <ann@example.org>\r\nSubject: Hello\r\n\r\nHi there.\r\n"


def found(*paths: Path) -> list[tuple[str, str]]:
    """(what is behind the first path's folder, the error or the subject)"""
    base = str(paths[0])
    return [
        (item.source.removeprefix(base).lstrip("/"), item.error or item.content.decode().strip())
        for item in mails([str(path) for path in paths])
    ]


def test_a_folder_is_searched_by_name_and_only_for_mail(tmp_path: Path) -> None:
    for name in ("b.eml", "a.EML", "notes.txt", "sub/c.eml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(MAIL)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [name for name, _ in found(tmp_path)] == ["a.EML", "b.eml", "sub/c.eml"]


def test_a_named_file_is_taken_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "message").write_bytes(MAIL)
    assert [name for name, _ in found(tmp_path / "message")] == [""]


def test_a_maildir_is_cur_and_new_and_its_subfolders(tmp_path: Path) -> None:
    for name in ("cur/1:2,S", "new/2", "tmp/3", ".Invitations/cur/4:2,", ".Invitations/new/5"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(MAIL)
    assert [name for name, _ in found(tmp_path)] == [
        "cur/1:2,S", "new/2", ".Invitations/cur/4:2,", ".Invitations/new/5",
    ]  # fmt: skip


def test_an_mbox_is_split_at_from_lines_and_unquoted(tmp_path: Path) -> None:
    box = tmp_path / "inbox"
    box.write_bytes(
        b"From ann@example.org Mon Jan  5 10:00:00 2026\nSubject: one\n\n>From here on\n"
        b"From now on I write daily.\n\n"
        b"From bob@example.org Tue Jan  6 10:00:00 2026\nSubject: two\n\n>>From x\n"
    )
    assert found(box) == [
        ("#1", "Subject: one\n\nFrom here on\nFrom now on I write daily."),
        ("#2", "Subject: two\n\n>From x"),
    ]


def test_an_eml_with_an_envelope_line_is_one_mail(tmp_path: Path) -> None:
    path = tmp_path / "saved.eml"
    path.write_bytes(b"From ann@example.org Mon Jan  5 10:00:00 2026\nSubject: one\n\nHi\n")
    assert found(path) == [("", "Subject: one\n\nHi")]


def test_what_is_no_mail_says_so_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "1-empty.eml").write_bytes(b"")
    (tmp_path / "2-picture.eml").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "3-mail.eml").write_bytes(MAIL)
    (tmp_path / "4-folder.eml").mkdir()
    told = dict(found(tmp_path))
    assert told["1-empty.eml"] == "is empty"
    assert told["2-picture.eml"].startswith("is no email")
    assert told["3-mail.eml"].startswith("From: Ann")
    assert found(tmp_path / "gone") == [("", "there is no such file or folder")]
    assert found(tmp_path / "4-folder.eml") == [
        ("", "there is no .eml file, mbox or Maildir in it")
    ]
    os.mkfifo(tmp_path / "pipe")
    assert found(tmp_path / "pipe") == [("", "is neither a file nor a folder")]


def test_a_name_that_is_no_utf8_can_still_be_printed(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.eml"
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(MAIL)
    (item,) = mails([str(tmp_path)])
    assert item.source.endswith("caf�.eml") and not item.error


def test_notes_are_lines_and_a_bad_line_is_named() -> None:
    lines = [
        b'\xef\xbb\xbf{"id": "a", "text": "one"}\n', b"\n", b'{"text": "no id"}\n', b"not json\n",
        b'[1]\n', b'{"id": 7}\n', b'{"id": true, "text": "x"}\n', b"\xff\xfe\n",
        b'{"id": 8, "text": "' + b"x" * 100_001 + b'"}\n', b"[" * 100_000 + b"\n",
    ]  # fmt: skip
    assert [(n.source, n.text or n.error) for n in notes(lines, "in")] == [
        ("a", "one"),
        ("in:3", "no id"),
        ("in:4", "is no JSON object"),
        ("in:5", "is no JSON object"),
        (7, 'has no "text"'),
        ("in:7", '"id" is neither a text nor a whole number'),
        ("in:8", "is no JSON object"),
        (8, "is longer than 100,000 characters"),
        ("in:10", "is no JSON object"),
    ]
