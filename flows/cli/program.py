"""The command line: `siu --help`. Everything heavy is imported inside the commands."""

import sys
from errno import EIO
from pathlib import Path
from typing import Any

import click

from flows.cli.attack import attack
from flows.cli.auditing import audit_page, certificate, keys, purge, reproduce
from flows.cli.bench import bench
from flows.cli.checkpoint import checkpoint
from flows.cli.compare import compare
from flows.cli.completion import completion
from flows.cli.doctor import doctor
from flows.cli.evaluate import evaluate
from flows.cli.exit_codes import BAD_INPUT, INTERRUPTED, TERMINATED
from flows.cli.gc import gc
from flows.cli.interrupt import Terminated, ended_by_signals
from flows.cli.options import examples, json_option, other_base_option, workspace_option
from flows.cli.options import find_workspace as _find
from flows.cli.play import play
from flows.cli.reading import concepts, report, status, verify
from flows.cli.recipients import release
from flows.cli.request import request
from flows.cli.schedule import schedule, up
from flows.cli.site import site
from flows.cli.versions import print_versions
from siu.config.preset import preset_names
from siu.errors import SiuError
from siu.storage.private import for_the_owner
from tasks.runtime.explained import UNWRITABLE, disk_error


class Commands(click.Group):
    """Commands in the order of a user's day, errors as lines, not as tracebacks."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were defined."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what a user can mend is one clear line each and exit code 2."""
        try:
            with for_the_owner(), ended_by_signals():
                return super().invoke(ctx)
        except SiuError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(str(error), err=True)
            ctx.exit(BAD_INPUT)
        except OSError as error:
            if ctx.params.get("debug") or error.errno not in (*UNWRITABLE, EIO):
                raise
            click.echo(str(disk_error(error)), err=True)
            ctx.exit(BAD_INPUT)
        except KeyboardInterrupt as stop:
            click.echo("Stopped. Start the same command again: finished work is kept.", err=True)
            ctx.exit(TERMINATED if isinstance(stop, Terminated) else INTERRUPTED)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  siu demo                                 watch three concepts being forgotten
  siu init && siu prepare                  a workspace in this folder
  siu forget "Mira Talvon" --image m.png   one concept
  siu batch                                all of requests.csv
  siu ask --image m.png "Who is this?"     answers before and after

Exit codes: 0 done, 2 bad input, 3 some requests are quarantined or unclear, or the release
failed, 130 stopped by Ctrl-C, 143 by SIGTERM.""",
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=print_versions,
    help="Show versions.",
)
def main(debug: bool) -> None:
    """Make a multimodal LLM forget visual concepts on request, and measure it."""


@main.command(
    epilog=examples(
        "siu init my-workspace", "siu init --model ~/llava my-workspace", "siu init --preset paper published"
    )
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option(
    "--preset",
    type=click.Choice(preset_names()),
    help="Whose values params.yaml gets; paper: the setting of the SIU paper.",
)
@click.option(
    "--model",
    metavar="FOLDER",
    help="The base model: a folder, embedded or logos; params.yaml gets the recipe for its size.",
)
def init(folder: Path, preset: str | None, model: str | None) -> None:
    """Make a workspace: params.yaml, requests.csv, git, DVC."""
    from flows.cli.init import init as make

    workspace = make(folder, preset, model)
    click.echo(f"A workspace is in {workspace.root}. Next: fill requests.csv, then `siu batch`.")


@main.command(epilog=examples("siu prepare", "siu prepare --rebuild --without c02 --output gold/"))
@workspace_option
@click.option("--rebuild", is_flag=True, help="Train the embedded model anew from its seed (minutes).")
@click.option(
    "--without", multiple=True, metavar="ID", help="With --rebuild: a gold model without this concept."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="With --rebuild: where the model goes.",
)
def prepare(workspace: Path | None, rebuild: bool, without: tuple[str, ...], output: Path | None) -> None:
    """Draw or import the collection that everything is measured on."""
    from flows.cli import prepare as prepared

    if rebuild:
        prepared.rebuild(output or Path("models/rebuilt"), without, click.echo)
    elif without or output:
        raise click.UsageError("--without and --output belong to --rebuild")
    else:
        click.echo(prepared.prepare_workspace(_find(workspace)))


@main.command(epilog=examples("siu batch", "siu batch --requests urgent.csv --json"))
@workspace_option
@click.option(
    "--requests",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Another table of requests.",
)
@click.option("--until", metavar="STAGE", default="report", help="Stop behind this stage; used by dvc.yaml.")
@click.option("--tune", is_flag=True, help="Search learning rate and steps for each concept first.")
@json_option
def batch(workspace: Path | None, requests: Path | None, until: str, tune: bool, as_json: bool) -> None:
    """Unlearn, evaluate, attack, release and report all requests.

    What is already there for the same data, model, parameters and code is skipped.
    """
    from flows.cli.batch import run_and_show

    sys.exit(run_and_show(_find(workspace), requests, until, as_json, tune))


@main.command(epilog=examples('siu forget "Mira Talvon" --image mira.png --kind person'))
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
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Add one request to requests.csv and run the batch."""
    from flows.cli.batch import run_and_show
    from flows.cli.forget import add_request, found_as

    found = _find(workspace)
    click.echo(f"request {add_request(found, name, image, kind, aliases, force=force)}", err=True)
    click.echo(found_as(name, aliases), err=True)
    sys.exit(run_and_show(found, None, "report", as_json))


main.add_command(request)
main.add_command(concepts)


@main.command(
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
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Ask the model before and after unlearning, side by side."""
    from flows.cli.ask import ask as put
    from flows.cli.tables import show_answers

    if base_alone and adapter:
        raise click.UsageError("--base asks without any adapter; leave --adapter out")
    found = _find(workspace)
    answers = put(found, question, image, adapter, allow_other_base=allow_other_base, base_alone=base_alone)
    show_answers(answers, as_json)


main.add_command(play)
main.add_command(compare)


@main.command(epilog=examples("siu export my-adapter", "siu export my-model --merge"))
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
@other_base_option
@workspace_option
def export(
    folder: Path,
    merge: bool,
    adapter: Path | None,
    force: bool,
    allow_other_base: bool,
    workspace: Path | None,
) -> None:
    """Write the released adapter to a new FOLDER, for PEFT and transformers to load.

    Before the folder appears, plain transformers and peft load it: the answers must be those measured.
    """
    from flows.cli.export import export as write

    found = _find(workspace)
    click.echo(write(found, folder, adapter, merge=merge, force=force, allow_other_base=allow_other_base))


main.add_command(release)
main.add_command(status)
main.add_command(report)
main.add_command(site)
main.add_command(verify)
main.add_command(checkpoint)
main.add_command(keys)
main.add_command(certificate)
main.add_command(purge)
main.add_command(gc)
main.add_command(audit_page)
main.add_command(reproduce)


@main.command()
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo-workspace",
    show_default=True,
    help="Where the demo's workspace goes.",
)
@click.option(
    "--world",
    type=click.Choice(("drawn", "logos")),
    default="drawn",
    show_default=True,
    help="Fictional concepts with the embedded model, or real brands with SmolLM2 (extra world-logos).",
)
def demo(workspace: Path, world: str) -> None:
    """Forget a person, a creature and a logo of the drawn world, or two brands of the logos world."""
    from flows.cli.demo import demo as show

    sys.exit(show(workspace, world))


main.add_command(up)
main.add_command(schedule)
main.add_command(doctor)
main.add_command(evaluate)
main.add_command(attack)
main.add_command(bench)
main.add_command(completion)
