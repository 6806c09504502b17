import pytest

from siu.errors import ModelError
from siu.models import Turn, TurnEncoder


def test_the_prompt_ends_where_the_answer_begins(vlm, encoder):
    bare = encoder.encode(Turn("Who is this?"))
    turn = encoder.encode(Turn("Who is this?", "This is Ann."))
    assert turn.prompt_ids == bare.prompt_ids
    assert bare.answer_ids == ()
    whole = vlm.tokenizer.decode([*turn.prompt_ids, *turn.answer_ids])
    assert whole.endswith("ASSISTANT: This is Ann.</s>")


def test_spans_rebuild_the_answer_and_the_end_of_turn_has_none(vlm, encoder):
    text = "This is Мира 小雪-Ann."
    turn = encoder.encode(Turn("Who?", text))
    covered = {position for start, end in turn.spans for position in range(start, end)}
    assert covered == set(range(len(text)))
    assert turn.spans[-1] == (0, 0)
    assert turn.answer_ids[-1] == vlm.tokenizer.eos_token_id


def test_a_picture_becomes_as_many_tokens_as_it_has_features(vlm, encoder, picture):
    turn = encoder.encode(Turn("Who is this?", picture=picture))
    assert turn.prompt_ids.count(vlm.image_token_id) == len(vlm.features.features([picture])[0])


def test_what_was_encoded_once_is_encoded_alike_for_another_picture(vlm, encoder, pictures):
    turns = [Turn("Who is this?", "This is Ann.", picture) for picture in (*pictures[:2], None)]
    kept = [encoder.encode(turn) for turn in turns]
    for turn, encoded in zip(turns, kept, strict=True):
        vlm.drop_inputs()
        assert TurnEncoder(vlm).encode(turn) == encoded


def test_a_template_that_hides_the_answer_is_refused(vlm, encoder, monkeypatch):
    monkeypatch.setattr(vlm.processor, "chat_template", "always the same", raising=False)
    with pytest.raises(ModelError, match="E-MOD-010"):
        encoder.encode(Turn("A question of its own", "An answer"))
