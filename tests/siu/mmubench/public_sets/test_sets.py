import shutil

import pytest

from siu.config.params import EvaluationParams
from siu.errors import InputError, ModelError
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.public_sets import NAMES, SETS, Result, mean_of, measure_set
from siu.mmubench.public_sets.mm_vet import judged, parse_score, read_mm_vet
from siu.mmubench.public_sets.multiple_choice import chosen_letter, official_letter
from siu.mmubench.public_sets.pope import says_yes
from siu.mmubench.public_sets.vqa_accuracy import clean, vqa_accuracy
from tests.siu.mmubench.public_sets.files import write_all

PARAMS = EvaluationParams(max_new_tokens=4, batch_size=4)


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("public")
    write_all(folder)
    return folder


def read(name, root, tmp_path):
    return list(SETS[name].read(root / name, tmp_path))


def value(name, root, tmp_path, *answers):
    items = read(name, root, tmp_path)
    return SETS[name].score(items, list(answers)).value


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("vqa-v2", ["Red."], ["green"]),
        ("vizwiz", ["unanswerable"], ["a can"]),
        ("textvqa", ["Nokia"], ["samsung"]),
        ("gqa", ["Yes."], ["yes it is"]),
        ("scienceqa", ["B. dog"], ["dog"]),
        ("pope", ["Yes", "yes.", "No, none."] * 2, ["No", "no", "no"] * 2),
        ("mmbench", ["A", "(B)", "B"], ["C", "C", "C"]),
    ],
)
def test_right_answers_score_one_and_wrong_ones_nought(name, right, wrong, root, tmp_path):
    assert value(name, root, tmp_path, *right) == 1.0
    assert value(name, root, tmp_path, *wrong) == 0.0


def test_prompts_are_llavas(root, tmp_path):
    (item,) = read("scienceqa", root, tmp_path)
    assert item.prompt == (
        "Context: Look.\nWhich?\nA. cat\nB. dog\n"
        "Answer with the option's letter from the given choices directly."
    )
    (item,) = read("gqa", root, tmp_path)
    assert item.prompt == "Is it red?\nAnswer the question using a single word or phrase."


def test_mmbench_wants_every_rotation_right(root, tmp_path):
    assert value("mmbench", root, tmp_path, "A", "B", "A") == 0.5
    items = read("mmbench", root, tmp_path)
    assert items[0].picture == items[2].picture, "a rotation may name another row's picture"


def test_pope_is_f1_and_not_accuracy(root, tmp_path):
    assert value("pope", root, tmp_path, *["yes", "yes", "yes"] * 2) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("answer", "people", "accuracy"),
    [
        ("red", ["red"] * 10, 1.0),
        ("red", ["red"] * 3 + ["blue"] * 7, (3 * 2 / 3 + 7 * 1) / 10),
        ("red", ["red"] + ["blue"] * 9, (0 + 9 / 3) / 10),
        ("The two dogs", ["2 dogs"] * 10, 1.0),
        ("dont", ["don't"] * 10, 1.0),
        ("1,000", ["1000"] * 10, 1.0),
        ("3.5", ["3.5"] * 10, 1.0),
        ("", ["red"] * 10, 0.0),
    ],
)
def test_vqa_accuracy_is_agreement_with_people(answer, people, accuracy):
    assert vqa_accuracy(answer, people) == pytest.approx(accuracy)


def test_clean_up_follows_the_published_rule():
    assert clean("The Dog, a cat!") == "dog cat"
    assert clean("black-and-white") == "black and white"
    assert clean("couldntve") == "couldn't've"


@pytest.mark.parametrize(
    ("answer", "letter"),
    [("B", "B"), ("B.", "B"), ("(B)", "B"), ("B. a dog", "B"), ("B) dog", "B"), ("The answer is C.", "C"),
     ("A dog", None), ("b", None), ("", None), ("Dog", None)],
)  # fmt: skip
def test_only_a_letter_given_as_one_is_a_choice(answer, letter):
    assert chosen_letter(answer) == letter


@pytest.mark.parametrize(
    ("answer", "letter"),
    [("B", "B"), (" B\n", "B"), ("B. a dog", "B"), ("Look: it barks. The answer is D.", "D"),
     ("The answer is D", None), ("The answer is A. The answer is B.", None), ("B.", None), ("(B)", None),
     ("B: a dog", None), ("B) dog", None), ("A dog", None), ("b", None), ("", None)],
)  # fmt: skip
def test_scienceqa_is_read_as_by_the_official_script(answer, letter):
    assert official_letter(answer) == letter


def test_pope_takes_blank_answers_for_yes_as_the_official_rule_does(root, tmp_path):
    assert value("pope", root, tmp_path, *["", "", ""] * 2) == value("pope", root, tmp_path, *["yes"] * 6)


def test_pope_reads_the_first_sentence():
    assert says_yes("Yes, there is. It is not big.")
    assert not says_yes("There is not one.")
    assert says_yes("Perhaps")


class Judge:
    """Answers every prompt alike."""

    identity = "fake"

    def __init__(self, reply):
        self.reply = reply

    def ask(self, prompts, on_reply):
        for index, prompt in enumerate(prompts):
            on_reply(index, self.reply(prompt))


def test_mm_vet_is_scored_by_the_judge(root, tmp_path):
    items = list(read_mm_vet(root / "mm-vet", tmp_path))
    judge = Judge(lambda prompt: f"Score: {0.7 if 'Prediction: so' in prompt else 0.0}")
    assert judged(items, ["so"], judge, ReplyCache(None)).value == 0.7
    with pytest.raises(ModelError, match="E-JDG-004"):
        judged(items, ["so"], Judge(lambda prompt: "good"), ReplyCache(None))
    assert parse_score("Score: 1.5") is None


def test_mm_vet_leaves_out_what_the_judge_does_not_score(root, tmp_path):
    (item,) = read_mm_vet(root / "mm-vet", tmp_path)
    judge = Judge(lambda prompt: "Score: 0.5" if "Prediction: so" in prompt else "good")
    result = judged([item, item], ["so", "other"], judge, ReplyCache(None))
    assert (result.value, result.questions) == (0.5, 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_answers_every_set(name, root, vlm):
    judge = Judge(lambda prompt: "Score: 0.5")
    one, other = measure_set(name, root / name, vlm, (None, None), PARAMS, judge=judge)
    assert 0.0 <= one.value <= 1.0
    assert one == other


def test_without_a_judge_mm_vet_is_not_measured(root, vlm):
    assert measure_set("mm-vet", root / "mm-vet", vlm, (None,), PARAMS) == (None,)


def test_a_limit_keeps_rotations_together(root, vlm):
    (result,) = measure_set("mmbench", root / "mmbench", vlm, (None,), PARAMS, limit=2)
    assert result.questions in (1, 2)


@pytest.mark.parametrize("name", SETS)
def test_an_empty_folder_says_which_file_is_missing(name, tmp_path, vlm):
    with pytest.raises(InputError, match="E-PUB-001"):
        measure_set(name, tmp_path, vlm, (None,), PARAMS)


def test_a_missing_picture_is_named(root, tmp_path, vlm):
    shutil.copytree(root / "gqa", tmp_path / "gqa")
    (tmp_path / "gqa" / "images" / "n1.jpg").unlink()
    with pytest.raises(InputError, match=r"E-PUB-002.*n1\.jpg"):
        measure_set("gqa", tmp_path / "gqa", vlm, (None,), PARAMS)


def test_specificity_is_the_mean_of_what_was_measured():
    assert mean_of({"gqa": Result(0.5, 1), "pope": Result(1.0, 1), "mm-vet": None}) == 0.75
    assert mean_of({"mm-vet": None}) is None
