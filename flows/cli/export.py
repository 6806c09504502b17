"""`siu export`: the released adapter, or another one, in a folder that other tools load."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from siu.audit.model_signature import ModelSigner, signature_of
from siu.config.params import BaseModelParams, Params
from siu.data.releases import CARRIED
from siu.errors import InputError
from siu.storage.workspace import Workspace
from tasks.acceptance import adapter_to_give_away
from tasks.deploy import MeasuredRelease, release_of_adapter
from tasks.releases import all_releases

if TYPE_CHECKING:
    from siu.models.plain_answers import RecordedAnswer

ERASED = "erased"
PROBES = ("Who is this?", "What do you see?", "Where do you live?")
"""Questions without a picture, for an adapter whose answers nobody recorded."""


def export(
    workspace: Workspace,
    folder: Path,
    adapter: Path | None,
    *,
    merge: bool,
    force: bool = False,
    allow_other_base: bool = False,
    signer: ModelSigner | None = None,
) -> str:
    """Write the adapter, or the merged model, to a new folder; return what was done.

    What was written is loaded by plain transformers and peft, and must give the answers that were measured.

    Args:
        workspace: Names the base model and holds the releases.
        folder: Where to; it must not be there yet.
        adapter: A PEFT folder; None for the latest release.
        merge: Whether to write base model and adapter as one model.
        force: Whether a release is exported in which not every request is shown to be erased; its card says
            so.
        allow_other_base: Whether another base model is taken than the adapter was trained on, if it fits; the
            card says so.
        signer: Signs what was checked; the signature lies beside the folder, under its name and ``.sig``.

    Raises:
        InputError: Nothing is released yet, or the folder is taken; ``E-EXP-002`` a request isn't erased,
            ``004`` there is a signature already; ``E-REL-013`` the release waits for a person.
        ModelError: The adapter or the base model can't be used; ``E-REL-001`` the answers are others.
        StateError: The release isn't the one that was measured (`tasks.deploy.latest_release`).
    """
    if signer:
        _refuse_to_sign_twice(folder)
    chosen = adapter_to_give_away(workspace, adapter)
    params = workspace.params()
    from siu.models.adapter_integrity import check_adapter_on
    from siu.models.export import export_adapter, export_merged
    from siu.models.source import check_config, model_folder

    base = model_folder(params.base_model, workspace.root)
    check_config(base)
    origin = check_adapter_on(chosen, base, allow_other_base=allow_other_base)
    release = release_of_adapter(workspace, chosen)
    remarks = [*_verdict_remarks(release, force=force)]
    if origin.is_other:
        remarks.append(
            f"Exported with base model `{origin.used_with}`, which is **not known to be the one that the "
            "adapter was trained on**; nothing was measured of the two together."
        )
        release = None

    def finish(written: Path) -> None:
        if merge:
            _check_merged(workspace, params, release, chosen, written)
        else:
            _check_copy(workspace, params, release, written)
        if signer:
            signer.sign(written, signature_of(written))

    if merge:
        export_merged(params.base_model, chosen, folder, root=workspace.root, remarks=remarks, check=finish)
    else:
        export_adapter(chosen, folder, remarks=remarks, check=finish)
    written = f"The {'merged model' if merge else 'adapter'} is in {folder}."
    if not signer:
        return written
    return (
        f"{written}\nIts signature is in {signature_of(folder)}, by the key with sha256 {signer.fingerprint}."
    )


def _refuse_to_sign_twice(folder: Path) -> None:
    signature = signature_of(folder)
    if signature.exists():
        raise InputError(
            "E-EXP-004", "a signature is there already", "Name a new folder, or move it", str(signature)
        )


def _verdict_remarks(release: MeasuredRelease | None, *, force: bool) -> list[str]:
    """Return what a card says of the verdicts; a release that isn't erased as a whole needs force."""
    if release is None:
        return ["The adapter is no release of this workspace: no verdict is known."]
    verdicts = Counter(release.verdicts().values())
    counts = [f"{verdict} {count}" for verdict, count in sorted(verdicts.items())]
    carried = _carried(release)
    if carried:
        counts.append(f"purged and not measured in it {carried}")
    tally = ", ".join(counts) or "none is noted"
    if set(verdicts) == {ERASED} and not carried:
        return [f"Verdicts of its requests: {tally}."]
    if not force:
        raise InputError(
            "E-EXP-002",
            f"not every request of the release is shown to be erased ({tally})",
            "Look into the report, and use --force if it is to be given away all the same",
            str(release.folder),
        )
    remarks = [
        f"**Not every request of this release is shown to be erased** ({tally}): "
        "it was exported with --force."
    ]
    if carried:
        remarks.append(
            f"{carried} of its requests were purged before this release went on from one that held them: "
            "**that it still forgets them was not measured**."
        )
    return remarks


def _carried(release: MeasuredRelease) -> int:
    """Return how many purged requests a release goes on forgetting, of which nothing was measured in it."""
    numbered = all_releases(release.workspace).values()
    members = [member for known in numbered if known.plan == release.plan for member in known.members]
    return sum(assurance == CARRIED for _, _, assurance, _ in members)


def _check_copy(workspace: Workspace, params: Params, release: MeasuredRelease | None, written: Path) -> None:
    """Ask base model and written adapter what the release was asked; other adapters are just copies."""
    if release is None:
        return
    from siu.models.plain_answers import PlainModel, refuse_mismatches

    recording = release.recording()
    measured = {"dtype": recording.dtype, "four_bit": recording.four_bit}
    base = params.base_model.model_copy(update=measured)
    recorded = recording.recorded(workspace)
    plain = PlainModel(base, written, params.runtime, root=workspace.root)
    refuse_mismatches(plain.mismatches(recorded, recording.max_new_tokens), len(recorded), written)


def _check_merged(
    workspace: Workspace, params: Params, release: MeasuredRelease | None, adapter: Path, written: Path
) -> None:
    """Ask the merged model what the release was asked, or else what base model and adapter are."""
    from siu.models.plain_answers import PlainModel, refuse_mismatches

    longest = params.evaluation.max_new_tokens
    whole = params.base_model.model_copy(update={"four_bit": False})
    if release is None or release.recording().four_bit:
        recorded = _answered(workspace, params, whole, release, adapter)
    else:
        recording = release.recording()
        recorded, longest = recording.recorded(workspace), recording.max_new_tokens
    merged = whole.model_copy(update={"source": str(written.resolve()), "revision": None})
    plain = PlainModel(merged, None, params.runtime)
    refuse_mismatches(plain.mismatches(recorded, longest), len(recorded), written)


def _answered(
    workspace: Workspace,
    params: Params,
    whole: BaseModelParams,
    release: MeasuredRelease | None,
    adapter: Path,
) -> "list[RecordedAnswer]":
    """Return what base model and adapter answer: nothing was recorded, or of the base model in 4 bits."""
    from siu.models.plain_answers import PlainModel

    longest = params.evaluation.max_new_tokens
    plain = PlainModel(whole, adapter, params.runtime, root=workspace.root)
    if release is None:
        return plain.answers(PROBES, longest)
    return plain.answered_again(release.recording().recorded(workspace), longest)
