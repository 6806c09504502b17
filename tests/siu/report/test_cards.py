from siu.mmubench import Record
from siu.report import make_cards
from siu.report.cards import filters, spread
from tests.siu.report.conftest import record, records


def answered(before, *answers):
    return {
        key: Record(old.question, answer, (-1.0,), (False,))
        for (key, old), answer in zip(before.items(), answers, strict=True)
    }


def test_leaks_come_first_then_what_was_lost(tmp_path):
    paths = {digest: tmp_path / digest for digest in "abc"}
    before = records(
        record("other_attribute", "Kept?", "Red.", keywords=("red",), picture="a"),
        record("other_attribute", "Lost?", "Red.", keywords=("red",), picture="b"),
        record("name", "Who?", "Mira.", picture="b"),
        record("name", "Who?", "Mira.", picture="c"),
    )
    cards = make_cards(before, answered(before, "Red.", "Blue.", "Kira.", "It is Mira."), None, paths)
    assert [card.state for card in cards] == ["leak", "lost", "", ""]
    assert cards[0].picture == paths["c"]
    assert [count for *_, count in filters(cards)] == [4, 4, 1, 1, 2, 2]


def test_a_picture_has_one_card_and_its_leaks_are_never_among_those_left_out(tmp_path):
    asked = [record("name", f"Who {number}?", "Mira.") for number in range(9)]
    before = records(*asked)
    answers = ["Kira."] * 8 + ["It is Mira."]
    (card,) = make_cards(before, answered(before, *answers), None, {"d": tmp_path})
    assert card.questions[0].after == "It is Mira."
    assert (len(card.questions), card.more) == (4, 5)


def test_the_own_adapter_stands_beside_the_release(tmp_path):
    before = records(record("name", "Who?", "Mira."))
    after, alone = answered(before, "Mira."), answered(before, "Kira.")
    (card,) = make_cards(before, after, alone, {"d": tmp_path})
    assert (card.questions[0].after, card.questions[0].alone) == ("Mira.", "Kira.")
    assert make_cards(before, after, None, {"d": tmp_path})[0].questions[0].alone is None


def test_a_choice_is_spread_evenly_and_no_larger_than_wished():
    assert spread(range(10), 3) == [0, 4, 8]
    assert spread(range(2), 3) == [0, 1]
