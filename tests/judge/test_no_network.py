"""Reading, judging and explaining mail reaches for nothing outside the process.

Python tells an audit hook (PEP 578) of each connection, look-up, program and file before it
happens, also where a library does it. A hook cannot be taken out again, so this runs in a
process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = """
import os, socket, sys
from pathlib import Path
from fuzz.many import made, open_desk, work
from triage.identity import identity_of
from triage.judge.explain import lines
from triage.model import RawMessage

ROOT = Path(sys.argv[1])
MAILS = [path.read_bytes() for name in ("hard", "phish", "near", "hostile")
         for path in sorted((ROOT / "tests" / "mail").glob(name + "-*.eml"))]
MAILS += [made(1, number) for number in range(60)]
desk = open_desk()
work(desk, MAILS[0])  # what is imported late is imported here

FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn",
             "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.", "ctypes.dlopen", "shutil.", "tempfile.")
told = []

def hook(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) or any(c in (mode or "") for c in "wax+"):
            told.append(("open", str(path)))
    elif event.startswith(FORBIDDEN):
        told.append((event, repr(arguments)[:200]))

sys.addaudithook(hook)
for content in MAILS:
    work(desk, content)
    reading = desk.read(RawMessage(content, identity_of(content)))
    verdict = desk.judge.judge_all([reading])[0]
    if verdict:
        lines(reading, verdict)
print(len(MAILS), told)
socket.getaddrinfo("127.0.0.1", 9)  # the hook would have told
print(told)
"""


def test_no_mail_makes_a_connection_starts_a_program_or_writes_a_file() -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CODE, str(ROOT)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    while_reading, afterwards = done.stdout.splitlines()
    count, _, told = while_reading.partition(" ")
    assert int(count) > 120 and told == "[]"
    assert "socket.getaddrinfo" in afterwards
