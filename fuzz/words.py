"""Chance to text and pages that a mail may hold: the platforms' own wording with odd things
in its blanks, what steers terminals, runs that patterns stumble over, and HTML soup.

The wording comes from the shipped rules, so that what is made gets deep into the reading.
May not make a mail: ``mails.py`` does. All people are invented.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

RULES = Path(__file__).resolve().parent.parent / "rules"
_BLANK = re.compile(r"\{([a-z]+)\}")
_CHOICE = re.compile(r"\(([^()|]*(?:\|[^()|]*)*)\)")

NAMES = (
    "Ada Quill", "Øyvind Å. Çelik", "Jean-Luc d'Été", "明 王", "Анна Коваль", "م. علي", "x",
    "LinkedIn", "Linkedln", "LinkedІn", "Ada \x1b[31mQuill\x1b[0m", "\u202eevaD\u202c", "A" * 300,
    "Ada\r\nBcc: eve@example.org", "Ada\u200b\u200dQuill", "(Ada)", '"Ada', "Ada <ada@example.org>",
    "\ud800", "\U000e0041da", "\x07\x9b2J", "= = =", "{name}", "-", "Dr. " * 40,
)  # fmt: skip
NOTES = (
    "I heard you speak at the Blog Business Summit last month.",
    "Joe Marsh told me to write to you.",
    "I'd like to add you to my professional network on LinkedIn.",
    "We help companies like yours grow. Book a call: https://calendly.example/x",
    "Ich habe Ihren Vortrag in Leeds gehört und möchte mich gerne vernetzen.",
    "我在展会上见过你。", "رأيت محاضرتك الشهر الماضي", "תודה על ההרצאה", "ขอบคุณสำหรับการบรรยาย",
    "Hi Dave,\n\nWe met at the harbour fair.\n\n- Ada", "?", "\ufffd\ufffd?\ufffd", "n\u0303" * 400,
)  # fmt: skip
# What a pattern, a parser or a terminal may stumble over; each is repeated at will.
RUNS = (
    " ", "\t", "\n", "\r", "\r\n", "a", "a ", "A.", "-", "- ", "_", ">", "> ", "> > ", "&#39;", "&amp;",
    "&nbsp;", "<", "<b>", "</b>", "<div>", "[", "(", "((", ")", "|", "=", "==", "=?utf-8?q?=41?= ",
    "https://www.linkedin.com/comm/in/ada ", "www.", "http://", "@", "a@b.example ", ";", "; ", ",",
    ", ,", '"', "'", "\\", "\\'", "\x00", "\x1b[", "\x1b]0;x\x07", "\u202e", "\u200b", "\u0301", "\u00a0",
    "\ufeff", "\U0001f469\u200d\U0001f469\u200d", "ß", "İ", "ﷺ", "㍿", "À", "é?", "1", "1.", "12-", "0000",
    "<!--", "-->", "]]>", "{", "}", "$", "^", "\\N", "=\n", "=41", "%41", "&#x10ffff;", "&#1114112;", "wrote:\n",
    "From: x\nTo: y\nSubject: z\n", "----- Original Message -----\n", "On Monday, Ada wrote:\n", "I ",
    "Ada Quill\n", "would like to ", "met you ", "your talk ", "invitation ", "LinkedIn ",
)  # fmt: skip
TAGS = (
    "p", "div", "table", "tr", "td", "a", "b", "i", "font", "span", "br", "img", "blockquote", "ul", "li",
    "h1", "pre", "center", "style", "script", "title", "head", "body", "html", "svg", "math", "template",
    "select", "option", "form", "input", "button", "o:p", "frameset", "noscript", "object", "marquee", "nobr",
)  # fmt: skip
ATTRIBUTES = (
    'style="display:none"', 'style="max-height:0;font-size:0px"', "hidden", 'class="gmail_quote"', 'id="x"',
    'data-test-id="message-content"', 'href="https://www.linkedin.com/comm/in/ada-quill-12"', "style=white-space:pre",
    'href="https://evil.example/"', 'href="javascript:alert(1)"', 'href="data:text/html,x"', 'lang="de"', "type=cite",
    'src="https://evil.example/pixel.gif"', 'background="http://evil.example/x"', "a", "=", '"', "onload=x()",
)  # fmt: skip


def some(chance: random.Random, most: int) -> int:
    """A number up to ``most``: mostly small, at times the most."""
    if chance.random() < 0.03:
        return most
    return min(most, int(chance.expovariate(1.0) * max(1, most) / 12))


@cache
def wording() -> tuple[str, ...]:
    """Every line of wording of the shipped platforms and every default text."""
    lines: list[str] = []
    for path in sorted((RULES / "platforms").glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        lines += [text for text in _texts(data) if " " in text or "{" in text]
    for path in sorted((RULES / "boilerplate").glob("*.toml")):
        lines += list(_texts(tomllib.loads(path.read_text("utf-8"))))
    return tuple(lines)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("id", "kind", "message_ids", "links", "headers"):
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def line(chance: random.Random) -> str:
    """One line: a platform's, its blanks filled, its choices made; or something else."""
    kind = chance.random()
    if kind < 0.6:
        text = chance.choice(wording())
        for _ in range(6):
            text = _CHOICE.sub(lambda found: chance.choice(found[1].split("|")), text)
        return _BLANK.sub(lambda _: filling(chance), text)
    return chance.choice(NOTES) if kind < 0.8 else filling(chance)


def filling(chance: random.Random) -> str:
    """What stands in a blank."""
    kind = chance.random()
    if kind < 0.5:
        return chance.choice(NAMES)
    if kind < 0.75:
        return chance.choice(RUNS) * some(chance, 400)
    return str(chance.randrange(10**6)) if kind < 0.9 else chance.choice(NOTES)


def text(chance: random.Random, most: int = 200_000) -> str:
    """A text part: lines, and at times one run that goes on and on."""
    lines = [line(chance) for _ in range(some(chance, 400))]
    if chance.random() < 0.25:
        run = chance.choice(RUNS) + (chance.choice(RUNS) if chance.random() < 0.5 else "")
        lines.insert(chance.randrange(len(lines) + 1), run * some(chance, most // len(run)))
    return chance.choice(("\n", "\r\n", "\n\n")).join(lines)[:most]


def page(chance: random.Random, most: int = 300_000) -> str:
    """HTML soup: tags that are not closed, closed twice, or nested for ever."""
    pieces: list[str] = []
    for _ in range(some(chance, 600)):
        kind = chance.random()
        if kind < 0.35:
            tag = "".join(
                (chance.choice(TAGS), *(f" {_attribute(chance)}" for _ in range(some(chance, 12))))
            )
            pieces.append(f"<{tag}>" * (some(chance, 3000) if chance.random() < 0.04 else 1))
        elif kind < 0.55:
            pieces.append(
                f"</{chance.choice(TAGS)}>" * (some(chance, 500) if chance.random() < 0.04 else 1)
            )
        elif kind < 0.9:
            pieces.append(line(chance))
        else:
            pieces.append(chance.choice(RUNS) * some(chance, 500))
    if chance.random() < 0.1:  # elements that a parser opens anew in every paragraph
        opened = "".join(f"<{chance.choice(TAGS)} a{n}=1>" for n in range(some(chance, 2000)))
        pieces.insert(0, f"<p>{opened}" + "<p>x" * some(chance, 3000))
    return "".join(pieces)[:most]


def _attribute(chance: random.Random) -> str:
    return (
        chance.choice(ATTRIBUTES)
        if chance.random() < 0.9
        else f'{filling(chance)}="{filling(chance)}"'
    )
