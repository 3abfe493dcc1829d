"""The head and the tail of a note to where the greeting ends and the signature begins.

Knows "Hi Dave,", "Dave -", "Dear Mr. Fielding", "- Noura", "Best regards, Jo" and their
like in every language with rules. May not take a word that carries meaning: a greeting or
signature with such a word in it ("Hi from Tulsa", "Cheers from the summit") stays a part
of what is left.
"""

from __future__ import annotations

from collections.abc import Iterable

from triage.judge.alignment import Text, reach
from triage.judge.naming import Naming, cased, single
from triage.judge.normalise import LINE, NO_GAP, Words
from triage.judge.template import Template

_LONGEST_TAIL = 24  # words
_MOST_PIECES = 6
_DASHES = "-–—―~|/"


class Salutations:
    """Greetings and signatures of all languages together: a German greeting may well
    stand before an English text. Templates are found by their first word."""

    def __init__(
        self,
        openings: Iterable[Template],
        closings: Iterable[Template],
        titles: frozenset[str],
        addressees: frozenset[str],
        naming: Naming,
    ) -> None:
        self._openings = by_first_word(openings)
        self._closings = by_first_word(closings)
        self._titles = titles
        self._addressed = addressees | titles
        self._naming = naming

    def greeting(self, note: str, text: Text) -> int:
        """The word after the greeting that begins the note; 0 where there is none."""
        end = 0
        while end < len(text):
            opening = self._longest(self._openings, text, end)
            if opening == end:
                break
            end = self._addressee(text, opening, bare=False)
        if end:
            return end
        end = self._addressee(text, 0, bare=True)
        after = self._longest(self._openings, text, end)
        if end and after > end and text.words.ends_clause(end):  # "Dave, hello!"
            return after if text.words.ends_clause(after) else 0
        return end if end < len(text) and _called(note, text.words, end) else 0

    def signature(self, note: str, text: Text, begin: int, alone: bool) -> int:
        """The word where the signature begins that ends the note; the number of words
        where there is none. It does not begin before ``begin``, and where the note is
        ``alone`` (nothing but a greeting before ``begin``) a bare name is none."""
        words = text.words
        for at in range(max(begin, len(words) - _LONGEST_TAIL), len(words)):
            if words.gaps[at] == NO_GAP and at > begin:
                continue
            if self._signs(note, text, at, alone and at == begin):
                return at
        return len(words)

    def _longest(self, templates: dict[str, list[Template]], text: Text, at: int) -> int:
        if at >= len(text):
            return at
        best = at
        for template in templates.get(text.forms[at][0], ()):
            end = reach(template, text, at, self._naming, free_from=1, exact=True)
            best = max(best, end)
        return best

    def _addressee(self, text: Text, at: int, bare: bool) -> int:
        """The word after the people greeted at ``at``; ``at`` where there are none.
        ``bare``: no opening stands before them."""
        words, end = text.words, at
        if at == len(words) or (at and words.gaps[at] == LINE):
            return at
        sure = bare or words.gaps[at] != NO_GAP  # a clause must end behind the name
        while end < len(words) and end - at < 4 and words.keys[end] in self._addressed:
            if end > at and words.ends_clause(end) and words.keys[end - 1] not in self._titles:
                break
            if (
                not self._naming.no_word(words.raw[end])
                and self._naming.run(words, end + 1) == end + 1
            ):
                break  # "Hello professor" says who writes; "Hello Professor Smith" does not
            end += 1
        titled = end > at and words.keys[end - 1] in self._titles
        if end < len(words) and (end == at or titled or words.gaps[end] == NO_GAP):
            end = self._name(words, end, sure, titled)
        return at if sure and not words.ends_clause(end) else end

    def _name(self, words: Words, at: int, sure: bool, titled: bool) -> int:
        run = self._naming.run(words, at, most=3, titled=titled)
        called = run > at and (titled or words.keys[run - 1] in self._titles)
        if at < run < len(words) and words.keys[run] in self._titles and not words.ends_clause(run):
            run, called = run + 1, True  # "Mehmet Bey"
        if run > at and not words.ends_clause(run):  # no comma behind: the first word alone
            return at + 1 if not sure and cased(words.raw[at]) and len(words.raw[at]) > 1 else at
        if run > at and not called and not self._surely(words, at, run):
            return at
        if run == at and not sure and words.ends_clause(at + 1) and self._small_name(words, at):
            return at + 1
        return run

    def _surely(self, words: Words, at: int, run: int) -> bool:
        """Whether more than the place says that a name stands there: a capital, a surname;
        for other scripts, a note that goes on behind it."""
        raw = words.raw[at]
        return self._naming.known(raw) or (not single(raw) and run < len(words))

    def _small_name(self, words: Words, at: int) -> bool:
        raw = words.raw[at]
        return 2 < len(raw) <= 12 and self._naming.no_word(raw)

    def _signs(self, note: str, text: Text, at: int, alone: bool) -> bool:
        words, count = text.words, len(text)
        pieces, closed = 0, False
        while at < count:
            pieces += 1
            after = self._longest(self._closings, text, at)
            if after > at:
                closed, at = True, after
                continue
            dashed = _dash_before(note, words, at)
            on_line = words.gaps[at] == LINE
            run = self._naming.run(words, at)
            if run == at and on_line and dashed and self._small_name(words, at):
                run = at + 1
            elif run == at and closed and at + 1 == count and self._small_name(words, at):
                run = count
            if run == at or pieces > _MOST_PIECES or not words.ends_clause(run):
                return False
            sure = closed or self._naming.known(words.raw[at])
            if not cased(words.raw[at]) and (not sure or words.gaps[at] == NO_GAP):
                return False  # "谢谢分享": nothing says that it is a name
            if not (
                closed
                or (dashed and not alone)
                or (on_line and not alone and _written_as_name(note, words, at, run))
            ):
                return False
            at, closed = run, closed or at + 1 < count
        return True


def by_first_word(templates: Iterable[Template]) -> dict[str, list[Template]]:
    """Templates found by any word that they may begin with."""
    found: dict[str, list[Template]] = {}
    for template in templates:
        for key in template.openers:
            found.setdefault(key, []).append(template)
    return found


def _called(note: str, words: Words, end: int) -> bool:
    """Whether a call ends before the word at ``end``: "Dave," and "Dave -", not "Dave!"."""
    between = note[words.ends[end - 1] : words.starts[end]]
    return (
        words.gaps[end] == LINE
        or any(sign in between for sign in ",:，、،")
        or ("- " in between or "– " in between or "— " in between)
    )


def _dash_before(note: str, words: Words, at: int) -> bool:
    between = note[words.ends[at - 1] if at else 0 : words.starts[at]]
    return any(dash in between for dash in _DASHES)


def _written_as_name(note: str, words: Words, at: int, end: int) -> bool:
    """Whether a line is a name and no sentence: few words, no full stop behind, and no
    word of three capitals, which is rather a school or a company."""
    behind = note[words.ends[end - 1] :][:1]
    initials = len(words.raw[end - 1]) == 1
    shouted = any(len(raw) > 2 and raw.isupper() for raw in words.raw[at:end])
    return end - at <= 3 and not shouted and (initials or behind not in (".", "!", "?", "…"))
