"""Keys come and go by entries of the ledger."""

from collections.abc import Callable
from pathlib import Path

import pytest

from siu.audit.audit import audit
from siu.audit.chain import read_chain
from siu.audit.command import trusted_keys
from siu.audit.keys import ROTATED, key_ring
from siu.audit.ledger import Ledger
from siu.audit.merkle import is_consistent
from siu.audit.signer import PASSWORD
from siu.errors import InputError
from siu.storage.fault_points import arm
from siu.storage.workspace import Workspace
from tasks.proofs import newest_checkpoint, proof_from
from tasks.seal import seal
from tasks.signing import VARIABLE, create_key, current_key, private_file, revoke_key, rotate_key


def public(workspace: Workspace) -> str:
    return str(workspace.state / "keys/public.txt")


def test_the_private_key_is_its_owners_alone(sealed: Workspace) -> None:
    key = current_key(sealed)
    assert key is not None
    assert private_file(sealed, key).stat().st_mode & 0o077 == 0
    assert private_file(sealed, key).parent.stat().st_mode & 0o077 == 0


def test_who_trusts_the_first_key_trusts_those_that_it_vouches_for(sealed: Workspace) -> None:
    first = trusted_keys(public(sealed))
    old = newest_checkpoint(sealed)
    rotate_key(sealed)
    newer = seal(sealed)
    assert newer is not None
    found = audit(sealed.root, first, old)
    assert (found.faults, found.signed) == ((), newer.size)
    assert not newer.is_signed_by(first[0])


def test_a_key_that_nobody_vouches_for_is_a_fault(sealed: Workspace) -> None:
    first = trusted_keys(public(sealed))
    revoke_key(sealed, "lost")
    assert seal(sealed) is None
    assert audit(sealed.root, first).faults == ()
    create_key(sealed)
    seal(sealed)
    assert {fault.code for fault in audit(sealed.root, first).faults} == {"E-KEY-003", "E-LED-019"}
    assert audit(sealed.root, (*first, *trusted_keys(public(sealed)))).faults == ()


def test_a_rotation_that_the_old_key_did_not_sign_is_a_fault(sealed: Workspace) -> None:
    entry = {"key": str(create_key(Workspace(sealed.root / "other")).public), "signed_by_old": "AAAA"}
    Ledger(sealed.ledger).append(ROTATED, "", entry)
    ring = key_ring(read_chain(sealed.ledger).entries)
    assert [fault.code for fault in ring.faults] == ["E-KEY-003"]
    assert ring.current == current_key(sealed)


def test_there_is_one_key_at_a_time(sealed: Workspace) -> None:
    with pytest.raises(InputError, match="E-KEY-005"):
        create_key(sealed)
    revoke_key(sealed, "ended")
    for act in (lambda: revoke_key(sealed, "ended"), lambda: rotate_key(sealed)):
        with pytest.raises(InputError, match="E-KEY-005"):
            act()


@pytest.mark.parametrize("name", ["with space", "a+b", "line\nbreak", "x" * 101])
def test_odd_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="E-KEY-005"):
        create_key(Workspace(tmp_path), name)
    assert not list(tmp_path.rglob("*.pem"))


def test_a_private_key_may_lie_elsewhere_under_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "workspace")
    monkeypatch.setenv(PASSWORD, "correct horse")
    signer = create_key(workspace)
    outside = private_file(workspace, signer.public).rename(tmp_path / "outside.pem")
    assert b"ENCRYPTED" in outside.read_bytes()
    monkeypatch.setenv(VARIABLE, str(outside))
    assert seal(workspace) is not None
    for name, value in ((PASSWORD, "wrong"), (VARIABLE, str(tmp_path / "none.pem"))):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            Ledger(workspace.ledger).append("received", "r-1", {})
            with pytest.raises(InputError, match="E-KEY-002"):
                seal(workspace)


def test_another_private_key_signs_nothing(
    sealed: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = create_key(Workspace(tmp_path / "other"))
    monkeypatch.setenv(VARIABLE, str(private_file(Workspace(tmp_path / "other"), other.public)))
    with pytest.raises(InputError, match="E-KEY-004"):
        seal(sealed)


def test_a_proof_leads_from_an_old_checkpoint_to_the_newest(sealed: Workspace, tmp_path: Path) -> None:
    old = newest_checkpoint(sealed)
    (tmp_path / "old.txt").write_text(str(old))
    Ledger(sealed.ledger).append("received", "r-3", {})
    seal(sealed)
    newest = newest_checkpoint(sealed)
    proof = proof_from(sealed, tmp_path / "old.txt", newest)
    assert proof
    assert is_consistent(old.size, old.root, newest.size, newest.root, proof)


def test_a_seal_is_written_once(sealed: Workspace) -> None:
    before = sealed.ledger.read_bytes()
    assert seal(sealed) == newest_checkpoint(sealed)
    assert sealed.ledger.read_bytes() == before


def test_nothing_is_sealed_where_nothing_was_made(tmp_path: Path) -> None:
    assert seal(Workspace(tmp_path)) is None
    assert list(tmp_path.iterdir()) == []


def killed_at(point: str, act: Callable[[], object], struck: Path) -> None:
    """Do something that fails at a point, as a process that dies there would leave it."""
    arm(f"{point}:eio:{struck}")
    try:
        with pytest.raises(OSError, match="Input/output error"):
            act()
    finally:
        arm("")


def test_a_seal_whose_checkpoint_was_not_signed_is_made_up_for(sealed: Workspace, tmp_path: Path) -> None:
    (sealed.root / "metrics/new.json").write_text("{}")
    killed_at("seal.checkpoint", lambda: seal(sealed), tmp_path / "struck")
    (sealed.root / "metrics/newer.json").write_text("{}")
    seal(sealed)
    assert audit(sealed.root).faults == ()
    events = [entry.event for entry in Ledger(sealed.ledger).entries()]
    assert events[-3:] == ["sealed", "seal_unsigned", "sealed"]
    size = sealed.ledger.stat().st_size
    seal(sealed)
    assert sealed.ledger.stat().st_size == size, "nothing is left to make up for"


def test_a_public_key_that_was_not_written_is_made_up_for(sealed: Workspace, tmp_path: Path) -> None:
    killed_at("keys.public", lambda: rotate_key(sealed), tmp_path / "struck")
    assert [fault.code for fault in audit(sealed.root).faults] == ["E-KEY-006"], "it is the former key's"
    seal(sealed)
    assert audit(sealed.root).faults == ()
    Path(public(sealed)).write_text("another\n")
    seal(sealed)
    assert [fault.code for fault in audit(sealed.root).faults] == ["E-KEY-006"], "that was no crash"


def test_a_clock_that_was_set_back_leaves_a_whole_ledger(sealed: Workspace, tmp_path: Path) -> None:
    before = Ledger(sealed.ledger).entries()[-1]
    arm(f"append.write:clock:{tmp_path / 'struck'}")
    try:
        Ledger(sealed.ledger).append("received", "r-9", {})
        entry = Ledger(sealed.ledger).append("received", "r-10", {})
        seal(sealed)
    finally:
        arm("")
    assert entry.time >= before.time
    assert audit(sealed.root).faults == ()
