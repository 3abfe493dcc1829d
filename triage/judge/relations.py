"""Who did what to whom: a relation to DependencyMatcher patterns over the parse.

``(I|we) ~read your (article|post)`` is a subject, a verb, and an object, perhaps with a
preposition before it. Whatever stands between them does not count, active or passive,
nor whether the subject stands with a verb further up ("I got round to reading your
article"). Only what is said to have happened counts: not what is wished, asked or
denied. May not match anything itself: ``evidence.py`` does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spacy.tokens import Token

from triage.judge.patterns import Slot, entity_token
from triage.judge.phrase_grammar import Entity, Group, Lemma, MyFact, Part, PhraseFault
from triage.judge.phrases import Expansion

Spec = dict[str, Any]
_PREPOSITIONS = """
    about after against at before by during for from in into of on over through to under via with
"""
PREPOSITIONS = frozenset(_PREPOSITIONS.split())
SHAPE = 'Write it as "(I|we) ~meet you": subject, ~verb, perhaps a preposition, object.'
_CARRIED = frozenset(["xcomp", "conj", "advcl", "ccomp", "dep", "pcomp", "acomp", "prep", "acl"])
_STEPS = 6  # up the parse from a verb to its subject, at most
_AS_SUBJECT = {"me": "i", "us": "we", "him": "he", "her": "she", "them": "they"}
_AS_OBJECT = {plain: cased for cased, plain in _AS_SUBJECT.items()}
_SUBJECT = ["nsubj", "csubj"]
_OBJECT = ["dobj", "obj", "dative", "attr", "oprd"]
_UNREAL = frozenset(
    ["would", "could", "will", "can", "should", "may", "might", "shall", "must"],
)
_DENIED = frozenset(["not", "never", "if", "whether", "unless"])
_WISHES = (
    "want", "hope", "wish", "plan", "need", "look", "intend", "aim", "try", "wait", "expect",
    "seek", "prefer", "ask", "invite", "offer", "propose", "mean", "think", "write", "reach",
)  # fmt: skip
_LIKINGS = ("like", "love", "enjoy", "hate", "keen", "eager", "happy", "glad", "delight")


@dataclass(frozen=True)
class Relation:
    """``patterns`` are of the verb, named first, and the object; the subject is sought
    from the verb upwards (``Asserted``). ``parts`` must all stand in one sentence;
    ``objects`` is empty where anything can be the object, or there is none."""

    patterns: tuple[list[Spec], ...]
    subject: Spec
    verbs: frozenset[str]
    objects: frozenset[str]
    parts: tuple[Slot, ...]
    needs: frozenset[str]


def relation(parts: Sequence[Part], expansion: Expansion) -> Relation | None:
    """None where it needs a fact that the user has not given. Raises PhraseFault."""
    lemmas = [number for number, part in enumerate(parts) if _is_verb(part)]
    if len(parts) < 2 or lemmas not in ([], [1]):
        raise PhraseFault(1, "no relation: one subject, then one verb", SHAPE)
    rest = list(parts[2:])
    specs = [_spec(part, expansion) for part in (parts[0], parts[1], *rest)]
    if any(spec is None for spec in specs):
        return None
    subject, verb, *others = [spec for spec in specs if spec is not None]
    prepositions: Spec | None = None
    if others and set(_norms(others[0])) and set(_norms(others[0])) <= PREPOSITIONS:
        prepositions, others = others[0], others[1:]
        if not others:
            raise PhraseFault(1, "nothing stands after the preposition", SHAPE)
    patterns = _patterns(verb, prepositions, others)
    chosen = [subject, verb, *others, *([prepositions] if prepositions else [])]
    needs = {"ner"} if any("ENT_TYPE" in spec for spec in chosen) else set()
    slots = tuple(_slot(spec) for spec in chosen)
    objects = frozenset(_norms(others[-1]) if others else ())
    verbs = frozenset(_norms(verb))
    return Relation(tuple(patterns), subject, verbs, objects, slots, frozenset({"parser", *needs}))


def _is_verb(part: Part) -> bool:
    if isinstance(part, Group):
        return all(len(b) == 1 and isinstance(b[0], Lemma) for b in part.branches)
    return isinstance(part, Lemma)


def _spec(part: Part, expansion: Expansion) -> Spec | None:
    if getattr(part, "optional", False):
        raise PhraseFault(1, 'nothing in a relation may be missing ("?")', SHAPE)
    if isinstance(part, Entity):
        return entity_token(part.kind)
    norms = expansion.one_of(part)
    if norms:
        return {"NORM": {"IN": sorted(norms)}}
    if isinstance(part, MyFact) and not part.other:
        return None
    raise PhraseFault(1, "each place of a relation holds single words", SHAPE)


def _norms(spec: Spec) -> list[str]:
    norm = spec.get("NORM", {})
    return norm["IN"] if isinstance(norm, dict) and "IN" in norm else []


def _slot(spec: Spec) -> Slot:
    """What a token that is to meet ``spec`` must at least be."""
    norms = frozenset(_norms(spec))
    if norms:
        return Slot(norms | {_AS_OBJECT[norm] for norm in norms & _AS_OBJECT.keys()})
    return Slot(entity="NAME" if "TEXT" in spec else "ANY")


def _node(name: str, attrs: Spec, left: str = "", op: str = "") -> Spec:
    node: Spec = {"RIGHT_ID": name, "RIGHT_ATTRS": attrs}
    if left:
        node |= {"LEFT_ID": left, "REL_OP": op}
    return node


def _patterns(verb: Spec, prep: Spec | None, others: list[Spec]) -> list[list[Spec]]:
    if not others:
        return [[_node("verb", verb)]]
    *modifiers, last = others
    found = [[_node("verb", verb), *nodes] for nodes in _objects(last, modifiers, prep)]
    if prep is None:  # "your article was read by all of us"
        passive = _node("object", {**last, "DEP": "nsubjpass"}, "verb", ">")
        found.append([_node("verb", verb), passive, *_modifying(modifiers)])
    return found


def _objects(last: Spec, modifiers: list[Spec], prep: Spec | None) -> list[list[Spec]]:
    mods = _modifying(modifiers)
    through = prep or {"NORM": {"IN": ["with", "of"]}}
    by_prep = [
        _node("through", {**through, "DEP": {"IN": ["prep", "dative", "agent"]}}, "verb", ">"),
        _node("object", {**last, "DEP": {"IN": ["pobj", "conj"]}}, "through", ">>"),
        *mods,
    ]
    if prep is not None:
        return [by_prep]
    direct = {"DEP": {"IN": _OBJECT}}
    return [
        [_node("object", {**last, **direct}, "verb", ">"), *mods],
        [
            _node("thing", direct, "verb", ">"),
            _node("object", {**last, "DEP": {"IN": ["conj", "appos"]}}, "thing", ">>"),
            *mods,
        ],
        by_prep,
        [  # "I read and shared your post"
            _node("next", {"DEP": "conj"}, "verb", ">"),
            _node("object", {**last, **direct}, "next", ">"),
            *mods,
        ],
        [_node("object", last, "verb", "<"), *mods],  # "your article, which I read"
    ]


def _modifying(modifiers: list[Spec]) -> list[Spec]:
    return [_node(f"modifier{n}", m, "object", ">") for n, m in enumerate(modifiers)]


class Asserted:
    """Tells what is said to have happened from what is wished, asked or denied, and
    finds whose deed it is."""

    def __init__(self, expansion: Expansion) -> None:
        self._wishes = frozenset().union(*map(expansion.forms, _WISHES))
        self._likings = frozenset().union(*map(expansion.forms, _LIKINGS))

    def subject(self, verb: Token, wanted: Spec) -> Token | None:
        """The subject that did what ``verb`` says, where it is one of ``wanted``: its
        own, else the nearest of a verb above it. None where it did not happen."""
        at, found, settled = verb, None, False
        for _ in range(_STEPS):
            children = {c.norm_ for c in at.children if c.dep_ in ("neg", "aux", "mark")}
            if children & _UNREAL or children & _DENIED:
                return None
            if not settled:
                subjects = _subjects_of(at)
                settled = bool(subjects)
                found = next((t for t in subjects if _meets(t, wanted)), None)
            if at.dep_ not in _CARRIED or at.head is at:
                break
            if self._wished(at, children):
                return None
            at = at.head
        return found

    def _wished(self, at: Token, children: set[str]) -> bool:
        above = at.head
        to_do = "to" in children
        if at.dep_ in ("advcl", "acl"):
            return to_do
        if at.dep_ in ("xcomp", "ccomp", "acomp"):
            liked = to_do and above.norm_ in self._likings and not _past(above)
            return liked or above.norm_ in self._wishes
        if at.dep_ in ("pcomp", "prep"):
            return above.norm_ in self._wishes
        return False


def _past(word: Token) -> bool:
    """ "I was happy to read it" happened; "I am happy to" did not yet."""
    return any(t.norm_ in ("was", "were") for t in (word, word.head))


def _subjects_of(verb: Token) -> list[Token]:
    """Those that do what ``verb`` says: in the passive, those after "by"."""
    agents = [child for child in verb.children if child.dep_ == "agent"]
    if agents:
        return list(agents[0].subtree)
    if any(child.dep_ == "nsubjpass" for child in verb.children):
        return [verb]  # somebody did it, nobody is named
    found: list[Token] = []
    for child in verb.children:
        if child.dep_ in _SUBJECT:
            found += [child, *(t for t in child.subtree if t.dep_ == "conj")]
    return found


def _meets(token: Token, wanted: Spec) -> bool:
    norm = wanted.get("NORM", {})
    if "IN" in norm:
        return _AS_SUBJECT.get(token.norm_, token.norm_) in norm["IN"]
    if "ENT_TYPE" in wanted:
        return token.ent_type_ in wanted["ENT_TYPE"]["IN"]
    return bool(re.match(wanted["TEXT"]["REGEX"], token.text)) and token.norm_ not in norm["NOT_IN"]
