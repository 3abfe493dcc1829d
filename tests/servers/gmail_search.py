"""A search key and a message to whether Gmail would find it: by words.

Where reports of Gmail differ, this does what is hardest for us: HEADER with an empty string
finds every mail (github.com/mscdex/node-imap/issues/770), and Message-ID alone is found by
``X-GM-RAW "rfc822msgid:..."``, Gmail's own key for it.
"""

from __future__ import annotations

import re

from pymap.interfaces.message import LoadedMessageInterface
from pymap.parsing.specials import SearchKey
from pymap.search import SearchCriteria, SearchParams

from servers.gmail_folders import Shown

_BY_WORDS = {b"FROM": "From", b"SUBJECT": "Subject", b"TO": "To", b"CC": "Cc", b"BCC": "Bcc"}


def matches(
    key: SearchKey,
    params: SearchParams,
    number: int,
    shown: Shown,
    loaded: LoadedMessageInterface,
) -> bool:
    """``number`` is the message's sequence number."""

    def one(inner: SearchKey) -> bool:
        return matches(inner, params, number, shown, loaded)

    if key.inverse:
        return not one(key.not_inverse)
    if key.value == b"KEYSET":
        return all(one(inner) for inner in key.filter_key_set)
    if key.value == b"OR":
        return any(one(inner) for inner in key.filter_key_or)
    if key.value in _BY_WORDS:
        return _has_words(loaded, _BY_WORDS[key.value], key.filter_str)
    if key.value == b"HEADER":
        name, value = key.filter_header
        if name.upper().startswith("X-GM-"):
            return _is(name.upper(), value, shown, loaded)
        return not value or (name.lower() != "message-id" and _has_words(loaded, name, value))
    return SearchCriteria.of(key, params).matches(number, shown, loaded)


def _is(name: str, value: str, shown: Shown, loaded: LoadedMessageInterface) -> bool:
    if name == "X-GM-MSGID":
        return value == str(shown.mail.msgid)
    if name == "X-GM-THRID":
        return value == str(shown.mail.thrid)
    if name == "X-GM-LABELS":
        return value.lower() in {label.lower() for label in shown.mail.labels()}
    sort, _, rest = value.partition(":")
    assert (name, sort) == ("X-GM-RAW", "rfc822msgid"), "no other is needed here"
    return any(rest == found.strip().strip("<>") for found in loaded.get_header(b"Message-ID"))


def _has_words(loaded: LoadedMessageInterface, name: str, text: str) -> bool:
    wanted = _words(text)
    return any(
        _words(value)[start : start + len(wanted)] == wanted
        for value in loaded.get_header(name.encode("ascii"))
        for start in range(len(_words(value)))
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
