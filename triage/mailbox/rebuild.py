"""Header fields and some parts of a message to a message that can be read as if whole.

The header stands as it was fetched, so the identity is that of the whole message; parts
that were not fetched stand as empty ones with their type and name. A part that was cut
ends where its transfer encoding can end. Pure. May not decode a part.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from triage.mailbox.structure import Pairs, Part

_REWRITTEN = (b"content-type", b"content-transfer-encoding")
_FIELD = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n")
_TOKEN = re.compile(rb"[A-Za-z0-9!#$&^_.+-]+\Z")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")


def rebuilt(header: bytes, message: Part, bodies: Mapping[str, bytes]) -> bytes:
    """``bodies`` are the parts fetched, by section, as transferred; one that was cut is
    ended by ``cut`` first."""
    header = header.rstrip(b"\r\n") + b"\r\n"
    if not message.is_multipart:
        return header + b"\r\n" + _body(message, bodies)
    kept = [field for field in _FIELD.findall(header) if not _is_rewritten(field)]
    return b"".join(kept) + _part(message, bodies, _boundary(header, bodies))


def _is_rewritten(field: bytes) -> bool:
    return field.partition(b":")[0].strip().lower() in _REWRITTEN


def _boundary(header: bytes, bodies: Mapping[str, bytes]) -> bytes:
    digest = hashlib.sha256(header)
    while True:
        found = b"=_" + digest.hexdigest()[:32].encode("ascii")
        if not any(found in body for body in bodies.values()):
            return found
        digest.update(b"again")


def _part(part: Part, bodies: Mapping[str, bytes], boundary: bytes) -> bytes:
    """A part with its own header."""
    if not part.is_multipart:
        return _header(part, part.parameters) + b"\r\n" + _body(part, bodies)
    others = tuple(pair for pair in part.parameters if pair[0].lower() != b"boundary")
    lines = [_header(part, (*others, (b"boundary", boundary))), b"\r\n"]
    for number, child in enumerate(part.parts):
        inner = boundary + b"." + str(number).encode("ascii")
        lines += [b"--", boundary, b"\r\n", _part(child, bodies, inner), b"\r\n"]
    return b"".join([*lines, b"--", boundary, b"--\r\n"])


def _header(part: Part, parameters: Pairs) -> bytes:
    fields = [b"Content-Type: " + part.media.encode("ascii") + _parameters(parameters)]
    if not part.is_multipart:
        encoding = _clean(part.encoding.encode("ascii", "ignore"))
        fields.append(b"Content-Transfer-Encoding: " + encoding)
    if part.disposition:
        disposition = part.disposition.encode("ascii") + _parameters(part.disposition_parameters)
        fields.append(b"Content-Disposition: " + disposition)
    if part.content_id:
        fields.append(b"Content-ID: " + _clean(part.content_id))
    return b"\r\n".join(fields) + b"\r\n"


def _parameters(pairs: Pairs) -> bytes:
    written = b""
    for name, value in pairs:
        if not _TOKEN.match(name.rstrip(b"*")):
            continue
        if not _TOKEN.match(value) and not name.endswith(b"*"):
            value = b'"' + _clean(value).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        written += b";\r\n " + name + b"=" + _clean(value)
    return written


def _clean(value: bytes) -> bytes:
    return bytes(byte for byte in value if byte >= 32 and byte != 127)


def _body(part: Part, bodies: Mapping[str, bytes]) -> bytes:
    return bodies.get(part.section, b"")


def cut(body: bytes, encoding: str) -> bytes:
    """What is left of a part that was cut anywhere, ending at a line where it has one,
    and where base64 or quoted-printable can end (RFC 2045 sections 6.7 and 6.8)."""
    end = body.rfind(b"\n") + 1
    body = body[:end] if end else body
    if encoding == "base64":
        odd = len(_NOT_BASE64.sub(b"", body)) % 4
        while odd:
            odd -= not _NOT_BASE64.match(body[-1:])
            body = body[:-1]
    elif encoding == "quoted-printable":
        body = re.sub(rb"=[0-9A-Fa-f]?\Z", b"", body)
    return body
