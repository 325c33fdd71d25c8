"""Character sets: national ones, Latin-1, line drawing, and the shifts between them."""

from __future__ import annotations

import pytest

from widgets.vt import Terminal


def shown(text: str) -> str:
    terminal = Terminal(40, 2)
    terminal.feed(text.encode())
    return "".join(terminal.rows()[0]).rstrip()


@pytest.mark.parametrize(
    ("designated", "expected"),
    [
        ("\x1b(B", "#@[\\]^`{|}~"),
        ("\x1b(A", "£@[\\]^`{|}~"),
        ("\x1b(<", "£ÀÛÜŸ⸮àûü\u00ff⸮"),
        ("\x1b(0", "#@[\\]^◆π≠£·"),
        ("\x1b[?42h\x1b(4", "£¾ĳ½|^`¨ƒ¼\u00b4"),
        ("\x1b[?42h\x1b(C", "#@ÄÖÅÜéäöåü"),
        ("\x1b[?42h\x1b(R", "£à°ç§^`éùè¨"),
        ("\x1b[?42h\x1b(Q", "#àâçêîôéùèû"),
        ("\x1b[?42h\x1b(K", "#§ÄÖÜ^`äöüß"),
        ("\x1b[?42h\x1b(Y", "£§°çé^ùàòèì"),
        ("\x1b[?42h\x1b(E", "#ÄÆØÅÜäæøåü"),
        ("\x1b[?42h\x1b(%6", "#@ÃÇÕ^`ãçõ~"),
        ("\x1b[?42h\x1b(Z", "£§¡Ñ¿^`°ñç~"),
        ("\x1b[?42h\x1b(H", "#ÉÄÖÅÜéäöåü"),
        ("\x1b[?42h\x1b(=", "ùàéçêîôäöüû"),
    ],
)
def test_a_set_shows_its_own_characters(designated: str, expected: str) -> None:
    assert shown(f"{designated}#@[\\]^`{{|}}~") == expected


def test_national_sets_need_mode_42_when_they_are_designated() -> None:
    assert shown("\x1b(K[\x1b[?42h[\x1b(K[\x1b[?42l[") == "[[ÄÄ"


def test_latin_1_is_a_set_of_96_characters() -> None:
    assert shown("\x1b.A\x1bnabc\x0fabc") == "áâãabc"
    assert shown("\x1b*A\x1bna#") == "a£"
    assert shown("(\x1b.A\x1bN\x7f)") == "(ÿ)"
    assert shown("\x1b.A\x1bna\r\x7f\x7f") == "ÿÿ"
    assert shown("\x1b*A\x1bna\x7f\x7fb") == "ab"


def test_technical_characters() -> None:
    assert shown("\x1b(>abp|,1") == "αβπ↑⎩⸮"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b)0q\x0eq\x0fq", "q─q"),
        ("\x1b*0\x1bnq\x0fq", "─q"),
        ("\x1b+0\x1boq\x0fq", "─q"),
        ("\x1b*0q\x1bNqq", "q─q"),
        ("\x1b+0q\x1bOqq", "q─q"),
    ],
)
def test_shifts(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_set_that_is_not_known_is_ascii() -> None:
    assert shown("\x1b(0\x1b(?q") == "q"
