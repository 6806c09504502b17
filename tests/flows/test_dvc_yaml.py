"""What DVC is told about the stages."""

from flows.dvc_yaml import STAGES, DvcStage
from siu.config.params import Params


def stage(name: str) -> DvcStage:
    (found,) = [one for one in STAGES if one.name == name]
    return found


def test_the_release_is_attacked_again_when_its_profile_changes() -> None:
    assert "attacks.release" in stage("release").params


def test_the_report_reads_whatever_a_stage_before_it_reads() -> None:
    made_anew = stage("prepare")
    read = {param.partition(".")[0] for one in STAGES if one is not made_anew for param in one.params}
    assert read <= set(stage("report").params)
    assert set(made_anew.outs) <= set(stage("report").deps)


def test_every_parameter_is_one_of_params_yaml() -> None:
    defaults = Params().model_dump()
    for one in STAGES:
        for section, _, key in (param.partition(".") for param in one.params):
            assert not key or key in defaults[section]
            assert section in defaults
