"""Losses can be read while they are written."""

from pathlib import Path

from siu.unlearning.result import StepLoss
from tasks.tracking.live_losses import FOLDER, LiveTrainings, Training, live_losses

FIRST, SECOND = (StepLoss(step, 1.0 / step, {"forget": 0.5}, 0.1, 1e-3) for step in (1, 2))
TRAINING = Training("unlearn", ("r-0",), "plan")


def test_each_step_is_seen_once_as_soon_as_it_is_done(tmp_path: Path) -> None:
    trainings = LiveTrainings(tmp_path)
    assert trainings.new_rows() == []
    with live_losses(tmp_path, TRAINING) as note:
        note(FIRST)
        assert trainings.new_rows() == [(TRAINING, [FIRST.as_dict()])]
        assert trainings.new_rows() == [(TRAINING, [])]
        note(SECOND)
        assert trainings.new_rows() == [(TRAINING, [SECOND.as_dict()])]
    assert trainings.new_rows() == []


def test_a_line_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    trainings = LiveTrainings(tmp_path)
    file = tmp_path / FOLDER / "plan.jsonl"
    file.parent.mkdir()
    head = '{"stage": "unlearn", "requests": ["r-0"], "plan": "plan"}\n'
    file.write_text(head[:9])
    assert trainings.new_rows() == []
    file.write_text(head + '{"step": 1}\n{"st')
    assert trainings.new_rows() == [(TRAINING, [{"step": 1}])]
    file.write_text(head + '{"step": 1}\n{"step": 2}\n')
    assert trainings.new_rows() == [(TRAINING, [{"step": 2}])]


def test_what_a_killed_process_left_is_no_training(tmp_path: Path) -> None:
    file = tmp_path / FOLDER / "plan.jsonl"
    file.parent.mkdir()
    file.write_text('{"stage": "unlearn", "requests": ["r-0"], "plan": "plan"}\n')
    assert LiveTrainings(tmp_path).new_rows() == []
    assert not file.exists()


def test_a_training_that_is_begun_again_is_read_from_its_first_step(tmp_path: Path) -> None:
    trainings = LiveTrainings(tmp_path)
    with live_losses(tmp_path, TRAINING) as note:
        note(FIRST)
        note(SECOND)
        trainings.new_rows()
    with live_losses(tmp_path, TRAINING) as note:
        note(FIRST)
        assert trainings.new_rows() == [(TRAINING, [FIRST.as_dict()])]
