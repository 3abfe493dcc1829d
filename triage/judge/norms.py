"""What is left of a note to a spaCy Doc whose tokens know their place in the note.

Token norms are what rules compare: lower case, contractions written out ("I'd" and "I
would" are the same), typographic and stylised characters plain, short forms ("pls",
"u") and single typing mistakes put right. White space makes no tokens; a paragraph
break, and the hole that a default text leaves, end the sentence. May not tag or parse.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

MAX_TOKENS = 600  # of one note; what is longer is judged by its beginning

_PLAIN = str.maketrans({
    "’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "＇": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "\t": " ", "\r": " ",
})  # fmt: skip
_SHORT = {
    "'d": "would", "'ve": "have", "ve": "have", "'ll": "will", "ll": "will", "'re": "are",
    "n't": "not", "nt": "not", "'m": "am", "ca": "can", "wo": "will", "sha": "shall", "u": "you",
    "ur": "your", "urs": "yours", "pls": "please", "plz": "please",
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
_CHUNK = re.compile(r"\s+|\S{1,200}")  # longer ones cost the tokenizer their square
_PLAIN_WORD = re.compile(r"([A-Za-z]+)[,!?]?")
_TICK = {ord("`"): "'"}
_LONG = 30  # characters; longer chunks are not remembered, nor are more than so many
_REMEMBERED = 8192


@dataclass(frozen=True)
class NoteWords:
    """``starts`` and ``ends`` count characters of the note; a break that stands for no
    character of it is an empty span. ``bits`` says at which tokens each norm stands: bit
    3 is the fourth."""

    vocab: Vocab
    texts: tuple[str, ...]
    spaces: tuple[bool, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    norms: tuple[str, ...]
    bits: Mapping[str, int]

    def places(self, norm: str) -> Iterator[int]:
        """The tokens at which ``norm`` stands, in order."""
        return ones(self.bits.get(norm, 0))

    @cached_property
    def doc(self) -> Doc:
        """Made when first asked for, since many a note is judged without it."""
        doc = Doc(self.vocab, words=list(self.texts), spaces=list(self.spaces))
        for token, norm in zip(doc, self.norms, strict=True):
            if token.norm_ != norm:
                token.norm_ = norm
        return doc

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The characters from token ``first`` up to, without, token ``last``."""
        return self.starts[first], self.ends[last - 1]


def ones(number: int) -> Iterator[int]:
    """The places of the ones in it, the lowest first."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def plain(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """``text`` in plain characters, with where each came from and ended."""
    if text.isascii() and text.isprintable() and "`" not in text:
        return text, range(len(text)), range(1, len(text) + 1)
    alike = {ord(char): _plain_char(char) for char in set(text) if not " " <= char <= "~"}
    if all(alike.values()):
        every = len(text)
        return text.translate(alike | _TICK), range(every), range(1, every + 1)
    kept: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, char in enumerate(text):
        if unicodedata.combining(char) and kept:
            composed = unicodedata.normalize("NFC", kept[-1] + char)
            if len(composed) == 1:
                kept[-1] = composed
            ends[-1] = at + 1
            continue
        char = _plain_char(char, alone=True)
        if char:
            kept.append(char)
            starts.append(at)
            ends.append(at + 1)
    return "".join(kept), starts, ends


@lru_cache(4096)
def _plain_char(char: str, alone: bool = False) -> str:
    """What is written for ``char``; nothing where it is not seen, or where it changes
    the letter before it (unless it stands ``alone``)."""
    if char > "~":
        if unicodedata.category(char) in ("Cf", "Cc", "Cs", "Co", "Cn"):
            return ""
        if unicodedata.combining(char) and not alone:
            return ""
        char = char.translate(_PLAIN)
        same = unicodedata.normalize("NFKC", char)
        return same if len(same) == 1 else char
    return char.translate(_PLAIN)


class WordCutter:
    """Cuts notes, and in the same way the words of rules. What stands between white
    space is cut by itself, as spaCy does it, and remembered."""

    def __init__(self, nlp: Language, correct: Callable[[str], str] | None = None) -> None:
        self._nlp = nlp
        self._correct = correct or (lambda word: word)
        self._remembered = lru_cache(_REMEMBERED)(self._cut_chunk)

    def norms_of(self, text: str) -> tuple[str, ...]:
        """The norms of a word or a run of words as a rule or the config has it."""
        tokens = [token for chunk in plain(text)[0].split() for token, _ in self._tokens(chunk)]
        return tuple(_in_context([(token.lower(), _norm(token)) for token in tokens]))

    def cut(self, note: str, pieces: Sequence[tuple[int, int]]) -> NoteWords:
        """The words of the ``pieces`` of ``note``, spans of characters in order."""
        words: list[str] = []
        spaces: list[bool] = []
        starts: list[int] = []
        ends: list[int] = []
        norms: list[tuple[str, str]] = []

        def end_sentence(at: int) -> None:
            if words and words[-1] not in _ENDS:
                words.append(_BREAK)
                norms.append((_BREAK, _BREAK))
                spaces.append(True)
                starts.append(at)
                ends.append(at)

        for start, end in pieces:
            text, came, went = plain(note[start:end])
            for chunk in _CHUNK.finditer(text):
                first, written = chunk.start(), chunk[0]
                if written.isspace():
                    if written.count("\n") > 1:
                        at = first + (first > 0 and written[0] == " ")
                        end_sentence(start + came[at])
                    elif spaces:
                        spaces[-1] = True
                    continue
                cut = self._remembered if len(written) <= _LONG else self._cut_chunk
                for token, low, norm, offset in cut(written):
                    words.append(token)
                    norms.append((low, norm))
                    spaces.append(False)
                    starts.append(start + came[first + offset])
                    ends.append(start + went[first + offset + len(token) - 1])
                if text[chunk.end() : chunk.end() + 1] == " ":
                    spaces[-1] = True
                if len(words) > MAX_TOKENS:
                    break
            end_sentence(end)
        for column in (words, spaces, starts, ends, norms):
            del column[MAX_TOKENS:]
        bits: dict[str, int] = {}
        meant, bit = _in_context(norms), 1
        for norm in meant:
            bits[norm] = bits.get(norm, 0) | bit
            bit <<= 1
        vocab, texts, gaps = self._nlp.vocab, tuple(words), tuple(spaces)
        return NoteWords(vocab, texts, gaps, tuple(starts), tuple(ends), tuple(meant), bits)

    def _cut_chunk(self, chunk: str) -> tuple[tuple[str, str, str, int], ...]:
        """Each token as written, in lower case, its norm, and where it begins."""
        return tuple(
            (token, token.lower(), _norm(token, self._correct), at)
            for token, at in self._tokens(chunk)
        )

    def _tokens(self, chunk: str) -> list[tuple[str, int]]:
        """What stands between white space, cut as spaCy does it. Nearly all of it is
        plain words, on which spaCy's rules need not be tried."""
        found = _PLAIN_WORD.fullmatch(chunk)
        rules = getattr(self._nlp.tokenizer, "rules", None)
        if found is None or rules is None or chunk in rules or found[1] in rules:
            return [(token.text, token.idx) for token in self._nlp.tokenizer(chunk)]
        word = found[1]
        return [(word, 0), (chunk[-1], len(word))] if word != chunk else [(word, 0)]


def _norm(text: str, correct: Callable[[str], str] | None = None) -> str:
    low = text.lower()
    if low in _SHORT:
        return _SHORT[low]
    if correct and text == low and low.isascii() and low.isalpha():
        return correct(low)
    return low


def _in_context(tokens: Sequence[tuple[str, str]]) -> list[str]:
    """The norms of tokens (lower case, norm), those that hang on the one before right."""
    norms: list[str] = []
    before = ""
    for low, norm in tokens:
        if low in _AFTER_I and before == "i":
            norm = _AFTER_I[low]
        elif low in _AFTER_YOU and before in ("you", "we", "they"):
            norm = _AFTER_YOU[low]
        norms.append(norm)
        before = norm
    return norms
