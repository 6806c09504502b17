"""Losses can be read while they are written."""

from pathlib import Path

from siu.unlearning.result import StepLoss
from tasks.live_losses import Watched, live_file, live_losses

FIRST, SECOND = (StepLoss(step, 1.0 / step, {"forget": 0.5}, 0.1, 1e-3) for step in (1, 2))


def test_each_step_is_seen_once_as_soon_as_it_is_done(tmp_path: Path) -> None:
    watched = Watched(live_file(tmp_path, "plan"))
    assert watched.new_rows() == []
    with live_losses(tmp_path, "plan") as note:
        note(FIRST)
        assert watched.new_rows() == [FIRST.as_dict()]
        assert watched.new_rows() == []
        note(SECOND)
        assert watched.new_rows() == [SECOND.as_dict()]


def test_a_line_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "losses.jsonl"
    watched = Watched(file)
    file.write_text('{"step": 1}\n{"st')
    assert watched.new_rows() == [{"step": 1}]
    file.write_text('{"step": 1}\n{"step": 2}\n')
    assert watched.new_rows() == [{"step": 2}]


def test_nothing_is_left_when_the_training_ends(tmp_path: Path) -> None:
    with live_losses(tmp_path, "plan") as note:
        note(FIRST)
    assert not live_file(tmp_path, "plan").exists()
