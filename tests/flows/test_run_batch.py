"""The whole way of a batch in this process, on a model that knows nothing."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from flows.batch import run_batch
from flows.cli import batch as commands
from flows.cli.batch import show
from flows.cli.exit_codes import INCOMPLETE
from flows.cli.status import states, verify
from flows.orchestration.schedulers import Plain
from siu.audit.ledger import Ledger
from siu.errors import ConceptError, PreflightError, StateError
from siu.gold.reference import write_card
from siu.storage.workspace import Workspace
from tasks import chain
from tasks.batch_lock import is_free, only_batch
from tasks.construct import CONSTRUCT
from tasks.runtime.workers import Inline, InTurn
from tasks.subjects import BASE_ROW, RELEASE_ROW, RETAINED
from tasks.unlearn import RESULT, UNLEARN
from tests.flows.batches import change, events, outputs, run, seconds
from tests.http_server import Answer, Received, http_server


def test_a_batch_from_requests_to_report(standing: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    result = run(standing)
    assert [outcome.verdict_name for outcome in result.outcomes] == ["partial", "partial"]
    show(result)
    assert result.released is not None
    shown = result.released.verdicts["r-0"]
    assert f"r-0: {shown.words}: {shown.reasons[0]}" in capsys.readouterr().out
    assert events(standing, "r-0") == [
        "received",
        "accepted",
        "planned",
        "committed",
        "constructed",
        "unlearned",
        "evaluated",
        "attacked",
        "verdict",
        "released",
    ]
    summary = result.summary()
    assert set(summary) == {"batch_id", "base_model", "params", "concepts", "release", "notes", "seconds"}
    concept = summary["concepts"][0]
    assert concept["request_id"] == "r-0"
    assert concept["training"]["steps"] == 2
    assert concept["training"]["stop_reason"] == "2 steps done"
    assert {"efficacy", "generality_em", "yes_no_em", "picture_facts"} <= set(concept["after"])
    assert set(concept["attacks"]) == {"min_k_auc", "min_k_two_sided"}
    assert summary["release"]["requests"] == ["r-0", "r-1"]
    assert summary["seconds"] == pytest.approx({one: seconds(standing, one) for one in summary["seconds"]})
    assert summary["seconds"].keys() > {"before", "release", "released-answers", "released"}
    assert summary["release"]["seconds"].items() < summary["seconds"].items()
    assert result.folder is not None
    assert "Mira Talvon" in (result.folder / "report.html").read_text()
    assert "other files are as they were written" in verify(standing).lines[-1]

    again = run(standing)
    assert again.skipped
    assert again.summary() == summary
    assert events(standing, "r-0")[-1] == "released"
    assert states(standing)[0] | {"since": "", "due": ""} == {
        "request_id": "r-0",
        "status": "partial",
        "due": "",
        "overdue": False,
        "verdict": "partial",
        "assurance": "records",
        "state": "released",
        "code": None,
        "since": "",
    }


def test_no_name_leaves_the_request_store(standing: Workspace) -> None:
    run(standing)
    private = ("Mira", "Talvon", "Maresh")
    public = [
        standing.ledger,
        standing.root / "metrics" / "summary.json",
        standing.root / "plots" / "losses.csv",
        *standing.artifacts.rglob("manifest.json"),
    ]
    for path in public:
        assert not any(name in path.read_text() for name in private), path
    assert not any(name in str(path) for path in standing.artifacts.rglob("*") for name in private)


def test_only_what_depends_on_a_parameter_is_done_again(standing: Workspace) -> None:
    run(standing)
    before = {stage: outputs(standing, stage) for stage in ("construct", "before", "unlearn", "evaluate")}
    change(standing, "unlearning", lr=0.001)
    result = run(standing)
    assert not result.skipped
    assert outputs(standing, "construct") == before["construct"]
    assert outputs(standing, "before") == before["before"], "the base model is not asked again"
    assert len(outputs(standing, "unlearn") - before["unlearn"]) == 2
    assert len(outputs(standing, "evaluate") - before["evaluate"]) == 2


def test_two_requests_for_one_concept_are_served_by_one_training(standing: Workspace) -> None:
    table = standing.root / "requests.csv"
    first = table.read_text().splitlines()[1]
    table.write_text(f"{table.read_text()}{first.replace('r-0', 'r-9')}\n")
    result = run_batch(standing, Plain(5), runner=InTurn())
    served, _, again = result.summary()["concepts"]
    assert again == {**served, "request_id": "r-9"}
    assert result.summary()["release"]["requests"] == ["r-0", "r-1", "r-9"]
    assert result.summary()["seconds"]["unlearn"] == pytest.approx(seconds(standing, "unlearn"))
    first, _, last = result.outcomes
    for stage in ("construct", "before", "unlearn", "evaluate", "attack"):
        assert first.outputs[stage].skipped != last.outputs[stage].skipped, stage


def test_settings_that_change_no_result_make_nothing_stale(standing: Workspace) -> None:
    run(standing)
    change(standing, "runtime", workers=1)
    change(standing, "tracking", experiment="other")
    assert run(standing).skipped


def test_equal_batches_give_equal_adapter_bytes(standing: Workspace, template: Path, tmp_path: Path) -> None:
    import shutil

    other = Workspace(shutil.copytree(template, tmp_path / "other"))
    adapters = []
    for workspace in (standing, other):
        run(workspace, until="unlearn")
        found = sorted(workspace.artifacts.glob("unlearn/*/adapter/adapter_model.safetensors"))
        adapters.append([path.read_bytes() for path in found])
    assert len(adapters[0]) == 2
    assert adapters[0] == adapters[1]


def test_a_failing_concept_is_quarantined_and_the_batch_goes_on(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_for_first(job, subject, folder, on_progress):  # type: ignore[no-untyped-def]
        if subject == "r-0":
            raise ConceptError("E-UNL-001", "the loss is not finite", "Lower unlearning.lr")
        UNLEARN.work(job, subject, folder, on_progress)

    monkeypatch.setattr(chain, "UNLEARN", replace(UNLEARN, work=fail_for_first))
    result = run(standing)
    assert [outcome.verdict_name for outcome in result.outcomes] == ["quarantined", "partial"]
    assert result.summary()["release"]["requests"] == ["r-1"]
    assert events(standing, "r-0") == [
        "received",
        "accepted",
        "planned",
        "committed",
        "constructed",
        "quarantined",
    ]
    entry = Ledger(standing.ledger).entries()[-1]
    assert "loss" not in json.dumps(entry.data), "a reason may hold a name; the ledger has its code"


def test_an_unexpected_error_is_quarantined_with_its_traceback(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(job, subject, folder, on_progress):  # type: ignore[no-untyped-def]
        raise ZeroDivisionError("of Mira Talvon")

    monkeypatch.setattr(chain, "CONSTRUCT", replace(CONSTRUCT, work=explode))
    result = run(standing)
    assert [outcome.verdict_name for outcome in result.outcomes] == ["quarantined"] * 2
    assert result.released is None
    assert result.summary()["release"] is None
    assert "ZeroDivisionError" in (standing.state / "tracebacks" / "r-0.txt").read_text()
    assert "Mira" not in standing.ledger.read_text()


def test_an_unknown_concept_is_not_unlearned(standing: Workspace) -> None:
    change(standing, "gates", known=0.5)
    result = run(standing)
    assert [outcome.verdict_name for outcome in result.outcomes] == ["not_known"] * 2
    assert not list(standing.artifacts.glob("unlearn/*"))
    assert result.released is None
    assert run(standing).skipped


def test_a_second_batch_names_the_first_one(standing: Workspace) -> None:
    with (
        only_batch(standing),
        pytest.raises(
            StateError,
            match=r"E-RUN-004 .*another batch, study or attack is running here \(process \d+, since",
        ),
    ):
        run(standing)


def test_all_bad_input_is_reported_before_anything_starts(standing: Workspace) -> None:
    change(standing, "unlearning", lr="fast")
    (standing.root / "requests.csv").write_text("request_id,name\nr-0,Mira\n")
    with pytest.raises(PreflightError) as caught:
        run(standing)
    assert [problem.code for problem in caught.value.problems] == ["E-PAR-005", "E-CSV-003"]
    assert not standing.ledger.exists()


def rewrite(workspace: Workspace, old: str, new: str) -> None:
    table = workspace.root / "requests.csv"
    text = table.read_text()
    assert old in text
    table.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("row", [BASE_ROW, RELEASE_ROW, str(RETAINED)])
def test_a_row_of_the_batch_itself_is_no_request(standing: Workspace, row: str) -> None:
    rewrite(standing, "r-0", row)
    (outcome,) = run(standing, until="construct").quarantined
    assert outcome.request_id == "row-2"
    assert outcome.codes[0] in ("E-REQ-001", "E-REQ-009")
    assert row in outcome.reasons[0]


def test_a_new_concept_is_not_taken_for_the_one_whose_id_its_request_has(standing: Workspace) -> None:
    rewrite(standing, "r-0,Mira Talvon", "c-3,Nobody Known")
    (outcome,) = run(standing, until="construct").quarantined
    assert (outcome.request_id, outcome.codes) == ("c-3", ("E-REQ-012", "E-REQ-010"))


def test_a_bad_row_stops_no_other(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    people = (("Mira Talvon", 0), ("Davi Maresh", 1), ("Mira Talvon", 0))
    rows = [
        f"r-{number},{name},person,requests/{picture}.png"
        for number, (name, picture) in enumerate(3 * people)
    ]
    rows[3:3] = ["bad-1,Olin Brask,person,requests/none.heic", "b@d,?,planet,requests/1.png"]
    rows.append("bad-3,Sunna Keld,person,requests/2.png")
    shutil.copy(standing.root / "own/pictures/c-3/train/0.png", standing.root / "requests/2.png")
    (standing.root / "requests.csv").write_text("\n".join(["request_id,name,kind,image", *rows]) + "\n")
    monkeypatch.setattr(commands, "run", lambda workspace, *_: run(workspace))
    assert commands.run_and_show(standing, None, "report", as_json=False) == INCOMPLETE
    said = " ".join(capsys.readouterr().out.split())
    shown = {state["request_id"]: (state["state"], state["code"]) for state in states(standing)}
    bad = {
        "bad-1": ("quarantined", "E-IMG-001"),
        "row-6": ("quarantined", "E-REQ-001, E-NAM-001, E-REQ-002"),
        "bad-3": ("quarantined", "E-REQ-012"),
    }
    assert shown == {**{f"r-{number}": ("released", None) for number in range(9)}, **bad}
    received = Ledger(standing.ledger).entries()[:12]
    assert {entry.event for entry in received} == {"received"}, "all of them before any is judged"
    assert {entry.request_id for entry in received} == shown.keys()
    summary = json.loads(next(standing.reports.glob("*/summary.json")).read_text())
    verdicts = {one["request_id"]: one["verdict"] for one in summary["concepts"]}
    assert verdicts == {
        **dict.fromkeys((f"r-{one}" for one in range(9)), "partial"),
        **dict.fromkeys(bad, "quarantined"),
    }
    report = next(standing.reports.glob("*/report.html")).read_text()
    for text in (said, report.replace("&#39;", "'")):
        assert "unknown kind 'planet'" in text
        assert "Did you mean 'Suna Keld'?" in text
    size = standing.ledger.stat().st_size
    run(standing)
    assert standing.ledger.stat().st_size == size, "a nightly run with the same bad rows says nothing new"


def test_a_table_of_bad_rows_alone_is_reported(standing: Workspace) -> None:
    (standing.root / "requests.csv").write_text("request_id,name,image\nr-0,,missing.png\n")
    result = run(standing)
    assert not result.is_whole
    assert result.outcomes[0].codes == ("E-NAM-001", "E-IMG-001")
    assert result.folder is not None
    assert not list(standing.artifacts.glob("before/*")), "there is nothing to ask the model"


def test_whoever_is_told_of_a_batch_finds_the_workspace_free(standing: Workspace) -> None:
    (standing.root / "requests.csv").write_text("request_id,name,image\nr-0,,missing.png\n")
    free: list[bool] = []

    def hook(_: Received) -> Answer:
        free.append(is_free(standing))
        return Answer()

    with http_server(hook) as server:
        change(standing, "notify", webhook=server.url)
        result = run(standing)
    assert free
    assert all(free)
    assert not any("notify" in note for note in result.notes)


def test_a_request_that_left_quarantine_has_its_verdict_again(standing: Workspace) -> None:
    run(standing)
    picture = standing.root / "requests/1.png"
    picture.rename(picture.with_suffix(".away"))
    run(standing)
    assert states(standing)[1]["state"] == "quarantined"
    picture.with_suffix(".away").rename(picture)
    assert run(standing).is_whole
    state = states(standing)[1]
    assert (state["state"], state["verdict"], state["code"]) == ("released", "partial", None)


def test_what_was_read_differently_is_noted(standing: Workspace) -> None:
    rewrite(standing, "r-0,Mira Talvon,person", "R-0,Mira Talvon,Person")
    result = run(standing)
    *read, retained = result.summary()["notes"]
    assert read == [
        "requests.csv:2: the request id is taken in small letters",
        "requests.csv:2: the kind is taken in small letters",
    ]
    assert retained.startswith("1 other concept can be retained by pictures")
    assert set(result.summary()["notes"]) <= set(result.notes)


def test_ending_early_leaves_later_stages_undone(standing: Workspace) -> None:
    assert run(standing, until="prepare").outcomes == ()
    result = run(standing, until="construct")
    assert result.folder is None
    assert result.summary() == {}
    assert not list(standing.artifacts.glob("before/*"))


def test_without_mlflow_the_batch_goes_on_and_the_next_one_makes_up_for_it(standing: Workspace) -> None:
    (standing.root / "blocked").write_text("a file where a folder is needed")
    change(standing, "tracking", uri="sqlite:///blocked/mlflow.db")
    result = run(standing)
    assert result.folder is not None
    assert any(note.startswith("not in MLflow yet") for note in result.notes)
    change(standing, "tracking", uri="sqlite:///mlflow.db")
    assert not any("MLflow" in note for note in run(standing).notes)


def test_a_tuned_batch_records_what_was_tried(standing: Workspace) -> None:
    change(standing, "unlearning", tuning={"lr_factors": [0.5, 1.0], "step_factors": [0.5]})
    tuned = run_batch(standing, Plain(1), tune=True, runner=Inline())
    training = json.loads((tuned.outcomes[0].outputs["unlearn"].folder / RESULT).read_text())
    assert [one["steps"] for one in training["tries"]] == [1, 1]
    assert training["lr"] in [one["lr"] for one in training["tries"]]
    assert tuned.summary()["release"]["steps"] == 1, "what was taken, not what was planned"


def test_how_tuning_would_try_makes_a_batch_without_it_not_stale(standing: Workspace) -> None:
    run(standing, "unlearn")
    change(standing, "unlearning", tuning={"lr_factors": [0.5], "step_factors": [0.5]})
    assert run(standing, "unlearn").skipped


def test_the_distance_to_a_gold_model_is_in_summary_and_report(standing: Workspace) -> None:
    shutil.copytree(standing.root / "model", standing.root / "gold")
    write_card(standing.root / "gold", ("c-0",))
    change(standing, "evaluation", gold="gold")
    result = run(standing)
    seen, shown = result.summary()["concepts"]
    assert shown["gold_distance"] is None, "the gold model was shown this concept"
    assert seen["gold_distance"]["before"]["concept"]["ks"] == 0.0, "this gold model is the base model"
    assert seen["gold_distance"]["after"]["concept"]["questions"] == 2
    assert result.folder is not None
    assert (result.folder / "report.html").read_text().count("Distance to a model that never knew") == 1


def test_the_release_is_attacked_too_where_a_profile_is_set(standing: Workspace) -> None:
    change(standing, "attacks", release="quick", only=["yes_no"], profile="none")
    result = run(standing)
    assert [one["findings"] for one in result.summary()["concepts"]] == [[], []]
    released = result.summary()["release"]["concepts"]
    assert [[one["attack"] for one in part["findings"]] for part in released] == [["yes_no"], ["yes_no"]]
    assert [len(part["findings"][0]["retained"]) for part in released] == [2, 2], "of four, two are forgotten"
    assert run(standing).skipped
    change(standing, "attacks", release="none")
    assert [part["findings"] for part in run(standing).summary()["release"]["concepts"]] == [[], []]
