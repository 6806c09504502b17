"""`siu checkpoint`: the ledger's newest checkpoint printed, sent to others, stamped."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, find_workspace, workspace_folder_option, workspace_option

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(
    invoke_without_command=True,
    epilog=examples("siu checkpoint --output june.txt", "siu checkpoint --since june.txt"),
)
@workspace_folder_option
@click.option("--output", type=_FILE, help="Write it to this file, to be sent away.")
@click.option("--since", type=_FILE, help="An older one: print the proof that nothing it covers was changed.")
@click.pass_context
def checkpoint(context: click.Context, folder: Path | None, output: Path | None, since: Path | None) -> None:
    """Print the ledger's newest signed checkpoint, for somebody else to keep.

    Kept elsewhere it shows a cut or rewritten ledger: `siu verify --checkpoint FILE`.
    """
    from tasks.anchors import to_file
    from tasks.proofs import newest_checkpoint, proof_from

    if context.invoked_subcommand is not None:
        if folder or output or since:
            raise click.UsageError("options of `siu checkpoint` itself go with no other command")
        return
    workspace = find_workspace(folder)
    newest = newest_checkpoint(workspace)
    if since is not None:
        for step in proof_from(workspace, since, newest):
            click.echo(base64.b64encode(step).decode())
        click.echo()
    if output is not None:
        to_file(newest, output)
        click.echo(f"The checkpoint of {newest.size} entries is in {output}.", err=True)
        return
    click.echo(str(newest), nl=False)


@checkpoint.command(
    epilog=examples(
        "siu checkpoint send --to /media/safe",
        "siu checkpoint send --tag --push origin",
        "siu checkpoint send --mail auditor@example.org --eml june.eml",
        "siu checkpoint send --mail auditor@example.org --smtp SIU_SMTP --webhook",
    )
)
@workspace_option
@click.option("--to", type=click.Path(path_type=Path), help="A file, or a folder in which it gets a name.")
@click.option("--tag", is_flag=True, help="An annotated tag of the workspace's git repository.")
@click.option("--push", default="", metavar="REMOTE", help="With --tag: push the tag there.")
@click.option("--mail", default="", metavar="ADDRESS", help="E-mail the checkpoint to this address.")
@click.option("--sender", default="siu@localhost", show_default=True, help="Sender's address.")
@click.option("--eml", type=_FILE, help="With --mail: write the e-mail to this file.")
@click.option(
    "--smtp",
    default="",
    metavar="VARIABLE",
    help="With --mail: send it; this variable holds smtps://user:password@host:port.",
)
@click.option("--webhook", is_flag=True, help="To the address notify.webhook.")
def send(
    workspace: "Workspace",
    to: Path | None,
    tag: bool,
    push: str,
    mail: str,
    sender: str,
    eml: Path | None,
    smtp: str,
    webhook: bool,
) -> None:
    """Send the newest checkpoint to where others keep it; the ledger says how, not to whom."""
    from tasks import anchors
    from tasks.batch_lock import only_batch
    from tasks.proofs import newest_checkpoint

    if not (to or tag or mail or webhook):
        raise click.UsageError("name where to: --to, --tag, --mail or --webhook")
    if bool(mail) != bool(eml or smtp) or (push and not tag):
        raise click.UsageError("--mail goes with --eml or --smtp, and --push with --tag")
    with only_batch(workspace):
        newest = newest_checkpoint(workspace)
        ways: list[tuple[str, Callable[[], object]]] = []
        if to:
            ways.append(("file", lambda: click.echo(anchors.to_file(newest, to))))
        if tag:
            word = "tag pushed" if push else "tag"
            ways.append((word, lambda: click.echo(anchors.to_tag(workspace, newest, push))))
        if mail:
            message = anchors.checkpoint_mail(newest, sender, mail)
            if eml:
                ways.append(("e-mail as a file", lambda: click.echo(anchors.to_mail_file(message, eml))))
            if smtp:
                ways.append(("e-mail", lambda: anchors.to_smtp(message, smtp)))
        if webhook:
            notify = workspace.params().notify
            ways.append(("webhook", lambda: anchors.to_webhook(newest, notify)))
        sent = anchors.send(workspace, newest, ways)
    click.echo(f"Sent: the checkpoint of {newest.size} entries ({', '.join(sent)}).", err=True)


@checkpoint.command(
    epilog=examples(
        "siu checkpoint stamp june.txt",
        "siu checkpoint stamp june.txt --url https://tsa.example.org --authority tsa.pem",
        "siu checkpoint stamp june.txt --reply june.tsr --authority tsa.pem",
    )
)
@click.argument("file", type=_FILE)
@workspace_option
@click.option("--url", default="", help="A time-stamp authority, which is sent the query (RFC 3161).")
@click.option("--reply", type=_FILE, help="An authority's reply that you have already.")
@click.option(
    "--authority", type=_FILE, help="Certificates that you trust, as PEM; the reply is held against them."
)
def stamp(file: Path, workspace: "Workspace", url: str, reply: Path | None, authority: Path | None) -> None:
    """Have the time of the newest checkpoint witnessed: write it to FILE, and the query beside it.

    With a reply nothing is asked: FILE is the checkpoint that was stamped.
    """
    from tasks import anchors, stamps
    from tasks.batch_lock import only_batch
    from tasks.proofs import newest_checkpoint

    if reply and (url or not authority):
        raise click.UsageError("--reply goes with --authority, and without --url")
    if reply is None:
        anchors.to_file(newest_checkpoint(workspace), file)
        query = stamps.ask_for_stamp(file)
        if not url:
            click.echo(f"{query}: send it to an authority, then give its answer with --reply")
            return
        reply = stamps.fetch_stamp(query, url)
    if authority is None:
        click.echo(f"{reply}: not checked; name the authority's certificates with --authority")
        return
    time = stamps.check_stamp(file, reply, authority)
    with only_batch(workspace):
        stamps.note_stamp(workspace, file, reply, time)
    click.echo(f"{reply}: the authority says {time}")
