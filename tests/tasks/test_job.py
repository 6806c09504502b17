from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from siu.data.collection import save_collection
from siu.data.concepts import Concept
from siu.data.intake.requests import ErasureRequest
from siu.storage.workspace import Workspace
from tasks.attack import ATTACK
from tasks.construct import CONSTRUCT, substitutes
from tasks.evaluate import EVALUATE
from tasks.job import Job, held_against_collection, with_few_retained, without_measurement
from tasks.release import RELEASE
from tasks.runtime.code import code_digests
from tasks.stage import Stage
from tasks.subjects import Release
from tasks.summary import batch_id
from tasks.unlearn import UNLEARN


@pytest.fixture
def job(workspace: Workspace) -> Job:
    folder = workspace.collection(workspace.params())
    folder.mkdir(parents=True)
    save_collection(folder, [], [])
    requests = []
    for number, name in enumerate(("Mira Talvon", "Tumtum", "Zanto")):
        picture = workspace.root / f"{number}.png"
        Image.new("RGB", (16, 16), (number, 0, 0)).save(picture)
        requests.append(ErasureRequest(f"r-{number}", name, "other", picture))
    return Job(workspace, workspace.params(), tuple(requests), "c" * 64, "b" * 64, code_digests())


def changed(job: Job, section: str, **values: object) -> Job:
    params = job.params.model_copy(update={section: getattr(job.params, section).model_copy(update=values)})
    return replace(job, params=params)


def stale(job: Job, other: Job, subject: str = "r-1") -> set[str]:
    stages: tuple[Stage, ...] = (CONSTRUCT, UNLEARN, EVALUATE, ATTACK)
    return {stage.name for stage in stages if stage.digest(job, subject) != stage.digest(other, subject)}


def test_a_parameter_makes_stale_what_reads_it_and_what_follows(job: Job) -> None:
    assert stale(job, changed(job, "finetuning_data", strangers=3)) == {
        "construct",
        "unlearn",
        "evaluate",
        "attack",
    }
    assert stale(job, changed(job, "unlearning", lr=0.1)) == {"unlearn", "evaluate", "attack"}
    assert stale(job, changed(job, "evaluation", pictures=3)) == {"evaluate", "attack"}
    assert stale(job, changed(job, "attacks", min_k=0.2)) == {"attack"}
    assert stale(job, changed(job, "runtime", threads=4)) == set()
    assert stale(job, changed(job, "gates", known=0.1)) == set()


def test_code_and_data_make_stale_what_uses_them(job: Job) -> None:
    def edited(module: str) -> Job:
        return replace(job, code={**job.code, module: "0" * 64})

    assert stale(job, edited("tasks.attack")) == {"attack"}
    assert stale(job, edited("tasks.unlearn")) == {"unlearn", "evaluate", "attack"}
    assert stale(job, edited("tasks.report")) == set()
    assert stale(job, edited("libraries")) == {"construct", "unlearn", "evaluate", "attack"}
    assert "construct" in stale(job, replace(job, collection_digest="d" * 64))
    assert "construct" in stale(job, replace(job, base_digest="d" * 64))


def test_other_requests_and_their_order_change_nothing(job: Job) -> None:
    for requests in (job.requests[:2], job.requests[1:], job.requests[::-1]):
        assert stale(job, replace(job, requests=requests)) == set()


def test_who_asks_for_a_substitutes_name_makes_its_concept_stale(job: Job) -> None:
    substitute = job.once(substitutes)["r-1"]
    namesake = replace(job.requests[0], request_id="r-9", name=substitute)
    assert "construct" in stale(job, replace(job, requests=(*job.requests, namesake)))


def test_one_training_serves_all_requests_for_the_same(job: Job) -> None:
    again = replace(job.requests[0], request_id="r-9")
    both = replace(job, requests=(*job.requests, again))
    for stage in (CONSTRUCT, UNLEARN, EVALUATE, ATTACK):
        assert stage.digest(both, "r-9") == stage.digest(both, "r-0") == stage.digest(job, "r-0")
    assert RELEASE.digest(both, Release(("r-0", "r-9"))) == RELEASE.digest(job, Release(("r-0",)))


def test_a_picture_with_other_bytes_is_another_request(job: Job) -> None:
    before = CONSTRUCT.digest(job, "r-0")
    Image.new("RGB", (16, 16), (9, 9, 9)).save(job.request("r-0").image)
    assert CONSTRUCT.digest(replace(job), "r-0") != before, "a new batch reads it anew"


def test_a_release_is_of_its_members(job: Job) -> None:
    both = RELEASE.digest(job, Release(("r-0", "r-1")))
    assert both != RELEASE.digest(job, Release(("r-0",)))
    short = changed(changed(job, "unlearning", steps=20), "release", steps_per_concept=30)
    releases = (Release(("r-0",)), Release(("r-0", "r-1", "r-2")))
    assert [RELEASE.inputs(short, release)["steps"] for release in releases] == [20, 90]


def test_the_same_plan_is_the_same_batch(job: Job) -> None:
    assert batch_id(job) == batch_id(changed(job, "runtime", workers=7))
    assert batch_id(job) != batch_id(changed(job, "gates", known=0.9))


def test_inputs_hold_no_name(job: Job) -> None:
    for stage in (CONSTRUCT, UNLEARN, EVALUATE, ATTACK):
        assert "Talvon" not in str(stage.plan(job, "r-1"))


def asking(job: Job, *requests: ErasureRequest) -> Job:
    """A job with a collection of one concept, and these requests."""
    known = Concept("c-1", "Mira Talvon", "person", ("Mira",))
    folder = job.workspace.collection(job.params)
    folder.mkdir(parents=True, exist_ok=True)
    save_collection(folder, [known], [])
    return replace(job, requests=requests)


def test_a_request_finds_its_concept_by_any_name(job: Job, tmp_path: Path) -> None:
    by_alias = ErasureRequest("r-1", "mira", "other", tmp_path, ("M. T.",))
    found = asking(job, by_alias).concept("r-1")
    assert found == Concept("c-1", "Mira Talvon", "person", ("Mira", "mira", "M. T."))


def test_all_requests_for_a_new_concept_ask_for_one_and_the_same(job: Job, tmp_path: Path) -> None:
    first = ErasureRequest("r-2", "Olin Brask", "person", tmp_path)
    again = ErasureRequest("r-3", "Olin Brask", "other", tmp_path)
    batch = asking(job, first, again)
    assert batch.concept("r-2") == batch.concept("r-3") == Concept("r-2", "Olin Brask", "person")


def test_a_new_concept_under_the_id_of_another_one_is_refused(job: Job, tmp_path: Path) -> None:
    its_own = ErasureRequest("c-1", "Mira", "person", tmp_path)
    other = replace(its_own, name="Olin Brask")
    forced = replace(other, force=True)
    assert held_against_collection(asking(job, its_own)).requests == (its_own,)
    assert codes(held_against_collection(asking(job, other))) == {"c-1": ["E-REQ-012", "E-REQ-010"]}
    assert codes(held_against_collection(asking(job, forced))) == {"c-1": ["E-REQ-010"]}


def codes(job: Job) -> dict[str, list[str]]:
    return {row.request_id: [problem.code for problem in row.problems] for row in job.refused}


@pytest.mark.parametrize("slip", ["Mirra Talvon", "mira talvón", "Talvon", "Mira Talvonn", "Talvon, Mira"])
def test_a_slip_is_refused_with_the_name_that_is_meant(job: Job, tmp_path: Path, slip: str) -> None:
    known = ErasureRequest("r-1", "Mira", "person", tmp_path)
    held = held_against_collection(asking(job, known, ErasureRequest("r-2", slip, "person", tmp_path)))
    assert held.requests == (known,)
    (refused,) = held.refused
    assert f"the name {slip!r}. Did you mean 'Mira Talvon'?" in str(refused.error)
    assert "force" in str(refused.error)


def test_a_name_like_no_other_is_served_only_if_it_is_forced(job: Job, tmp_path: Path) -> None:
    new = ErasureRequest("r-2", "Olin Brask", "person", tmp_path)
    held = held_against_collection(asking(job, new))
    assert codes(held) == {"r-2": ["E-REQ-012"]}
    assert "Did you mean" not in str(held.refused[0].error)
    forced = replace(new, force=True)
    assert held_against_collection(asking(job, forced)).requests == (forced,)


def test_a_name_that_the_collection_does_not_have_is_told_by_its_request_alone(
    job: Job, tmp_path: Path
) -> None:
    known = ErasureRequest("r-1", "Mira", "person", tmp_path)
    slip = ErasureRequest("r-2", "Mirra Talvon", "person", tmp_path)
    (line,) = without_measurement(asking(job, known, slip))
    assert line.startswith("r-2: no concept of the collection has this name")
    assert "Mirra" not in line


def test_a_collection_with_nobody_to_retain_is_told_before_anything_is_trained(job: Job) -> None:
    (line,) = with_few_retained(job)
    assert line.startswith("0 other concepts can be retained by pictures")
