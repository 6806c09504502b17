"""An output that is found is used only if it is the one that the ledger binds."""

import pytest

from siu.audit.ledger import Ledger
from siu.config.params import Params
from siu.errors import StateError
from siu.storage.workspace import Workspace
from tasks.bound import refuse_changed_output
from tasks.job import Job
from tasks.stage import Output
from tests.tasks.audit.manipulations import edit, first, with_manifest

PATTERN = "artifacts/evaluate/*/scorecards.json"


def job(workspace: Workspace) -> Job:
    return Job(workspace, Params(), (), "", "", {})


def output(workspace: Workspace) -> Output:
    folder = first(workspace.root, PATTERN).parent
    return Output("evaluate", folder.name, folder, True, 0.0)


def test_a_bound_output_is_used(sealed: Workspace) -> None:
    refuse_changed_output(job(sealed), output(sealed))


def test_a_changed_file_is_refused(sealed: Workspace) -> None:
    edit(sealed.root, PATTERN)
    with pytest.raises(StateError, match="E-STO-003"):
        refuse_changed_output(job(sealed), output(sealed))


def test_a_file_that_was_changed_with_its_manifest_is_refused(sealed: Workspace) -> None:
    with_manifest(sealed.root, PATTERN)
    with pytest.raises(StateError, match="E-LED-022"):
        refuse_changed_output(job(sealed), output(sealed))


def test_what_is_bound_meanwhile_counts(sealed: Workspace) -> None:
    found = output(sealed)
    refuse_changed_output(job(sealed), found)
    outputs = {f"evaluate/{found.digest}": "ab" * 32}
    Ledger(sealed.ledger).append("evaluated", "r-1", {"plan": found.digest, "outputs": outputs})
    with pytest.raises(StateError, match="E-LED-022"):
        refuse_changed_output(job(sealed), found)


def test_an_unbound_output_of_an_earlier_version_is_used(sealed: Workspace) -> None:
    refuse_changed_output(job(sealed), output(sealed))
    sealed.ledger.unlink()
    Ledger(sealed.ledger).append("received", "r-1", {})
    with_manifest(sealed.root, PATTERN)
    refuse_changed_output(job(sealed), output(sealed))
