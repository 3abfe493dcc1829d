"""What is left of a note to a spaCy Doc whose tokens know their place in the note.

Token norms are what rules compare: lower case, contractions written out ("I'd" and "I
would" are the same), typographic and stylised characters plain, short forms ("pls",
"u") and single typing mistakes put right. White space makes no tokens; a paragraph
break, and the hole that a default text leaves, end the sentence. May not tag or parse.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

MAX_TOKENS = 600  # of one note; what is longer is judged by its beginning

_PLAIN = str.maketrans({
    "’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "＇": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "\t": " ", "\r": " ",
})  # fmt: skip
_SHORT = {
    "'d": "would", "'ve": "have", "ve": "have", "'ll": "will", "ll": "will", "'re": "are",
    "n't": "not", "nt": "not", "'m": "am", "ca": "can", "wo": "will", "sha": "shall", "u": "you",
    "ur": "your", "yr": "your", "urs": "yours", "pls": "please", "plz": "please",
    "plss": "please", "thx": "thanks", "tnx": "thanks", "thanx": "thanks", "thnx": "thanks",
    "tks": "thanks", "w/": "with", "abt": "about", "b/c": "because", "msg": "message",
    "opp": "opportunity", "opps": "opportunities", "exp": "experience", "yrs": "years",
    "hv": "have", "wud": "would", "cud": "could", "gud": "good", "frnd": "friend",
    "frnds": "friends", "sth": "something", "linkdin": "linkedin", "linkedln": "linkedin",
    "&": "and", "+": "plus", "resumé": "resume", "résumé": "resume", "wanna": "want",
    "'em": "them", "tho": "though", "organisation": "organization",
    "organisations": "organizations", "programme": "program", "programmes": "programs",
    "favour": "favor", "colour": "color", "centre": "center", "info": "information",
    "informations": "information", "uni": "university",
}  # fmt: skip
_AFTER_I = {"m": "am", "d": "would"}
_AFTER_YOU = {"r": "are", "re": "are"}
_ENDS = frozenset(".!?…;:")
_BREAK = "."


@dataclass(frozen=True)
class NoteWords:
    """``starts`` and ``ends`` count characters of the note; a break that stands for no
    character of it is an empty span. ``places`` says at which tokens each norm stands."""

    doc: Doc
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    norms: tuple[str, ...]
    places: Mapping[str, Sequence[int]]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The characters from token ``first`` up to, without, token ``last``."""
        return self.starts[first], self.ends[last - 1]


def plain(text: str) -> tuple[str, list[int], list[int]]:
    """``text`` in plain characters, with where each came from and ended."""
    kept: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, char in enumerate(text):
        if char > "~":
            if unicodedata.category(char) in ("Cf", "Cc", "Cs", "Co", "Cn"):
                continue
            if unicodedata.combining(char) and kept:
                composed = unicodedata.normalize("NFC", kept[-1] + char)
                if len(composed) == 1:
                    kept[-1] = composed
                ends[-1] = at + 1
                continue
            char = char.translate(_PLAIN)
            same = unicodedata.normalize("NFKC", char)
            char = same if len(same) == 1 else char
        elif char in "`\t\r":
            char = char.translate(_PLAIN)
        kept.append(char)
        starts.append(at)
        ends.append(at + 1)
    return "".join(kept), starts, ends


class WordCutter:
    """Cuts notes, and in the same way the words of rules."""

    def __init__(self, nlp: Language, correct: Callable[[str], str] | None = None) -> None:
        self._nlp = nlp
        self._correct = correct or (lambda word: word)

    def norms_of(self, text: str) -> tuple[str, ...]:
        """The norms of a word or a run of words as a rule or the config has it."""
        tokens = [t.text for t in self._nlp.tokenizer(plain(text)[0]) if not t.is_space]
        return tuple(_norms(tokens, lambda word: word))

    def cut(self, note: str, pieces: Sequence[tuple[int, int]]) -> NoteWords:
        """The words of the ``pieces`` of ``note``, spans of characters in order."""
        words: list[str] = []
        spaces: list[bool] = []
        starts: list[int] = []
        ends: list[int] = []

        def end_sentence(at: int) -> None:
            if words and words[-1] not in _ENDS:
                words.append(_BREAK)
                spaces.append(True)
                starts.append(at)
                ends.append(at)

        for start, end in pieces:
            text, came, went = plain(note[start:end])
            for token in self._nlp.tokenizer(text):
                if token.is_space:
                    if token.text.count("\n") > 1:
                        end_sentence(start + came[token.idx])
                    elif spaces:
                        spaces[-1] = True
                    continue
                words.append(token.text)
                spaces.append(bool(token.whitespace_))
                starts.append(start + came[token.idx])
                ends.append(start + went[token.idx + len(token) - 1])
            end_sentence(end)
        del words[MAX_TOKENS:], spaces[MAX_TOKENS:]
        doc = Doc(self._nlp.vocab, words=words, spaces=spaces)
        norms = _norms(words, self._correct)
        for token, norm in zip(doc, norms, strict=True):
            if token.norm_ != norm:
                token.norm_ = norm
        size = len(words)
        places: dict[str, list[int]] = {}
        for at, norm in enumerate(norms):
            places.setdefault(norm, []).append(at)
        return NoteWords(doc, tuple(starts[:size]), tuple(ends[:size]), tuple(norms), places)


def _norms(tokens: Sequence[str], correct: Callable[[str], str]) -> list[str]:
    norms: list[str] = []
    for text in tokens:
        low = text.lower()
        before = norms[-1] if norms else ""
        if before == "i" and low in _AFTER_I:
            norm = _AFTER_I[low]
        elif before in ("you", "we", "they") and low in _AFTER_YOU:
            norm = _AFTER_YOU[low]
        elif low in _SHORT:
            norm = _SHORT[low]
        elif text == low and low.isascii() and low.isalpha():
            norm = correct(low)
        else:
            norm = low
        norms.append(norm)
    return norms
