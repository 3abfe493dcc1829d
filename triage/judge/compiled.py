"""Compiled phrases, relations and raw patterns: which of them stand in a note.

Each is sought when the note may hold what it looks for (``fitting.py``), and only the parts
of the pipeline that it needs have run. May not weigh what it finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from spacy.errors import MatchPatternError
from spacy.language import Language
from spacy.matcher import DependencyMatcher
from spacy.tokens import Doc, Token

from triage.judge.budget import Budget
from triage.judge.fitting import Places
from triage.judge.norms import NoteWords
from triage.judge.patterns import SENTENCE_ENDS, Patterns, Slot
from triage.judge.raw_tokens import RawTokens
from triage.judge.relations import Asserted, Relation
from triage.judge.shortlist import Held
from triage.judge.token_texts import exact_tests, text_tests
from triage.judge.ways import Way

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
    """A phrase, ready to be found."""

    patterns: Patterns

    @property
    def needs(self) -> frozenset[str]:
        return self.patterns.needs

    def ways(self) -> list[Way]:
        """What a note must have for each run to match."""
        return [Way(run) for run in self.patterns.runs]

    def find(self, places: Places, held: Sequence[Held]) -> Iterable[Found]:
        """Where it stands; ``held`` are its ways that hold there."""
        found = _spans(places, held, self.needs)
        if not self.patterns.starts:
            return found
        norms = places.words.norms
        return [at for at in found if not at[0] or norms[at[0] - 1] in _CLAUSE_ENDS]


@dataclass(frozen=True)
class TokenMatch:
    """A raw pattern, ready to be found."""

    tokens: RawTokens
    needs: frozenset[str]
    way: Way

    def ways(self) -> list[Way]:
        """What can be told from the words alone."""
        return [self.way]

    def find(self, places: Places, held: Sequence[Held]) -> Iterable[Found]:
        """Where it stands: no Doc is made for a pattern that asks for texts alone."""
        if self.way.run:
            return _spans(places, held)
        return longest(set(self.tokens.find(places.words.doc)))


@dataclass(frozen=True)
class RelationMatch:
    """A relation, ready to be found in a parsed note."""

    nlp: Language
    relation: Relation
    asserted: Asserted

    @property
    def needs(self) -> frozenset[str]:
        return self.relation.needs

    def ways(self) -> list[Way]:
        """All who take part stand in one sentence."""
        return [Way(beside=self.relation.parts)]

    def find(self, places: Places, held: Sequence[Held]) -> Iterable[Found]:
        """Where it stands, from the first that takes part to the last."""
        words = places.words
        subjects = {verb.i: subject for verb, subject in self._deeds(words)}
        if not subjects:
            return
        for _, tokens in self._matcher(words.doc):
            subject = subjects.get(tokens[0])
            if subject is not None:
                # All that takes part, from the first to the last, makes the quote.
                parts = [*tokens, subject.i]
                yield min(parts), max(parts) + 1

    def _deeds(self, words: NoteWords) -> Iterator[tuple[Token, Token]]:
        """Each verb that may have its object in the parse and was done, with who did it."""
        doc, verbs, objects = words.doc, self.relation.verbs, self.relation.objects
        things = [doc[at] for norm in objects & words.bits.keys() for at in words.places(norm)]
        for norm in verbs & words.bits.keys():
            for at in words.places(norm):
                verb = doc[at]
                if objects and not any(o == verb.head or verb.is_ancestor(o) for o in things):
                    continue
                subject = self.asserted.subject(verb, self.relation.subject)
                if subject is not None:
                    yield verb, subject

    @cached_property
    def _matcher(self) -> DependencyMatcher:
        matcher = DependencyMatcher(self.nlp.vocab)
        matcher.add(_KEY, list(self.relation.patterns))
        return matcher


Match = PhraseMatch | TokenMatch | RelationMatch


def compile_phrase(nlp: Language, patterns: Patterns) -> PhraseMatch:
    """Raises PatternFault where this model cannot match it."""
    _check(nlp, patterns.needs)
    return PhraseMatch(patterns)


def compile_relation(nlp: Language, relation: Relation, asserted: Asserted) -> RelationMatch:
    """Raises PatternFault where this model cannot match it."""
    _check(nlp, relation.needs)
    return RelationMatch(nlp, relation, asserted)


def compile_tokens(nlp: Language, pattern: list[dict[str, Any]]) -> TokenMatch:
    """A raw spaCy pattern. Raises PatternFault."""
    needs = frozenset(_NEEDED_BY[key] for token in pattern for key in token if key in _NEEDED_BY)
    _check(nlp, needs)
    try:
        way = Way(_run(pattern), tests=text_tests(pattern))
        found = TokenMatch(RawTokens(nlp, pattern), needs, way)
        # spaCy says only when it matches that a component is missing: match one word.
        doc = nlp.make_doc("word")
        annotate(nlp, [(doc, needs)])
        list(found.tokens.find(doc))
    except (MatchPatternError, ValueError) as error:
        raise PatternFault(_first_line(error)) from None
    return found


def _run(pattern: Sequence[dict[str, Any]]) -> tuple[Slot, ...]:
    """The slots of a raw pattern, none where it asks for more than texts."""
    return tuple(Slot(test=test, optional=may) for test, may in exact_tests(pattern) or ())


def _spans(
    places: Places, held: Sequence[Held], needs: frozenset[str] = frozenset()
) -> list[Found]:
    """Where the ways stand; with ``needs``, where the model has told the entities."""
    if needs:
        return longest({span for way, _ in held for span in places.named_spans(way)})
    return longest({span for way, ends in held for span in places.spans(way, ends)})


def longest(spans: set[Found]) -> list[Found]:
    """Those that do not overlap a longer one, as spaCy's ``greedy="LONGEST"`` has it."""
    if len(spans) < 2:
        return list(spans)
    kept: list[Found] = []
    for first, last in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if all(last <= begin or end <= first for begin, end in kept):
            kept.append((first, last))
    return kept


def components(nlp: Language, needs: frozenset[str]) -> list[str]:
    """The pipeline components that ``needs`` call for, in the pipeline's order."""
    wanted = {name for need in needs for name in _COMPONENTS[need]}
    return [name for name in nlp.pipe_names if name in wanted]


def annotate(
    nlp: Language, wanted: Sequence[tuple[Doc, frozenset[str]]], budget: Budget | None = None
) -> None:
    """Run on each doc, in place, the components that it needs and no other."""
    budget = budget or Budget()
    for name in nlp.pipe_names:
        docs = [doc for doc, needs in wanted if name in components(nlp, needs)]
        if docs:
            component: Any = nlp.get_pipe(name)
            for doc in component.pipe(docs, batch_size=16):
                budget.spend(len(doc))


def _check(nlp: Language, needs: frozenset[str]) -> None:
    for need in sorted(needs):
        if need not in nlp.pipe_names:
            raise PatternFault(f'the language model has no "{need}"')


def _first_line(error: Exception) -> str:
    lines = [line.strip(" -") for line in str(error).splitlines() if line.strip(" -")]
    return (lines[-1] if isinstance(error, MatchPatternError) else lines[0])[:200]
