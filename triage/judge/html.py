"""HTML of a mail to the lines that a reader would see, each with its links.

The one module that imports selectolax. What is hidden (preheaders, mso parts, zero
sizes) is kept apart, not mixed in. The parser cannot be stopped, so what it is given is
cut before (``html_weight``). May not load anything, and does not know what the lines mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from triage.judge.budget import Budget
from triage.judge.html_weight import bearable
from triage.judge.links import MAX_LINKS, MAX_URL

MAX_LINES = 3_000
MAX_LINE = 8_000  # characters; no note is longer
MAX_IDS = 30  # of the elements around a line, the innermost

_SILENT = {"head", "script", "style", "title", "noscript", "template", "svg", "object", "-comment"}
_BLOCKS = {"p", "div", "table", "tr", "td", "th", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5",
           "h6", "center", "blockquote", "pre", "section", "article", "header", "footer", "form",
           "dl", "dt", "dd", "tbody", "hr", "body", "main", "fieldset"}  # fmt: skip
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "table", "ul", "ol"}
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?![.\d]*[1-9])"
    r"|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_PRE = re.compile(r"white-space\s*:\s*pre", re.IGNORECASE)
_QUOTE = re.compile(r"gmail_quote|gmail_attr|yahoo_quoted|OutlookMessageHeader|divRplyFwdMsg"
                    r"|moz-cite-prefix|appendonsend", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True)
class HtmlLine:
    """One visible line. ``links`` are where it leads, ``ids`` the ids and test ids of the
    elements around it, ``gap`` whether a paragraph begins with it."""

    text: str
    links: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    gap: bool = False


@dataclass(frozen=True)
class Page:
    """What a mail's HTML shows. ``hidden`` are the texts it does not; ``shown_links`` are
    (words, link) of each link; ``quoted`` says that a person quotes another mail in it;
    ``whole`` is False where a bound cut it."""

    lines: tuple[HtmlLine, ...] = ()
    hidden: tuple[str, ...] = ()
    shown_links: tuple[tuple[str, str], ...] = ()
    language: str = ""
    quoted: bool = False
    whole: bool = True


def read_page(text: str, budget: Budget | None = None) -> Page:
    """What ``text`` shows. Raises nothing but OverBudget."""
    kept, whole = bearable(text)
    tree = LexborHTMLParser(kept)
    root = tree.root
    if root is None:
        return Page(whole=whole)
    walk = _Walk(budget or Budget())
    walk.visit(root)
    return Page(
        lines=tuple(walk.lines[:MAX_LINES]),
        hidden=tuple(walk.hidden[:50]),
        shown_links=tuple(walk.shown_links),
        language=(root.attributes.get("lang") or "")[:2].lower(),
        quoted=walk.quoted,
        whole=whole and len(walk.lines) <= MAX_LINES and not walk.cut,
    )


def _is_hidden(tag: str, marks: dict[str, str | None], style: str) -> bool:
    """Whether an element is not shown. Cells with a font of no size only space things."""
    if "hidden" in marks:
        return True
    if not style or not _HIDDEN.search(style):
        return False
    return tag not in ("img", "td", "tr", "table") or "none" in style or "hidden" in style


class _Walk:
    """One walk over a tree, without recursion: depth is the sender's choice."""

    def __init__(self, budget: Budget) -> None:
        self.lines: list[HtmlLine] = []
        self.hidden: list[str] = []
        self.shown_links: list[tuple[str, str]] = []
        self.quoted = False
        self.cut = False
        self._budget = budget
        self._words: list[str] = []
        self._line_links: list[str] = []
        self._gap = False
        self._breaks = 0
        self._ids: list[str] = []
        self._anchor: tuple[str, list[str]] | None = None
        self._pre = 0

    def visit(self, root: LexborNode) -> None:
        node: LexborNode | None = root.first_child
        stack: list[tuple[LexborNode, str, int]] = []
        while node is not None or stack:
            if node is None:
                left, tag, ids = stack.pop()
                self._leave(tag, ids, left)
                node = left.next
                continue
            self._budget.spend()
            if len(self.lines) > MAX_LINES:
                break
            entered = self._enter(node)
            if entered is not None and node.first_child is not None:
                stack.append((node, *entered))
                node = node.first_child
                continue
            if entered is not None:
                self._leave(entered[0], entered[1], node)
            node = node.next
        self._end_line()

    def _enter(self, node: LexborNode) -> tuple[str, int] | None:
        """Take the node in; None where its inside is not looked at."""
        tag = node.tag or ""
        if tag == "-text":
            self._text(node.text_content or "")
            return None
        if tag in _SILENT or tag.startswith("-"):
            return None
        marks = node.attributes
        style = marks.get("style") or ""
        if _is_hidden(tag, marks, style):
            text = " ".join((node.text(separator=" ") or "").split())
            if text:
                self.hidden.append(text[:1000])
            return None
        name = f"{marks.get('class') or ''} {marks.get('id') or ''}"
        cited = tag == "blockquote" and (marks.get("type") or "").lower() == "cite"
        if cited or (len(name) > 1 and _QUOTE.search(name)):
            self.quoted = True
            return None
        if tag == "br":
            self._end_line()
            self._breaks += 1
            return None
        if tag in _BLOCKS:
            self._end_line()
            self._gap = self._gap or tag in _PARAGRAPHS
        ids = [value for key in ("id", "data-test-id") if (value := marks.get(key))]
        self._ids.extend(ids)
        if tag == "a":
            self._anchor = ((marks.get("href") or "").strip(), [])
        if tag == "pre" or (style and _PRE.search(style)):
            self._pre += 1
            return f"{tag}+pre", len(ids)
        return tag, len(ids)

    def _leave(self, tag: str, ids: int, node: LexborNode) -> None:
        tag, _, pre = tag.partition("+")
        self._pre -= bool(pre)
        if tag == "a" and self._anchor is not None:
            link, words = self._anchor
            self._anchor = None
            if len(self.shown_links) >= MAX_LINKS:
                self.cut = True
            elif link:
                link = link[:MAX_URL]
                self._line_links.append(link)
                self.shown_links.append((" ".join("".join(words).split())[:300], link))
        if tag in _BLOCKS:
            self._end_line()
            self._gap = self._gap or tag in _PARAGRAPHS
        if ids:
            del self._ids[-ids:]

    def _text(self, text: str) -> None:
        if self._anchor is not None:
            self._anchor[1].append(text)
        if not self._pre:
            self._words.append(text)
            return
        first, *others = text.split("\n", MAX_LINES + 1)
        self._words.append(first)
        for line in others:
            self._end_line()
            self._breaks += 1
            self._words.append(line)

    def _end_line(self) -> None:
        text = " ".join("".join(self._words).split())
        self._words = []
        if not text and not self._line_links:
            return
        self.cut = self.cut or len(text) > MAX_LINE
        text = text[:MAX_LINE]
        gap = self._gap or self._breaks > 1
        self.lines.append(HtmlLine(text, tuple(self._line_links), tuple(self._ids[-MAX_IDS:]), gap))
        self._line_links = []
        self._gap = False
        self._breaks = 0
