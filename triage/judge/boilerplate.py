"""A note to what is left of it when greeting, signature and default texts are taken away.

Finds default texts by the words that they may begin with, and only where a clause begins.
May not score: a text is found or it is not, and where there is doubt it stays in what is
left, since a swallowed sentence is a person lost. Bounded: see ``MAX_STEPS``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from triage.errors import Fault
from triage.judge.alignment import Text, reach
from triage.judge.boilerplate_rules import BoilerplateText, Role
from triage.judge.greetings import Salutations
from triage.judge.naming import Naming, cased
from triage.judge.normalise import key_of, words_of
from triage.judge.notation import Spellings, read_notation
from triage.judge.pieces import residue_of, spans_of
from triage.judge.spelling import Vocabulary
from triage.judge.template import Template, template_of
from triage.model import Span

# After so much work the rest of a note is left as it is. Of some 4,000 real notes and
# default texts the dearest takes 93; a hostile one takes a quarter of a second for these.
MAX_STEPS = 20_000
GREETING, SIGNATURE = "greeting", "signature"


@dataclass(frozen=True)
class Subtraction:
    """``spans`` in order, not overlapping; ``residue``: start and end of each piece that
    is left. ``language`` is that of the longest default text, None without one. ``steps``
    is the work that it took."""

    spans: tuple[Span, ...] = ()
    residue: tuple[tuple[int, int], ...] = ()
    language: str | None = None
    steps: int = 0


@dataclass(slots=True)
class _Known:
    """A default text ready for use, with the words that its language lets in between
    (``added``) and before it (``joiners``)."""

    rule: str
    language: str
    template: Template
    added: frozenset[str]
    before: frozenset[str]


class DefaultTexts:
    """All default texts, greetings and signatures that are known, in every language."""

    def __init__(self, texts: Sequence[BoilerplateText]) -> None:
        texts = [text for text in texts if text.enabled]
        self._spellings: Spellings = {}
        self._small: dict[str, tuple[frozenset[str], ...]] = {}
        self._lists: dict[tuple[str, Role], tuple[str, ...]] = {}
        for text in texts:
            if text.role != "text":
                key = (text.language, text.role)
                self._lists[key] = (*self._lists.get(key, ()), *text.texts)
        self._by_word: dict[str, list[_Known]] = {}
        self._by_need: dict[str, list[_Known]] = {}
        for text in texts:
            if text.role == "text":
                self._add(text)
        self._rarest_first()
        self._before = self._keys("joiners", "may_be_added")
        self._vocabulary = Vocabulary(
            version
            for text in texts
            if text.role in ("text", "openings", "closings")
            for version in text.texts
        )
        self._naming = Naming(self._no_names(), self._keys("surnames"))
        self._salutations = Salutations(
            self._templates("openings"), self._templates("closings"),
            self._keys("titles"), self._keys("addressees"), self._naming,
        )  # fmt: skip

    def subtract(self, note: str) -> Subtraction:
        """Take the default texts out of ``note``."""
        words = words_of(note)
        text = Text(words, self._vocabulary.read(note, words))
        greeted = self._salutations.greeting(note, text)
        found = self._find(text, greeted)
        last = found[-1][1] if found else greeted
        signed = self._salutations.signature(note, text, last, alone=not found)
        pieces = [(begin, end, known.rule) for begin, end, known in found]
        if greeted:
            pieces.insert(0, (0, greeted, GREETING))
        if signed < len(text):
            pieces.append((signed, len(text), SIGNATURE))
        longest = max(found, key=lambda piece: piece[1] - piece[0], default=None)
        idle = frozenset().union(*(known.before for _, _, known in found))
        return Subtraction(
            tuple(spans_of(note, text, pieces)),
            tuple(residue_of(note, text, pieces, idle)),
            longest[2].language if longest else None,
            text.steps,
        )

    def _add(self, text: BoilerplateText) -> None:
        """Put the versions of one rule into the index."""
        missing, added, before = self._small_words(text.language)
        for version in text.texts:
            template = template_of(read_notation(version, missing, self._spellings))
            known = _Known(text.id, text.language, template, added, before)
            for key in template.openers:
                self._by_word.setdefault(key, []).append(known)
            if template.named and template.needs:
                for key in template.needs[0]:
                    self._by_need.setdefault(key, []).append(known)

    def _find(self, text: Text, begin: int) -> list[tuple[int, int, _Known]]:
        """The longest default text at each place where one may begin."""
        words, forms = text.words, text.forms
        present = set().union(*forms)
        named = [
            known
            for form in sorted(present & self._by_need.keys())
            for known in self._by_need[form]
        ]
        found: list[tuple[int, int, _Known]] = []
        at = begin
        while at < len(forms) and text.steps < MAX_STEPS:
            before = "" if at == begin or words.gaps[at] else words.keys[at - 1]
            end, known = at, None
            if (not before or before in self._before) and (
                forms[at][0] in self._by_word or len(forms[at]) > 1 or named
            ):
                end, known = self._longest(text, at, before, present, named)
            if known:
                found.append((at, end, known))
                begin = at = end
            else:
                at += 1
        return found

    def _longest(
        self, text: Text, at: int, before: str, present: set[str], named: list[_Known]
    ) -> tuple[int, _Known | None]:
        best, best_known = at, None
        several = [self._by_word[form] for form in text.forms[at] if form in self._by_word]
        if named and self._naming.name(text.words.raw[at]):
            several.append(named)
        for candidates in several:
            for known in candidates:
                for need in known.template.needs:
                    if present.isdisjoint(need):
                        break
                else:
                    if before and before not in known.before:
                        continue
                    end = reach(known.template, text, at, self._naming, known.added)
                    if end > best:
                        best, best_known = end, known
                        if end == len(text):
                            return best, best_known
        return best, best_known

    def _no_names(self) -> frozenset[str]:
        """Short words of one language are names in another ("Min", "Ole", "Jen"), so all
        but English ones must be long to count in every note."""
        words = frozenset(
            word.lower()
            for (language, role), texts in self._lists.items()
            for word in texts
            if role == "no_names" and (language == "en" or len(word) > 3 or not cased(word))
        )
        signs = (raw for text in self._all("closings") for raw in words_of(text).raw)
        return words | {raw.lower() for raw in signs if len(raw) > 4}

    def _rarest_first(self) -> None:
        """Ask first for the words that few texts have: most notes lack them."""
        templates = {
            id(k.template): k.template for several in self._by_word.values() for k in several
        }
        counts = Counter(key for t in templates.values() for need in t.needs for key in need)
        for template in templates.values():
            order = sorted(template.needs, key=lambda need: sum(counts[key] for key in need))
            template.needs = tuple(order)

    def _small_words(self, language: str) -> tuple[frozenset[str], ...]:
        """A language's words that may be missing, be added, and stand before a text."""
        if language not in self._small:
            added = self._keys("may_be_added", language=language)
            before = added | self._keys("joiners", language=language)
            self._small[language] = (self._keys("may_be_missing", language=language), added, before)
        return self._small[language]

    def _all(self, role: Role) -> list[str]:
        return [text for (_, its), texts in self._lists.items() if its == role for text in texts]

    def _templates(self, role: Role) -> list[Template]:
        texts = self._all(role)
        return [template_of(read_notation(text, spellings=self._spellings)) for text in texts]

    def _keys(self, *roles: Role, language: str | None = None) -> frozenset[str]:
        return frozenset(
            key
            for (its_language, role), texts in self._lists.items()
            if role in roles and language in (None, its_language)
            for text in texts
            for key in ([key_of(word) for word in words_of(text).raw])
        )


def example_faults(texts: Sequence[BoilerplateText]) -> tuple[Fault, ...]:
    """The examples of all rules that do not do what they say."""
    defaults = DefaultTexts(texts)
    faults = []
    for text in texts:
        if text.role != "text" or not text.enabled:
            continue
        for number, note in enumerate(text.matches, 1):
            if defaults.subtract(note).residue:
                what = f"match {number} is not taken away whole"
                now = "Put the example right, or add its wording to texts."
                faults.append(Fault(text.file, text.line, text.id, what, now))
        for number, note in enumerate(text.ignores, 1):
            if not defaults.subtract(note).residue:
                what = f"nothing is left of ignore {number}"
                now = "Put the example right, or make the texts stricter."
                faults.append(Fault(text.file, text.line, text.id, what, now))
    return tuple(faults)
