"""Commands that erase, and show what came of it: batch, forget, ask, export."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import examples, json_option, other_base_option, workspace_option
from siu.storage.private import for_others

if TYPE_CHECKING:
    from siu.storage.workspace import Workspace


@click.command(epilog=examples("siu batch", "siu batch --requests urgent.csv --json"))
@workspace_option
@click.option(
    "--requests",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Another table of requests.",
)
@click.option("--until", metavar="STAGE", default="report", help="Stop after this stage; used by dvc.yaml.")
@click.option("--tune", is_flag=True, help="Search learning rate and steps for each concept first.")
@json_option
def batch(workspace: "Workspace", requests: Path | None, until: str, tune: bool, as_json: bool) -> None:
    """Unlearn, evaluate, attack, release and report all requests.

    What is already there for the same data, model, parameters and code is skipped.
    """
    from flows.cli.batch import run_and_show

    sys.exit(run_and_show(workspace, requests, until, as_json, tune))


@click.command(epilog=examples('siu forget "Mira Talvon" --image mira.png --kind person'))
@click.argument("name")
@click.option(
    "--image",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="One picture.",
)
@click.option("--kind", default="other", help="person, creature, landmark, logo or other.")
@click.option("--alias", "aliases", multiple=True, help="Another name that counts as naming it.")
@click.option("--force", is_flag=True, help="Also where the collection has no concept of this name.")
@workspace_option
@json_option
def forget(
    name: str,
    image: Path,
    kind: str,
    aliases: tuple[str, ...],
    force: bool,
    workspace: "Workspace",
    as_json: bool,
) -> None:
    """Add one request to requests.csv and run the batch."""
    from flows.cli.batch import run_and_show
    from flows.cli.forget import found_as
    from tasks.table_request import NewRequest, add_row

    click.echo(f"request {add_row(workspace, NewRequest(name, image, kind, aliases, force))}", err=True)
    click.echo(found_as(name, aliases), err=True)
    sys.exit(run_and_show(workspace, None, "report", as_json))


@click.command(
    epilog=examples(
        'siu ask --image mira.png "Who is this?"', 'siu ask --base "Where does Mira Talvon live?"'
    )
)
@click.argument("question", default="Who is this?")
@click.option(
    "--image",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The picture asked about.",
)
@click.option(
    "--adapter",
    type=click.Path(file_okay=False, path_type=Path),
    help="Default: the latest release.",
)
@click.option("--base", "base_alone", is_flag=True, help="Ask the base model alone; needs no release.")
@other_base_option
@workspace_option
@json_option
def ask(
    question: str,
    image: Path | None,
    adapter: Path | None,
    base_alone: bool,
    allow_other_base: bool,
    workspace: "Workspace",
    as_json: bool,
) -> None:
    """Ask the model before and after unlearning, side by side."""
    from flows.cli.ask import ask as put
    from flows.cli.tables import show_answers

    if base_alone and adapter:
        raise click.UsageError("--base asks without any adapter; leave --adapter out")
    answers = put(
        workspace, question, image, adapter, allow_other_base=allow_other_base, base_alone=base_alone
    )
    show_answers(answers, as_json)


@click.command(
    epilog=examples(
        "siu export my-adapter",
        "siu export my-model --merge",
        "siu export my-adapter --signing-key models.pem",
    )
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--merge", is_flag=True, help="Write base model and adapter as one model.")
@click.option(
    "--adapter",
    type=click.Path(file_okay=False, path_type=Path),
    help="Default: the latest release.",
)
@click.option(
    "--force", is_flag=True, help="Also where not every request of the release is erased; its card says so."
)
@click.option(
    "--signing-key",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PEM",
    help="Sign the folder with this key (OpenSSF Model Signing; extra signing); writes FOLDER.sig.",
)
@other_base_option
@workspace_option
def export(
    folder: Path,
    merge: bool,
    adapter: Path | None,
    force: bool,
    signing_key: Path | None,
    allow_other_base: bool,
    workspace: "Workspace",
) -> None:
    """Write the released adapter to a new FOLDER, for PEFT and transformers to load.

    Before the folder appears, plain transformers and peft load it: the answers must be those measured.
    """
    from flows.cli.export import export as write
    from siu.audit.model_signature import model_signer

    signer = model_signer(signing_key, _asked_password) if signing_key else None
    with for_others():
        done = write(
            workspace,
            folder,
            adapter,
            merge=merge,
            force=force,
            allow_other_base=allow_other_base,
            signer=signer,
        )
    click.echo(done)


def _asked_password() -> str:
    """Return the password of the key that signs models, from whoever sits there; a script is not asked."""
    if not sys.stdin.isatty():
        return ""
    return str(click.prompt("Password of the signing key", hide_input=True, err=True))
