"""Commands about what is shown to others, and what stays: keys, certificate, purge, audit page."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, find_workspace, json_option, workspace_folder_option, workspace_option
from siu.storage.private import for_others

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace


@click.group()
def keys() -> None:
    """The key that signs the ledger: show, create, rotate, revoke."""


@keys.command(epilog=examples("siu keys show > siu.pub"))
@workspace_option
@json_option
def show(workspace: "Workspace", as_json: bool) -> None:
    """Print the public key in force, to be given to whoever shall check signatures."""
    from siu.errors import InputError
    from tasks.signing import current_key

    key = current_key(workspace)
    if key is None:
        raise InputError("E-KEY-005", "no key is in force", "Run `siu keys create`, or a batch")
    text = json.dumps({"name": key.name, "id": key.key_id.hex(), "key": str(key)}, indent=2)
    click.echo(text if as_json else str(key))


@keys.command(epilog=examples("siu keys create", "siu keys create --name erasure.example.org"))
@workspace_option
@click.option("--name", default="", help="The ledger's name in its checkpoints; default: a random one.")
def create(workspace: "Workspace", name: str) -> None:
    """Make the ledger's key; without one the first batch makes it."""
    from tasks.batch_lock import only_batch
    from tasks.signing import create_key

    with only_batch(workspace):
        click.echo(str(create_key(workspace, name).public))


@keys.command(epilog=examples("siu keys rotate"))
@workspace_option
def rotate(workspace: "Workspace") -> None:
    """Put a new key into the place of the old one; both sign that."""
    from tasks.batch_lock import only_batch
    from tasks.signing import rotate_key

    with only_batch(workspace):
        click.echo(str(rotate_key(workspace).public))


@keys.command(epilog=examples("siu keys revoke --reason stolen"))
@workspace_option
@click.option(
    "--reason",
    type=click.Choice(("stolen", "lost", "ended")),
    required=True,
    help="Why; it is written into the ledger.",
)
def revoke(workspace: "Workspace", reason: str) -> None:
    """Take the key out of force; nothing is signed until `siu keys create` makes another one."""
    from tasks.batch_lock import only_batch
    from tasks.signing import revoke_key

    with only_batch(workspace):
        click.echo(f"{revoke_key(workspace, reason).key_id.hex()} is revoked.")


@click.command(
    epilog=examples("siu certificate r-1", "siu certificate --check r-1-0a1b2c3d4e5f.json --key siu.pub")
)
@click.argument("request_id", required=False)
@workspace_folder_option
@click.option(
    "--check",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Check this certificate instead; no workspace is needed.",
)
@click.option("--key", default="", metavar="KEY", help="With --check: a public key, or its file.")
@click.option("--pdf", is_flag=True, help="Print the page as a PDF too; needs Chromium.")
def certificate(request_id: str | None, folder: Path | None, check: Path | None, key: str, pdf: bool) -> None:
    """Sign what was done about a request: JSON for machines, a page for people; or check one."""
    if check is not None:
        from siu.audit.command import trusted_keys
        from tasks.certify import checked_certificate

        if not key or request_id:
            raise click.UsageError("--check needs --key with a key from elsewhere, and no request")
        statement = checked_certificate(check, trusted_keys(key))
        predicate = statement["predicate"]
        if "request" not in predicate:
            click.echo(f"The attestation holds: {statement['predicateType']}.")
            return
        click.echo(
            f"The certificate of request {predicate['request']} holds: {predicate['verdict']} "
            f"({predicate['assurance']}), release {predicate['release']['plan'][:12]}."
        )
        return
    if not request_id:
        raise click.UsageError("name a request, as `siu status` lists them")
    from tasks.attesting import write_pdf
    from tasks.batch_lock import only_batch
    from tasks.certify import certify

    workspace = find_workspace(folder)
    with only_batch(workspace):
        file = certify(workspace, request_id)
        page = file.with_suffix(".html")
        printed = [write_pdf(page)] if pdf else []
    click.echo("\n".join(map(str, (file, page, *printed))))


@click.command(epilog=examples("siu purge r-1 --dry-run", "siu purge r-1", "siu purge"))
@click.argument("request_id", required=False)
@workspace_option
@click.option("--dry-run", is_flag=True, help="Say what would go; nothing is changed.")
def purge(request_id: str | None, workspace: "Workspace", dry_run: bool) -> None:
    """Take away a released request's data: picture, fine-tuning data, answers, reports and all copies.

    Without REQUEST_ID, that of all released requests, if policy.after_release says so. Certificate, ledger
    and released adapter stay. A purge that was stopped is ended by the same command.
    """
    from tasks.batch_lock import only_batch
    from tasks.purging.due import due_by_policy
    from tasks.purging.plan import plan_purge
    from tasks.purging.purge import purge as take_away

    request_ids = [request_id] if request_id else due_by_policy(workspace)
    if not request_ids:
        click.echo("nothing is due")
    for due in request_ids:
        if dry_run:
            plan = plan_purge(workspace, due)
            table, others = plan.table, tuple(plan.others)
        else:
            with only_batch(workspace):
                purged = take_away(workspace, due)
            table, others = purged.table, purged.others
        click.echo(f"{due}: {'would go' if dry_run else 'purged'}")
        for row in table:
            click.echo(f"{row['count']:6d}  {row['action']:34} {row['place']}")
        for file in others:
            click.echo(f"{file}: yours, shows the request, and stays; remove it yourself", err=True)


@click.command(
    "audit-page", epilog=examples("siu audit-page", "siu audit-page --output /srv/audit --key siu.pub")
)
@workspace_option
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder; default: audit/ in the workspace.",
)
@click.option("--key", default="", metavar="KEY", help="A public key known from elsewhere, or its file.")
def audit_page(workspace: "Workspace", output: Path | None, key: str) -> None:
    """Write the audit trail as a page that needs no server, and as a table for spreadsheets."""
    from siu.audit.command import trusted_keys
    from tasks.audit_page import write_audit_page

    trusted = trusted_keys(key)
    if output is None:
        click.echo(write_audit_page(workspace, workspace.root / "audit", trusted))
        return
    with for_others():
        click.echo(write_audit_page(workspace, output, trusted))


@click.command(epilog=examples("siu reproduce r-1-3f1808776704.json --key siu.pub --output again"))
@click.argument("certificate", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--key", required=True, metavar="KEY", help="A public key known from elsewhere, or its file.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="A new folder to work in; it is left for inspection.",
)
@workspace_option
def reproduce(certificate: Path, key: str, output: Path, workspace: "Workspace") -> None:
    """Train a certificate's release again from the workspace's inputs; are the bytes equal?

    The first line is the answer: equal bytes; equal within bounds, where other hardware gave other bytes
    from the same inputs and all metrics lie in the certificate's intervals (exit code 0 for both);
    different, and where first (exit code 3).
    """
    import sys

    from flows.cli.exit_codes import DONE, INCOMPLETE
    from flows.reproduce import reproduce as train_again
    from siu.audit.command import trusted_keys

    reproduction = train_again(workspace, certificate, trusted_keys(key), output)
    click.echo("\n".join(reproduction.lines))
    sys.exit(DONE if reproduction.is_equal else INCOMPLETE)
