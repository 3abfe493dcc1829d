"""Compiled phrases, relations and raw patterns: which of them stand in a note.

The only module that holds spaCy's matchers. Each is tried only where the words that it
cannot do without are in the note, and only the parts of the pipeline that it needs have
run. May not weigh what it finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spacy.errors import MatchPatternError
from spacy.language import Language
from spacy.matcher import DependencyMatcher, Matcher
from spacy.tokens import Doc

from triage.judge.norms import NoteWords
from triage.judge.patterns import SENTENCE_ENDS, Patterns
from triage.judge.relations import Asserted, Relation

_KEY = "found"
_NEEDED_BY = {
    "ENT_TYPE": "ner", "ENT_ID": "ner", "ENT_IOB": "ner", "ENT_KB_ID": "ner", "DEP": "parser",
    "HEAD": "parser", "SENT_START": "parser", "POS": "tagger", "TAG": "tagger",
    "LEMMA": "tagger", "MORPH": "tagger",
}  # fmt: skip
_COMPONENTS = {
    "parser": ("tok2vec", "parser"),
    "tagger": ("tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer"),
    "ner": ("ner",),
}
_CLAUSE_ENDS = frozenset(
    [*SENTENCE_ENDS, ",", ";", ":", "-", "--", ")", "(", "..", "and", "but", "so"]
)
Found = tuple[int, int]  # first token, and one after the last


class PatternFault(ValueError):
    """A pattern that this model cannot match."""


@dataclass(frozen=True)
class PhraseMatch:
    """A phrase, or a raw pattern, ready to be found."""

    matcher: Matcher
    needs: frozenset[str]
    patterns: Patterns | None = None
    loose: Matcher | None = None

    def may_match(self, words: NoteWords) -> bool:
        windows = self._windows(words)
        if self.loose is None:
            return bool(windows)
        return any(self.loose(words.doc[first:last]) for first, last in windows)

    def find(self, words: NoteWords) -> Iterator[Found]:
        starts = self.patterns is not None and self.patterns.starts
        for begin, end in self._windows(words):
            for _, first, last in self.matcher(words.doc[begin:end]):
                first, last = first + begin, last + begin
                if not starts or first == 0 or words.norms[first - 1] in _CLAUSE_ENDS:
                    yield first, last

    def words(self) -> list[frozenset[str]]:
        """The words that it looks for, and cannot do without."""
        probes = self.patterns.probes if self.patterns else ()
        return [words for probe in probes for words in (probe.anchor, *probe.others)]

    def anchors(self) -> frozenset[str]:
        """Words of which a note must have one; none where that cannot be said."""
        probes = self.patterns.probes if self.patterns else ()
        if not all(probe.anchor for probe in probes):
            return frozenset()
        return frozenset().union(*(probe.anchor for probe in probes))

    def _windows(self, words: NoteWords) -> list[tuple[int, int]]:
        if self.patterns is None or not all(probe.anchor for probe in self.patterns.probes):
            return [(0, len(words.norms))]
        return self.patterns.windows(words)


@dataclass(frozen=True)
class RelationMatch:
    """A relation, ready to be found in a parsed note."""

    matcher: DependencyMatcher
    relation: Relation
    asserted: Asserted

    @property
    def needs(self) -> frozenset[str]:
        return self.relation.needs

    def may_match(self, words: NoteWords) -> bool:
        return self.relation.may_match(words.places.keys())

    def find(self, words: NoteWords) -> Iterator[Found]:
        for _, tokens in self.matcher(words.doc):
            verb = words.doc[tokens[0]]
            subject = self.asserted.subject(verb, self.relation.subject)
            if subject is not None:
                # All that takes part, from the first to the last, makes the quote.
                places = [*tokens, subject.i]
                yield min(places), max(places) + 1

    def words(self) -> list[frozenset[str]]:
        return list(self.relation.sets)

    def anchors(self) -> frozenset[str]:
        return min(self.relation.sets, key=len, default=frozenset())


Match = PhraseMatch | RelationMatch


def compile_phrase(nlp: Language, patterns: Patterns) -> PhraseMatch:
    """Raises PatternFault where this model cannot match it."""
    loose = _matcher(nlp, patterns.loose) if patterns.needs else None
    found = PhraseMatch(_matcher(nlp, patterns.exact), patterns.needs, patterns, loose)
    _probe(nlp, found)
    return found


def compile_tokens(nlp: Language, pattern: list[dict[str, Any]]) -> PhraseMatch:
    """A raw spaCy pattern. Raises PatternFault."""
    needs = {_NEEDED_BY[key] for token in pattern for key in token if key in _NEEDED_BY}
    found = PhraseMatch(_matcher(nlp, [pattern]), frozenset(needs))
    _probe(nlp, found)
    return found


def compile_relation(nlp: Language, relation: Relation, asserted: Asserted) -> RelationMatch:
    """Raises PatternFault."""
    matcher = DependencyMatcher(nlp.vocab, validate=True)
    try:
        matcher.add(_KEY, list(relation.patterns))
    except (MatchPatternError, ValueError) as error:
        raise PatternFault(_first_line(error)) from None
    found = RelationMatch(matcher, relation, asserted)
    _probe(nlp, found)
    return found


def components(nlp: Language, needs: frozenset[str]) -> list[str]:
    """The pipeline components that ``needs`` call for, in the pipeline's order."""
    wanted = {name for need in needs for name in _COMPONENTS[need]}
    return [name for name in nlp.pipe_names if name in wanted]


def annotate(nlp: Language, wanted: Sequence[tuple[Doc, frozenset[str]]]) -> None:
    """Run on each doc, in place, the components that it needs and no other."""
    for name in nlp.pipe_names:
        docs = [doc for doc, needs in wanted if name in components(nlp, needs)]
        if docs:
            component: Any = nlp.get_pipe(name)
            for _ in component.pipe(docs, batch_size=64):
                pass


def _matcher(nlp: Language, patterns: Sequence[list[dict[str, Any]]]) -> Matcher:
    matcher = Matcher(nlp.vocab, validate=True)
    try:
        matcher.add(_KEY, list(patterns), greedy="LONGEST")
    except (MatchPatternError, ValueError) as error:
        raise PatternFault(_first_line(error)) from None
    return matcher


def _probe(nlp: Language, match: Match) -> None:
    """spaCy says only when it matches that a component is missing: match one word."""
    for need in match.needs:
        if need not in nlp.pipe_names:
            raise PatternFault(f'the language model has no "{need}"')
    doc = nlp.make_doc("word")
    annotate(nlp, [(doc, match.needs)])
    try:
        match.matcher(doc)
    except ValueError as error:
        raise PatternFault(_first_line(error)) from None


def _first_line(error: Exception) -> str:
    lines = [line.strip(" -") for line in str(error).splitlines() if line.strip(" -")]
    return (lines[-1] if isinstance(error, MatchPatternError) else lines[0])[:200]
