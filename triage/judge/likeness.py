"""Names and domains to how closely they resemble a platform's.

Letters that look alike count as one (l, I and 1; o and 0; Cyrillic and Latin), and a
letter too many, too few or wrong is seen through. May not know which mail they are from.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from triage.judge.links import belongs, root_domain
from triage.judge.platforms import Platform

Likeness = Literal["same", "like", ""]

_LOOKS = str.maketrans(
    {
        "i": "l", "1": "l", "|": "l", "!": "l", "ı": "l", "ɩ": "l", "0": "o", "5": "s", "3": "e",
        "$": "s", "@": "a", "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x",
        "к": "k", "і": "l", "ӏ": "l", "ԁ": "d", "ո": "n", "т": "t", "м": "m", "н": "h", "в": "b",
        "α": "a", "ο": "o", "ν": "v", "ι": "l", "κ": "k", "ρ": "p", "τ": "t", "ε": "e",
    }
)  # fmt: skip
# What forgers and platforms set beside the name: "LinkedIn Support", "Facebook Security".
_TITLES = frozenset(
    re.findall(
        r"\w+",
        """
    team support help desk helpdesk service services customer care security notification
    notifications notify alert alerts invitation invitations invite invites message messages
    messaging mail mailer admin account accounts info inc com network connections premium
    noreply no reply the sales navigator business member members update updates official
    center centre verify verification requests request friend friends job jobs recruiter
    corporation communication communications reminder reminders notifier voice voicemail
    verified page pages policy copyright appeal appeals privacy password login safety trust
    review badge call missed meta alerting destek hilfe sicherheit kundenservice
    benachrichtigung benachrichtigungen soporte ayuda equipo seguridad notificaciones
    suporte equipe segurança équipe assistance sécurité supporto assistenza
    sicurezza purchase order orders inquiry business global marketplace
""",
    )
)
_GLUED_TITLE = re.compile(r"(?<=\w{5})(?:mail|team|support|security|alerts?)$", re.IGNORECASE)
_VIA = re.compile(r"\s+(?:via|through|über|par|por)\s+(\S.*)$", re.IGNORECASE)


@lru_cache(maxsize=4096)
def skeleton(text: str) -> str:
    """``text`` as the eye takes it in: letters alone, look-alikes made one."""
    plain = unicodedata.normalize("NFKD", text).lower()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = plain.replace("rn", "m").replace("vv", "w").replace("cl", "d")
    return re.sub(r"[^a-z]", "", plain.translate(_LOOKS))


def display_likeness(name: str, platform: Platform) -> Likeness:
    """Whether a display name is the platform's own name, or close to it."""
    candidates = [_VIA.sub("", name)]
    via = _VIA.search(name)
    if via:
        candidates.append(via[1])
    best: Likeness = ""
    for candidate in candidates:
        words = re.findall(r"[^\W_]+", candidate)
        bare = "".join(word for word in words if word.lower() not in _TITLES) or "".join(words)
        bare = _GLUED_TITLE.sub("", bare) or bare
        for mine in (platform.name, *platform.also_called):
            if skeleton(bare) == skeleton(mine) or skeleton("".join(words)) == skeleton(mine):
                return "same"
            if _near(skeleton(bare), skeleton(mine)):
                best = "like"
    return best


def domain_likeness(domain: str, platform: Platform) -> Likeness:
    """Whether a domain that is not the platform's could be taken for it: ``like`` is a
    letter's difference, ``same`` is the name itself in a foreign domain."""
    if not domain or belongs(domain, (*platform.from_domains, *platform.link_domains)):
        return ""
    own = {root_domain(item).partition(".")[0] for item in platform.from_domains}
    labels = domain.split(".")
    for mine in own:
        if len(mine) < 5:
            continue
        for label in labels:
            pieces = label.split("-")
            if mine in pieces or label.replace("-", "") == mine:
                return "same"
            if skeleton(label) == skeleton(mine) or _near(skeleton(label), skeleton(mine)):
                return "like"
            if any(len(item) > 5 and skeleton(item) == skeleton(mine) for item in pieces):
                return "like"
    return ""


def _near(one: str, other: str) -> bool:
    """Whether two skeletons are a letter apart, two for long ones."""
    if one == other or min(len(one), len(other)) < 6 or one[:1] != other[:1]:
        return one == other
    return distance(one, other) <= (2 if len(other) >= 8 and abs(len(one) - len(other)) < 2 else 1)


def distance(one: str, other: str) -> int:
    """Letters to change, add or drop between two short words (Levenshtein)."""
    if abs(len(one) - len(other)) > 2:
        return 3
    row = list(range(len(other) + 1))
    for index, char in enumerate(one[:64], 1):
        new = [index]
        for place, rival in enumerate(other, 1):
            new.append(min(row[place] + 1, new[-1] + 1, row[place - 1] + (char != rival)))
        row = new
    return row[-1]
