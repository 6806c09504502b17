"""A request's measures are shown over all releases that held it, in their order."""

from typing import Any

from siu.report.history import history_chart, member_histories


def summary(plan: str, **members: tuple[str, float | None]) -> dict[str, Any]:
    concepts = [
        {"request_id": request_id, "verdict": verdict, "after": {"generality_em": value}}
        for request_id, (verdict, value) in members.items()
    ]
    return {"release": {"plan": plan, "concepts": concepts}}


def test_every_release_that_held_a_request_has_its_place() -> None:
    first, second = member_histories(
        [
            summary("p1", r1=("erased", 1.0)),
            {"release": None},
            summary("p2", r1=("partial", 0.5), r2=("erased", 0.9)),
            summary("p2", r1=("partial", 0.6), r2=("erased", None)),
        ]
    )
    assert (first.request_id, first.verdicts) == ("r1", ("erased", "partial"))
    assert first.values["generality_em"] == (1.0, 0.6), "of one release the newest report counts"
    assert first.newest("generality_em") == "0.60"
    assert second.values["generality_em"] == (None,)
    assert second.newest("generality_em") == "not measured"


def test_the_chart_is_higher_where_more_is_forgotten_and_reads_aloud() -> None:
    chart = history_chart("Names <gone>", (0.0, None, 1.0))
    assert 'aria-label="Names &lt;gone&gt;: 0.00, not measured, 1.00"' in chart
    assert 'points="6.0,34.0 126.0,6.0"' in chart
    assert chart.count("<circle") == 2


def test_one_release_and_values_out_of_range_fit_the_chart() -> None:
    assert 'points="6.0,6.0"' in history_chart("x", (1.5,))
    assert 'points=""' in history_chart("x", (None,))
