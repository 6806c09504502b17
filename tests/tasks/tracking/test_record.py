"""What MLflow is told is kept in the workspace."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tasks.tracking.record import RECORDS, Dataset, Record, Records, ReleaseRecord, RunRecord

RUN = RunRecord(
    key="k",
    name="r-0",
    parent="p",
    tags={"siu.verdict": "erased", "prefect.flow_run_id": "1"},
    params={"lora": {"rank": 2}},
    metrics=(("after.generality_em", 0.5, 3),),
    datasets=(Dataset("collection", "d" * 64, "evaluation"),),
    losses="artifacts/unlearn/d/losses.jsonl",
    files=(("artifacts/unlearn/d/adapter", "adapter"),),
    answers=("a", "b"),
)
RELEASE = ReleaseRecord("plan", "k", "artifacts/release/d/adapter", "digest", {"max_new_tokens": 3}, ("r-0",))


def waiting(records: Records, server: str = "here") -> list[Record]:
    return [record for record, _ in records.waiting(server)]


def test_what_was_kept_is_read_as_it_was(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.add(RUN)
    records.add(RELEASE)
    assert waiting(records) == waiting(Records(tmp_path)) == [RUN, RELEASE]


def test_the_same_is_kept_once_also_by_another_start(tmp_path: Path) -> None:
    Records(tmp_path).add(RUN)
    again = RunRecord(**{**vars(RUN), "tags": {**RUN.tags, "prefect.flow_run_id": "2"}})
    Records(tmp_path).add(again)
    assert waiting(Records(tmp_path)) == [RUN]


def test_a_release_that_is_deployed_again_is_kept_again(tmp_path: Path) -> None:
    other = ReleaseRecord(**{**vars(RELEASE), "plan": "other"})
    records = Records(tmp_path)
    for record in (RELEASE, other, RELEASE):
        records.add(record)
    assert waiting(records) == [RELEASE, other, RELEASE]


def test_a_server_is_told_what_is_new_and_another_one_everything(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.add(RUN)
    for _, position in records.waiting("here"):
        records.mark("here", position)
    records.add(RELEASE)
    assert waiting(records) == [RELEASE]
    assert waiting(records, "elsewhere") == [RUN, RELEASE]


@given(cut=st.integers(min_value=1, max_value=200))
def test_half_a_line_that_a_killed_process_left_is_no_record_and_harms_none(
    tmp_path_factory: "object", cut: int
) -> None:
    folder = tmp_path_factory.mktemp("records")  # type: ignore[attr-defined]
    Records(folder).add(RUN)
    whole = (folder / RECORDS).read_bytes()
    (folder / RECORDS).write_bytes(whole + whole[:cut])
    records = Records(folder)
    assert waiting(records) == [RUN]
    records.add(RELEASE)
    assert waiting(records) == waiting(Records(folder)) == [RUN, RELEASE]
