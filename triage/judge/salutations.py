"""A line to whether it is a salutation and nothing else, in the languages of the platforms.

May not know where in a mail the line stands, nor who put it there.
"""

from __future__ import annotations

import re

_SALUTATION = re.compile(r"^(?!.*[.!?]\s.*,$)[^\s,.!?][^,!?]{0,60},$")
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|hallo|liebe[rs]?|sehr geehrte[rs]?|guten tag|bonjour|salut|ch(?:er|ère)"
    r"|hola|estimad[oa]|ol[áa]|prezad[oa]|car[oa]|ciao|gentile|buongiorno|beste|hai|hej|kære"
    r"|cześć|witaj|dzień dobry|merhaba|sayın|привет|здравствуйте|hei|dobrý den|ahoj|bună|szia"
    r"|kedves|tisztelt|γεια|selamat|xin chào|สวัสดี|مرحبًا|مرحبا|שלום)(?!\w)[^.?]{0,60}[,!:،.]?$"
    r"|^\S.{0,40}(?:さん|様|さま|님|您好|你好|안녕하세요)\s*[、，,！!。：:]?$"
    r"|^(?:您好|你好|こんにちは|안녕하세요)[、，,！!\s].{0,40}$",
    re.IGNORECASE,
)


def is_salutation(line: str) -> bool:
    """Whether ``line`` is a salutation and nothing else: "Suresh," or "Hi Dave,"."""
    if not line or len(line) > 120 or len(line.split()) > 6:
        return False
    return bool(_SALUTATION.match(line) or _GREETING.match(line))
