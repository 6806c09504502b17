import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.data.intake.names import MAX_LENGTH, clean_aliases, clean_name, name_key
from siu.errors import InputError


@pytest.mark.parametrize(
    "name",
    [
        "Mira Talvon",
        "王小明",
        "محمد علي",
        "علی\u200cرضا",  # Persian writes a joiner here
        "अमिताभ बच्चन",
        "क्\u200dष",  # Devanagari: a joiner behind a virama
        "Ἀριστοτέλης",
        "Ng\u01b0\u01a1\u0300i".replace("\u01a1\u0300", "\u1edd"),
        "O'Neil-Smith Jr.",
        "7",
        "Will",
    ],
)
def test_names_of_all_scripts_stay_as_they_are(name: str) -> None:
    assert clean_name(name) == name


def test_names_become_nfc_with_single_spaces() -> None:
    assert clean_name("  Jose\u0301\u00a0  Marti\u0301 ") == "José Martí"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "E-NAM-001"),
        (" \u3000 ", "E-NAM-001"),
        ("?!…", "E-NAM-001"),
        ("🙂", "E-NAM-001"),
        ("a" * (MAX_LENGTH + 1), "E-NAM-002"),
        ("AC/DC", "E-NAM-003"),
        ("a\\b", "E-NAM-003"),
        ("a..b", "E-NAM-003"),
        ("a\nb", "E-NAM-003"),
        ("a\0", "E-NAM-003"),
        ("a\u202eb", "E-NAM-003"),  # bidi override
        ("a\u2066b", "E-NAM-003"),  # bidi isolate
        ("a\u200bb", "E-NAM-003"),  # zero-width space
        ("a\u200db", "E-NAM-003"),  # a joiner that no spelling needs
        ("\u200ca", "E-NAM-003"),
        ("علی\u200c", "E-NAM-003"),
        ("a\ufeff", "E-NAM-003"),
        ("a\U000e0041", "E-NAM-003"),  # tag character
        ("a\ue000", "E-NAM-003"),
        ("a\u0378", "E-NAM-003"),
    ],
)
def test_odd_names_are_refused_with_their_place(name: str, code: str) -> None:
    with pytest.raises(InputError, match=f"^{code} requests.csv:2:name: ") as caught:
        clean_name(name, "requests.csv:2:name")
    assert str(caught.value).isprintable()


@given(st.text(max_size=90))
def test_a_clean_name_is_stable_and_harmless(text: str) -> None:
    try:
        name = clean_name(text)
    except InputError:
        return
    assert clean_name(name) == name
    assert unicodedata.is_normalized("NFC", name)
    assert 1 <= len(name) <= MAX_LENGTH
    assert not {"/", "\\", "\n", "\0"} & set(name)
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize("twin", ["MIRA", "Ｍｉｒａ", "mIrA", "𝐌ira"])
def test_twins_share_a_key(twin: str) -> None:
    assert name_key(twin) == name_key("Mira")


def test_aliases_are_clean_and_told_once() -> None:
    assert clean_aliases(" A ;; B;a;Mira", "Mira") == ("A", "B")
    assert clean_aliases("", "Mira") == ()
    with pytest.raises(InputError, match="E-NAM-003"):
        clean_aliases("A;b\u202e", "Mira")
