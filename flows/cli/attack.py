"""`siu attack`: what is left of one concept under one adapter."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, json_option, other_base_option, workspace_option
from siu.errors import InputError

if TYPE_CHECKING:
    from siu.attacks.observation import Finding
    from siu.config.profiles import Profile
    from siu.data.concepts import Concept
    from siu.storage.workspace import Workspace

PROFILES = ("quick", "standard", "thorough")


@dataclass(frozen=True)
class AttackOptions:
    """What is to be attacked, and how.

    Attributes:
        concept: Id or name of the concept.
        adapter: A PEFT folder; None for the latest release.
        model: Another base model than the one in params.yaml, if any.
        profile: How much is tried.
        only: Attacks that are run; empty for all of the profile.
        allow_other_base: Whether an adapter of another base model will do.
    """

    concept: str
    adapter: Path | None = None
    model: str | None = None
    profile: "Profile" = "standard"
    only: tuple[str, ...] = ()
    allow_other_base: bool = False


@dataclass(frozen=True)
class AttackResult:
    """What came of the attacks on one adapter.

    Attributes:
        concept: The concept.
        findings: What each attack found.
        reasons: What the gates of ``params.yaml`` say.
        page: The page with all of it.
        other_base: Whether the adapter isn't known to have been trained on the base model.
        answer: What is left, in a sentence or two.
    """

    concept: "Concept"
    findings: "list[Finding]"
    reasons: tuple[str, ...]
    page: Path
    other_base: bool = False
    answer: str = ""


@click.command(
    epilog=examples(
        "siu attack --adapter my-adapter --concept c02",
        "siu attack --concept c02 --profile quick --only yes_no --only prefill",
    )
)
@click.option("--concept", required=True, metavar="ID", help="Id or name of the concept in the collection.")
@click.option(
    "--adapter", type=click.Path(file_okay=False, path_type=Path), help="Default: the latest release."
)
@click.option("--model", metavar="FOLDER", help="Another base model than the one in params.yaml.")
@click.option(
    "--profile", type=click.Choice(PROFILES), default="standard", show_default=True, help="How much is tried."
)
@click.option("--only", multiple=True, metavar="ATTACK", help="Run this attack; may be given several times.")
@other_base_option
@workspace_option
@json_option
def attack(
    concept: str,
    adapter: Path | None,
    model: str | None,
    profile: "Profile",
    only: tuple[str, ...],
    allow_other_base: bool,
    workspace: "Workspace",
    as_json: bool,
) -> None:
    """Try to bring a forgotten concept back, by every attack of a profile (docs/reference/attacks.md).

    Attacks that were done before on the same content are not done again.
    """
    options = AttackOptions(concept, adapter, model, profile, only, allow_other_base)
    result = run_attack(workspace, options)
    if as_json:
        rows = [finding.to_json() for finding in result.findings]
        text = {
            "concept": result.concept.id,
            "other_base": result.other_base,
            "answer": result.answer,
            "reasons": result.reasons,
            "findings": rows,
        }
        sys.stdout.write(json.dumps(text, indent=2, ensure_ascii=False) + "\n")
        return
    _show(result)


def run_attack(workspace: "Workspace", options: AttackOptions) -> AttackResult:
    """Attack one adapter and write the page.

    Raises:
        InputError: ``E-ATK-001`` there is no such concept, ``002`` no such attack; ``E-ASK-001`` nothing is
            released yet.
        ModelError: Base model or adapter can't be used.
        StateError: ``E-RUN-004`` a batch is running here.
    """
    from siu.attacks.registry import attack_names

    for name in options.only:
        if name not in attack_names():
            raise InputError(
                "E-ATK-002", f"there is no attack {name!r}", f"Use one of {', '.join(attack_names())}"
            )
    from siu.models.adapter_integrity import check_adapter
    from tasks.acceptance import adapter_to_ask
    from tasks.batch_lock import only_batch

    folder, remark = adapter_to_ask(workspace, options.adapter)
    if remark:
        click.echo(remark, err=True)
    check_adapter(folder)
    with only_batch(workspace):
        return _attack(workspace, folder, options)


def _attack(workspace: "Workspace", folder: Path, options: AttackOptions) -> AttackResult:
    """Attack a checked adapter while no batch is running here."""
    from flows.cli.tables import OTHER_BASE
    from flows.plan import prepared_job
    from flows.terminal.progress import bar
    from siu.attacks.gates import attack_reasons
    from siu.models.adapter_integrity import check_adapter_on
    from siu.models.source import model_folder
    from siu.report.attack_page import write_attack_page
    from siu.report.what_is_left import what_is_left
    from tasks.findings import Target, find_all
    from tasks.gold import attack_gold_name

    params, model = workspace.params(), options.model
    chosen = params.attacks.model_copy(update={"only": options.only})
    base = params.base_model.model_copy(update={"source": model, "revision": None} if model else {})
    narrowed = params.model_copy(update={"attacks": chosen, "base_model": base})
    job = prepared_job(workspace, narrowed, (), note_model=model is None)
    origin = check_adapter_on(
        folder, model_folder(base, workspace.root), allow_other_base=options.allow_other_base
    )
    concept = _concept(job.collection().concepts, options.concept)
    with bar("attacks") as on_progress:
        findings = find_all(job, Target(concept, folder, options.profile), on_progress)
    part = "-selected" if options.only else ""  # so that it doesn't take the place of a whole profile's page
    page = workspace.reports / f"attacks-{concept.id}{part}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    write_attack_page(
        findings,
        page,
        name=concept.name,
        adapter=folder.name,
        base_model=f"{base.source}. {OTHER_BASE}" if origin.is_other else base.source,
        gold=attack_gold_name(job, concept),
        profile=options.profile,
        gates=params.gates,
    )
    reasons, answer = attack_reasons(findings, params.gates), what_is_left(findings, params.gates)
    return AttackResult(concept, findings, reasons, page, origin.is_other, answer)


def _concept(concepts: "tuple[Concept, ...]", name: str) -> "Concept":
    for concept in concepts:
        if name in (concept.id, concept.name, *concept.aliases):
            return concept
    raise InputError(
        "E-ATK-001", f"the collection has no concept {name!r}", "Use an id or a name of concepts.jsonl"
    )


def _show(result: AttackResult) -> None:
    from rich.table import Table

    from flows.terminal.console import plain_console
    from siu.report.attack_rows import attack_rows

    console = plain_console()
    table = Table("attack", "concept", "strangers", "retained", "gold", "beyond")
    for row in attack_rows(result.findings):
        table.add_row(row.title, row.concept, row.strangers, row.retained, row.gold, row.excess)
    console.print(table)
    if result.other_base:
        from flows.cli.tables import OTHER_BASE

        console.print(OTHER_BASE)
    for reason in result.reasons:
        console.print(reason)
    seconds = sum(finding.seconds for finding in result.findings)
    console.print(f"The attacks took {seconds:.0f} s when they were run. Page: {result.page}", soft_wrap=True)
    console.print(f"What is left of {result.concept.id}? {result.answer}", soft_wrap=True)
