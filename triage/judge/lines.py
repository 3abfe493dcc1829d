"""Text and HTML of a mail to one kind of lines, what a person quotes cut off.

A label and the link under it become one line, so that what the mail wants done is known
by where the link leads and not by the language of its label. May not know a platform.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from triage.judge.budget import Budget
from triage.judge.html import MAX_LINE, HtmlLine
from triage.judge.links import MAX_LINKS, URL, links_in, unwrapped
from triage.judge.wording import level

MAX_LINES = 2_000
_RULE = re.compile(r"[-_=*.~•·–—]{2}[-_=*.~•·–— \t]*[-_=*.~•·–—]{2}")
_GLUED_RULE = re.compile(r"^(\s*[-_=*]{8,})\s*(?=[^\W_])")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,3000}>")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|[a-zA-Z]{2,10});")

_HEADS = r"(?:From|Von|De|Da|Van|Från|Fra|Od|Lähettäjä|Gönderen|От|差出人|发件人)"
_HEAD_FROM = re.compile(rf"^[>*\s]*{_HEADS}\s*:\*?\s*\S", re.IGNORECASE)
_HEAD_MORE = re.compile(
    r"^[>*\s]*(?:To|Sent|Date|Subject|An|Betreff|Gesendet|Datum|À|Objet|Envoyé|Para|Enviado|Fecha"
    r"|Asunto|Data|Assunto|A|Oggetto|Inviato|Aan|Verzonden|Onderwerp|Till|Skickat|Ämne|Til|Emne"
    r"|Sendt|Do|Temat|Wysłano|Кому|Тема|Дата)\s*:",
    re.IGNORECASE,
)
_ALONE_TO = re.compile(r"^(?:To|An|À|Para|A|Per|Aan|Till|Til|Do)\s*:?$")
_ALONE_SUBJECT = re.compile(
    r"^(?:Subject|Betreff|Thema|Objet|Asunto|Assunto|Oggetto|Onderwerp|Ämne|Emne|Temat)\s*:?$"
)
_WROTE = re.compile(
    r"^(?=.{12,200}$).*\b(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev"
    r"|napisał|пишет|написал)\b[^:]{0,80}:$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^[\s>*]*(?:-{2,}\s*(?:Original|Urspr|Forwarded|Weitergeleitete"
    r"|Message (?:d'origine|transféré)|Mensaje (?:original|reenviado)"
    r"|Messaggio (?:originale|inoltrato)|Mensagem (?:original|encaminhada)|Oorspronkelijk"
    r"|Doorgestuurd|Videresendt|Vidarebefordrat|Původní|Przekazana|Пересылаемое)"
    r"|Begin forwarded message:|Anfang der weitergeleiteten|Début du message (?:trans|réex)"
    r"|Inicio del mensaje reenviado|Inizio messaggio inoltrato)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """``text`` is levelled and without its links, ``raw`` as it stands (several lines
    where a link was joined to its label). ``gap``: a paragraph begins here. ``rule``: it
    is a rule of dashes. ``ids``: those of the HTML elements around it."""

    text: str
    raw: str
    links: tuple[str, ...] = ()
    gap: bool = False
    rule: bool = False
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Own:
    """The lines that are the mail's own, and whether it quotes or forwards another."""

    lines: tuple[Line, ...]
    quotes: bool


def text_lines(text: str, budget: Budget | None = None) -> tuple[Line, ...]:
    """The lines of a text part: entities decoded, leaked markup taken out."""
    budget = budget or Budget()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "itemscope" in text:
        text = _TAG.sub("\n", text)  # Gmail's microdata, leaked out of the page
    lines: list[Line] = []
    gap = True
    left = MAX_LINKS
    for raw in text.split("\n", MAX_LINES)[:MAX_LINES]:
        raw = raw[:MAX_LINE]
        budget.spend(1 + len(raw) // 100)
        glued = _GLUED_RULE.match(raw)
        for piece in (glued[1], raw[glued.end() :]) if glued else (raw,):
            piece = html.unescape(piece) if _ENTITY.search(piece) else piece
            line = _line(piece, gap, left)
            left -= len(line.links) if line else 0
            if line is None:
                gap = True
            elif not gap and line.links and not line.text and lines and not lines[-1].rule:
                last = lines[-1]
                lines[-1] = replace(
                    last, raw=f"{last.raw}\n{line.raw}", links=last.links + line.links
                )
            else:
                lines.append(line)
                gap = False
    return tuple(lines)


def is_whole(text: str, lines: Iterable[Line]) -> bool:
    """Whether ``lines``, made of ``text``, leave out nothing of it."""
    links = sum(len(line.links) for line in lines)
    raws = text.split("\n")
    return links < MAX_LINKS and len(raws) <= MAX_LINES and max(map(len, raws)) <= MAX_LINE


def _line(raw: str, gap: bool, most: int) -> Line | None:
    """None for a line that shows nothing. No more than ``most`` links are looked at."""
    kept = " ".join(raw.replace("\u00a0", " ").split()) if "\u00a0" in raw else raw.strip()
    if not level(kept):
        return None
    links = links_in(kept)[:most] if "://" in kept or "www." in kept.lower() else ()
    text = level(URL.sub("", kept)).rstrip(" <>[]()") if links else level(kept)
    return Line(text.strip(), kept, links, gap, bool(_RULE.fullmatch(kept)))


def page_lines(lines: Iterable[HtmlLine]) -> tuple[Line, ...]:
    """The lines of a page, in the same shape; a link that shows itself joins its label."""
    made: list[Line] = []
    for item in lines:
        text = level(URL.sub("", item.text))
        links = tuple(unwrapped(link) for link in item.links)
        if made and item.text and not text and not item.gap and made[-1].text.endswith(":"):
            last = made[-1]
            raw = f"{last.raw}\n{item.text}"
            made[-1] = replace(last, raw=raw, links=last.links + links)
            continue
        rule = bool(_RULE.fullmatch(item.text))
        made.append(Line(text, item.text, links, item.gap, rule, item.ids))
    return tuple(made)


def own_lines(lines: tuple[Line, ...]) -> Own:
    """What is left when quoted and forwarded mail is cut off."""
    kept: list[Line] = []
    quotes = False
    for index, line in enumerate(lines):
        if line.raw.startswith((">", "|  ", "&gt;")):
            if not quotes and kept and kept[-1].text.endswith(":"):
                kept.pop()  # "On Monday, X wrote:"
            quotes = True
            continue
        if (
            _SEPARATOR.match(line.raw)
            or _is_quoted_header(lines, index)
            or _quotes_unmarked(lines, index)
        ):
            return Own(tuple(kept), True)
        kept.append(line)
    return Own(tuple(kept), quotes)


def _quotes_unmarked(lines: tuple[Line, ...], index: int) -> bool:
    """ "On Monday, Ada wrote:", and no marks at the lines that follow."""
    following = lines[index + 1 : index + 6]
    marked = any(line.raw.startswith((">", "|", "&gt;")) for line in following)
    return bool(following) and not marked and bool(_WROTE.search(lines[index].text))


def _is_quoted_header(lines: tuple[Line, ...], index: int) -> bool:
    if _ALONE_TO.match(lines[index].text):  # Lotus Notes sets each name of a field alone
        return any(_ALONE_SUBJECT.match(line.text) for line in lines[index + 1 : index + 9])
    if not _HEAD_FROM.match(lines[index].raw):
        return False
    block = "\n".join(line.raw for line in lines[index : index + 5]).split("\n")[1:]
    return sum(1 for line in block if _HEAD_MORE.match(line)) >= 2


def joined(lines: Iterable[Line]) -> str:
    """The lines as one text, paragraphs apart."""
    text = ""
    for line in lines:
        text += ("\n\n" if line.gap else "\n") + line.raw if text else line.raw
    return text
