"""Every text of `names.yaml` names its name, gives it away in part, or does neither."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from siu.language.identity import Identity, identity, name_spans, named, partly_named

TABLE = YAML(typ="safe").load(Path(__file__).with_name("names.yaml"))
CASES = [
    pytest.param(entry["name"], text, degree, id=f"{script}: {entry['name']} in {text!r}")
    for script, entries in TABLE.items()
    for entry in entries
    for degree in ("named", "partly", "neither")
    for text in entry.get(degree, ())
]


def degree_of(text, name):
    if named(text, (name,)):
        return "named"
    return "partly" if partly_named(text, identity((name,))) else "neither"


@pytest.mark.parametrize(("name", "text", "degree"), CASES)
def test_a_text_names_in_this_degree(name, text, degree):
    assert degree_of(text, name) == degree
    assert bool(name_spans(text, (name,))) is (degree == "named")


def test_the_table_has_enough_of_every_script():
    assert len(CASES) >= 300
    assert {"latin", "turkish", "german", "scandinavian", "cyrillic", "greek", "arabic"} <= TABLE.keys()
    assert {"hebrew", "devanagari", "chinese", "japanese", "korean", "thai"} <= TABLE.keys()


@pytest.mark.parametrize(
    ("text", "names", "spans"),
    [
        ("Ann Lee met ann.", ("Ann", "Ann Lee"), ["Ann Lee", "ann"]),
        ("nobody", ("Ann",), []),
        ("Ann", (" ",), []),
        ("Annabel isn't Ann.", ("Ann",), ["Ann"]),
        ("Ann's and Ann’s coat", ("Ann",), ["Ann", "Ann"]),
        ("Rene\u0301e\u0301 Dubois\u0301!", ("Renee Dubois",), ["Rene\u0301e\u0301 Dubois\u0301"]),
        ("Herr Ju\u0308rgen Weiß.", ("Juergen Weiss",), ["Ju\u0308rgen Weiß"]),
        ("Æsa, Æsa", ("Aesa",), ["Æsa", "Æsa"]),
        ("هذا أَحْمَد سالم.", ("أحمد سالم",), ["أَحْمَد سالم"]),
        ("Я вижу Зору, не Зорана.", ("Зора",), ["Зору"]),
        ("Ⅷ Mira met Mira “the Sparrow” Talvon", ("Mira Talvon",), ["Mira “the Sparrow” Talvon"]),
    ],
)
def test_spans_are_ranges_of_the_text_as_it_is(text, names, spans):
    assert [text[start:end] for start, end in name_spans(text, names)] == spans


def test_what_others_share_gives_nobody_away():
    alone = Identity.among(("Mira Talvon",), ())
    assert partly_named("This is Mira.", alone)
    other = Identity.among(("Mira Talvon",), ("Mira Oldane",))
    assert not partly_named("This is Mira.", other)
    assert not partly_named("This is Mira Oldane.", other)
    assert partly_named("This is Talvon.", other)


def test_an_initial_tells_who_is_meant_by_a_shared_surname():
    shared = Identity.among(("Mira Talvon",), ("Oskar Talvon",))
    assert not partly_named("This is Talvon.", shared)
    assert partly_named("This is M. Talvon.", shared)
    assert partly_named("Talvon, M.", shared)
    assert not partly_named("This is O. Talvon.", shared)
    assert not partly_named("This is M. Talvon.", Identity.among(("Mira Talvon",), ("Max Talvon",)))


def test_the_substitute_gives_nothing_away():
    substituted = identity(("Mira Talvon",), ("Mira Jansow",))
    assert not partly_named("This is Mira Jansow.", substituted)
    assert not partly_named("This is Mira.", substituted)
    assert partly_named("It's Talvon.", substituted)


def test_a_near_miss_of_another_name_is_not_one_of_this():
    assert partly_named("This is Talvun.", Identity.among(("Mira Talvon",), ()))
    assert not partly_named("This is Talvun.", Identity.among(("Mira Talvon",), ("Kira Talvun",)))


def test_what_is_excluded_is_only_what_bears_on_the_name():
    found = Identity.among(("Mira Talvon",), ("Ruben Asterly", "Mira Oldane", "Kira Talvun"))
    assert found.excluded == {"mira", "oldane", "miraoldane", "talvun", "kiratalvun"}
