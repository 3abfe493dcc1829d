"""An English word's dictionary form to all its inflections, and typing mistakes back.

Works from tables that the spaCy model brings (its irregular forms, its word list) and
the spelling rules of English; never from context, so that a broken sentence around a
word cannot hide it. May not guess at names: only lower-case words are corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from spacy.language import Language

_BASIC = {
    "be": "be am is are was were been being 's",
    "have": "have has had having",
    "do": "do does did done doing",
    "go": "go goes went gone going",
    "speak": "speak speaks spoke spoken speaking",
}
_VOWELS = "aeiou"
_WORD_FORMS = ("noun", "verb", "adj", "adv")
_TYPO_LENGTH = 5  # shorter words have too many neighbours


class Inflections:
    """``irregular`` maps a dictionary form to its irregular inflections."""

    def __init__(self, irregular: Mapping[str, Iterable[str]]) -> None:
        self._irregular = {lemma: frozenset(forms) for lemma, forms in irregular.items()}

    def of(self, lemma: str) -> frozenset[str]:
        """Every form of ``lemma``: as a verb, as a noun, compared. Some that nobody
        writes ("speaked") are among them and do no harm."""
        lemma = lemma.lower()
        if lemma in _BASIC:
            return frozenset(_BASIC[lemma].split())
        return frozenset({lemma, *_regular(lemma)}) | self._irregular.get(lemma, frozenset())


def _regular(word: str) -> Iterable[str]:
    stem = word[:-1]
    if word.endswith(("s", "x", "z", "ch", "sh", "o")):
        yield word + "es"
    elif word.endswith("y") and word[-2:-1] not in _VOWELS:
        yield stem + "ies"
        yield stem + "ied"
    yield word + "s"
    if word.endswith("e"):
        yield word + "d"
        yield stem + "ing"
    else:
        yield word + "ed"
    yield word + "ing"
    if word.endswith("ie"):
        yield word[:-2] + "ying"
    doubled = word[-1:] not in _VOWELS + "wxy" and word[-2:-1] in _VOWELS
    if doubled and word[-3:-2] not in _VOWELS:
        yield word + word[-1] + "ed"
        yield word + word[-1] + "ing"


class Spelling:
    """Words that rules look for, found again under one typing mistake.

    ``vocabulary`` are the words worth finding, ``known`` tells whether a word is one of
    the language already (then it is left alone).
    """

    def __init__(self, vocabulary: Iterable[str], known: Iterable[str]) -> None:
        words = frozenset(vocabulary)
        self._known = frozenset(known) | words
        self._vocabulary = frozenset(w for w in words if len(w) >= _TYPO_LENGTH and w.isalpha())
        self._shortened: dict[str, str] = {}
        for word in sorted(self._vocabulary, reverse=True):
            for short in _shortened(word):
                self._shortened[short] = word

    def correct(self, word: str) -> str:
        """The word that ``word`` (in lower case) was meant to be, else itself."""
        if len(word) < _TYPO_LENGTH - 1 or self._is_known(word):
            return word
        if word in self._shortened:
            return self._shortened[word]
        if len(word) < _TYPO_LENGTH:
            return word
        for short in _shortened(word):
            meant = short if short in self._vocabulary else self._shortened.get(short)
            if meant and meant[0] == word[0] and _one_mistake(word, meant):
                return meant
        return word

    def _is_known(self, word: str) -> bool:
        if word in self._known:
            return True
        stems = (word[:-1], word[:-2], word[:-3], word[:-3] + "e")
        return word.endswith(("s", "ed", "ing")) and any(s in self._known for s in stems)


def _shortened(word: str) -> Iterable[str]:
    """The word less one letter; never less its first, which is seldom mistyped."""
    return (word[:at] + word[at + 1 :] for at in range(1, len(word)))


def _one_mistake(word: str, meant: str) -> bool:
    """One letter missing, too many, wrong, or two changed about."""
    if len(word) != len(meant):
        longer, shorter = sorted((word, meant), key=len, reverse=True)
        return shorter in _shortened(longer)
    wrong = [at for at, (a, b) in enumerate(zip(word, meant, strict=True)) if a != b]
    if len(wrong) == 2:
        first, second = wrong
        return second == first + 1 and (word[first], word[second]) == (
            meant[second],
            meant[first],
        )
    return len(wrong) == 1


def tables(nlp: Language) -> tuple[Mapping[str, set[str]], set[str]]:
    """(irregular inflections by dictionary form, words of the language), empty where the
    model brings no tables."""
    irregular: dict[str, set[str]] = {}
    known: set[str] = set()
    if "lemmatizer" not in nlp.pipe_names:
        return irregular, known
    lookups = getattr(nlp.get_pipe("lemmatizer"), "lookups", None)
    if lookups is None or not lookups.has_table("lemma_exc"):
        return irregular, known
    for kind in _WORD_FORMS:
        for form, lemmas in lookups.get_table("lemma_exc").get(kind, {}).items():
            known.add(form)
            for lemma in lemmas:
                irregular.setdefault(lemma, set()).add(form)
        known.update(lookups.get_table("lemma_index").get(kind, ()))
    known.update(nlp.Defaults.stop_words)
    return irregular, known
