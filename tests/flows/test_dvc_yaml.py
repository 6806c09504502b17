"""What DVC is told about the stages, and that it is what each stage says of itself."""

from pathlib import Path

import pytest

from flows.batch import STAGES as UNTIL
from flows.chain import STEP_OF
from flows.dvc_yaml import dvc_stage, dvc_yaml
from siu.config.params import Params
from siu.storage.workspace import Workspace
from tasks import chain
from tasks.history import UNDONE_BY
from tasks.stage import Declared
from tasks.stages import DECLARED, EVENTS, PREPARE, REPORT, STEPS, stage_table
from tasks.versioning.commit import make_output_folders

ROOT = Path(__file__).parents[2]


def test_the_release_is_attacked_again_when_its_profile_changes() -> None:
    assert "attacks.release" in dvc_stage("release").params


def test_the_report_reads_whatever_a_stage_before_it_reads() -> None:
    read = {key.partition(".")[0] for stage in DECLARED if stage is not PREPARE for key in stage.params}
    assert read <= set(dvc_stage("report").params)
    assert set(PREPARE.folders) <= set(dvc_stage("report").deps)


def test_every_parameter_is_one_of_params_yaml() -> None:
    defaults = Params().model_dump()
    for stage in DECLARED:
        for section, _, key in (param.partition(".") for param in stage.params):
            assert not key or key in defaults[section]
            assert section in defaults


@pytest.mark.parametrize("stage", DECLARED, ids=lambda stage: stage.name)
def test_a_stage_reads_stages_that_come_before_it(stage: Declared) -> None:
    earlier = [other.name for other in DECLARED[: DECLARED.index(stage)]]
    assert set(stage.reads) <= set(earlier)


def test_the_files_of_the_project_say_what_the_stages_say() -> None:
    assert (ROOT / "dvc.yaml").read_text(encoding="utf-8") == dvc_yaml()
    assert stage_table() in (ROOT / "docs" / "explanation" / "pipeline.md").read_text(encoding="utf-8")


def test_every_folder_of_a_stage_is_there_for_dvc(tmp_path: Path) -> None:
    make_output_folders(Workspace(tmp_path))
    for step in STEPS:
        assert all((tmp_path / folder).is_dir() for folder in dvc_stage(step).outs), step


def test_every_stage_between_data_and_report_is_a_task_and_ends_a_step_of_the_command() -> None:
    for stage in DECLARED:
        assert stage.ends in UNTIL
        if stage not in (PREPARE, REPORT):
            assert getattr(chain, stage.name.replace("-", "_")).name in STEP_OF


def test_no_stage_says_what_the_batch_itself_says() -> None:
    assert not set(EVENTS.values()) & {"received", *UNDONE_BY}
