"""`siu request`: requests one by one, from the day they come in to the day they are answered."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.cli.exit_codes import DONE, INCOMPLETE
from flows.cli.options import examples, json_option, workspace_option

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace

reason_option = click.option(
    "--reason", required=True, metavar="TEXT", help="Why; kept, and never shown in public."
)


@click.group()
def request() -> None:
    """Add, import, list, show, withdraw and extend erasure requests."""


@request.command(
    epilog=examples('siu request add "Mira Talvon" --image mira.png --kind person --received 2026-01-31')
)
@click.argument("name")
@click.option("--image", required=True, type=click.Path(dir_okay=False, path_type=Path), help="One picture.")
@click.option("--kind", default="other", help="person, creature, landmark, logo or other.")
@click.option("--alias", "aliases", multiple=True, help="Another name that counts as naming it.")
@click.option("--received", default="", metavar="DAY", help="Day it came in, as 2026-01-31; default: today.")
@click.option("--id", "request_id", default="", help="An id of your own, which tells nobody who is meant.")
@click.option("--force", is_flag=True, help="Also where the collection has no concept of this name.")
@click.option(
    "--policy",
    type=click.Choice(("keep", "purge")),
    help="What becomes of its data after a release; default: what params.yaml says.",
)
@workspace_option
def add(
    name: str,
    image: Path,
    kind: str,
    aliases: tuple[str, ...],
    received: str,
    request_id: str,
    force: bool,
    policy: str | None,
    workspace: "Workspace",
) -> None:
    """Add one request; the next batch works on it."""
    from tasks.requests import add_request

    cells = {
        "request_id": request_id,
        "name": name,
        "kind": kind,
        "aliases": ";".join(aliases),
        "received": received,
        "force": "yes" if force else "",
        "policy": policy or "",
    }
    added = add_request(workspace, cells, image)
    click.echo(f"request {added}")
    click.echo(_found_as(name, aliases))


@request.command(
    name="import", epilog=examples("siu request import requests-may.csv", "siu request import dsr.json")
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@workspace_option
@json_option
def import_(file: Path, workspace: "Workspace", as_json: bool) -> None:
    """Add the requests of a CSV or OpenDSR JSON FILE; importing it again changes nothing."""
    from tasks.requests import import_requests

    imported = import_requests(workspace, file.resolve())
    refused = {
        request_id: [str(problem) for problem in problems]
        for request_id, problems in imported.refused.items()
    }
    if as_json:
        rows = {"new": imported.new, "known": imported.known, "changed": imported.changed, "refused": refused}
        click.echo(json.dumps({**rows, "notes": imported.notes}, indent=2, ensure_ascii=False))
    else:
        for note in imported.notes:
            click.echo(f"note: {note}")
        for request_id, fields in imported.changed.items():
            click.echo(
                f"{request_id}: {', '.join(fields)} differ from what was taken in, which stays; not imported"
            )
        for request_id, problems in refused.items():
            click.echo(f"{request_id}: refused: {'; '.join(problems)}")
        click.echo(
            f"{len(imported.new)} new, {len(imported.known)} known, {len(imported.changed)} changed, "
            f"{len(refused)} refused"
        )
    click.get_current_context().exit(INCOMPLETE if imported.changed or refused else DONE)


@request.command(name="list", epilog=examples("siu request list", "siu request list --overdue --json"))
@click.option("--open", "only_open", is_flag=True, help="Only those that somebody still waits for.")
@click.option("--overdue", "only_overdue", is_flag=True, help="Only those whose day has passed.")
@workspace_option
@json_option
def list_(only_open: bool, only_overdue: bool, workspace: "Workspace", as_json: bool) -> None:
    """List requests by due day, without names."""
    from flows.cli.requests_shown import listed, show_list

    rows = listed(workspace, only_open=only_open, only_overdue=only_overdue)
    show_list(rows, as_json)


@request.command(epilog=examples("siu request show r-0001"))
@click.argument("request_id", metavar="ID")
@workspace_option
@json_option
def show(request_id: str, workspace: "Workspace", as_json: bool) -> None:
    """Show what a request asks for, its spellings, and all that happened to it. Shows its name."""
    from flows.cli.requests_shown import shown, text_of

    record: dict[str, Any] = shown(workspace, request_id)
    click.echo(json.dumps(record, indent=2, ensure_ascii=False) if as_json else text_of(record))


@request.command(epilog=examples('siu request withdraw r-0001 --reason "asked for by mistake"'))
@click.argument("request_id", metavar="ID")
@reason_option
@workspace_option
def withdraw(request_id: str, reason: str, workspace: "Workspace") -> None:
    """Leave a request out from now on; one that is worked on stops before its next stage."""
    from tasks.requests import withdraw as take_back

    take_back(workspace, request_id, reason)
    click.echo(f"{request_id} is withdrawn; the next batch and its release leave it out")


@request.command(epilog=examples('siu request extend r-0001 --reason "pictures of twins to be told apart"'))
@click.argument("request_id", metavar="ID")
@reason_option
@workspace_option
def extend(request_id: str, reason: str, workspace: "Workspace") -> None:
    """Put the due day off by policy.extension_days, once."""
    from flows.cli.requests_shown import listed
    from tasks.requests import extend as put_off

    put_off(workspace, request_id, reason)
    due = next(row["due"] for row in listed(workspace) if row["request_id"] == request_id)
    click.echo(f"{request_id} is due on {due}")


def _found_as(name: str, aliases: tuple[str, ...]) -> str:
    from flows.cli.forget import found_as

    return found_as(name, aliases)
