"""What was made again is equal, equal within bounds, or different, and where first."""

from dataclasses import replace
from typing import Any

import pytest

from siu.audit.reproduction import Remade, compare

WEIGHTS, CONFIG = "adapter/adapter_model.safetensors", "adapter/adapter_config.json"
STATEMENT: dict[str, Any] = {
    "subject": [{"name": WEIGHTS, "digest": {"sha256": "aa"}}, {"name": CONFIG, "digest": {"sha256": "bb"}}],
    "predicate": {
        "request": "r-1",
        "release": {"plan": "rr"},
        "process": {"plans": {"unlearn": "u", "construct": "c"}, "lock": "l", "code": "0" * 40},
        "effect": [
            {"metric": "generality_em", "interval_after": [0.9, 1.0]},
            {"metric": "yes_no_em", "interval_after": [0.8, 0.9]},
            {"metric": "fluency", "interval_after": None},
            {"metric": "g_eval", "interval_after": [0.0, 1.0]},
        ],
    },
}
SAME = Remade(
    "rr",
    {WEIGHTS: "aa", CONFIG: "bb", "result.json": "of another run"},
    {"construct": "c", "unlearn": "u"},
    {"generality_em": 0.9, "yes_no_em": 0.85, "fluency": 400.0, "g_eval": None},
    "l",
    "0" * 40,
)
OTHER_BYTES = replace(SAME, files={WEIGHTS: "cc", CONFIG: "bb"})


def test_equal_bytes_are_equal_wherever_they_were_made() -> None:
    same = compare(STATEMENT, SAME)
    assert (same.is_equal, same.lines) == (True, ["equal bytes: 2 files of the released adapter"])
    elsewhere = compare(STATEMENT, replace(SAME, lock="other", code="1" * 40))
    assert elsewhere.is_equal
    assert elsewhere.lines[0] == same.lines[0]
    assert "the code: commit 000000000000, here 111111111111" in elsewhere.lines[1]
    assert elsewhere.lines[2].endswith("the installed distributions")


def test_what_was_made_on_another_release_says_that_this_one_was_not_made_again() -> None:
    *answer, last = compare(STATEMENT, replace(SAME, previous="ab" * 32)).lines
    assert answer == compare(STATEMENT, SAME).lines
    assert last.startswith("made on release abababababab, which was taken as it is")


def test_other_bytes_of_the_same_inputs_are_equal_within_the_certificates_intervals() -> None:
    found = compare(STATEMENT, replace(OTHER_BYTES, lock="other"))
    assert found.is_equal
    assert found.lines == [
        "equal within bounds: the 2 metrics with an interval in the certificate lie within it",
        "the installed distributions",
        f"the bytes of {WEIGHTS}",
    ]


@pytest.mark.parametrize(("value", "is_equal"), [(0.8, True), (0.9, True), (0.79, False), (0.91, False)])
def test_a_metric_outside_its_interval_makes_it_different(value: float, is_equal: bool) -> None:
    found = compare(STATEMENT, replace(OTHER_BYTES, metrics={**SAME.metrics, "yes_no_em": value}))
    assert found.is_equal == is_equal
    if not is_equal:
        said = f"yes_no_em is {value:.3f}, in the certificate 0.800 to 0.900"
        assert found.lines == [f"different, first: the bytes of {WEIGHTS}", said]


def test_without_a_metric_to_hold_on_to_other_bytes_are_different() -> None:
    found = compare(STATEMENT, replace(OTHER_BYTES, metrics={"fluency": 400.0}))
    assert (found.is_equal, found.lines) == (False, [f"different, first: the bytes of {WEIGHTS}"])


def test_a_file_that_is_missing_differs() -> None:
    assert compare(STATEMENT, replace(SAME, files={WEIGHTS: "aa"})).changed == (CONFIG,)


def test_other_inputs_are_named_in_the_order_of_the_way_and_excuse_no_other_bytes() -> None:
    other = replace(OTHER_BYTES, release="ss", plans={"construct": "x", "unlearn": "y"}, has_parameters=False)
    found = compare(STATEMENT, other)
    assert not found.is_equal
    assert found.lines == [
        "different, first: the parameters",
        "the inputs of construct",
        "the inputs of unlearn",
        "the release's inputs",
        f"the bytes of {WEIGHTS}",
        "the 2 metrics with an interval in the certificate lie within it",
    ]


def test_a_request_that_is_in_no_table_any_more_is_named() -> None:
    found = compare(STATEMENT, replace(OTHER_BYTES, release="ss", plans={}, metrics={}))
    assert found.lines[0] == "different, first: request r-1, which was not served here"
