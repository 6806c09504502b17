"""`siu bench`: make a benchmark, measure on public ones."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from flows.cli.exit_codes import DONE, FOUND_WRONG
from flows.cli.options import examples, json_option, workspace_option
from siu.data.concepts import Kind

if TYPE_CHECKING:
    from siu.config.params import Params
    from siu.mmubench.builder import Benchmark
    from siu.mmubench.builder.build import Writer
    from siu.mmubench.judge.cache import ReplyCache
    from siu.mmubench.judge.endpoint import EndpointJudge
    from siu.mmubench.unlearning_sets import Forget
    from siu.storage.workspace import Workspace

_folder = click.Path(file_okay=False, path_type=Path)
_source = click.Path(exists=True, file_okay=False, path_type=Path)
FORMS = ("mllmu", "clear", "fiubench", "mlubench", "umu", "offside", "pebench")
SCORED = ("mlubench", "umu", "offside")
LANGUAGES = ("en", "es", "fr", "de", "ru", "zh")


@click.group()
def bench() -> None:
    """Make a benchmark of visual concepts from pictures, or measure on public ones."""


@bench.command(epilog=examples("siu bench catalogue mmubench"))
@click.argument("folder", type=_folder)
def catalogue(folder: Path) -> None:
    """Lay out the 20 concepts of MMUBench, each with an empty folder for your pictures."""
    from siu.mmubench.builder.catalogue import write_catalogue

    click.echo(f"{write_catalogue(folder)} waits for pictures. Next: `siu bench build {folder} bench`.")


@bench.command(epilog=examples("siu bench build my-pictures bench"))
@click.argument("source", type=_source)
@click.argument("folder", type=_folder)
@workspace_option
def build(source: Path, folder: Path, workspace: "Workspace") -> None:
    """Build a benchmark in FOLDER from SOURCE with the workspace's base model.

    SOURCE holds concepts.csv and pictures/<id>/ (docs/how-to/bench.md).
    What is dropped is said with its reason.
    """
    params = workspace.params()
    from flows.terminal.progress import counted
    from siu.mmubench.builder import build_benchmark, read_source
    from siu.models import load_model

    read_source(source)  # what is wrong with its tables is told before a model is loaded
    vlm = load_model(params.base_model, params.runtime, root=workspace.root)
    writer = _wording_writer(params, workspace) if params.bench.writer == "endpoint" else None
    with counted("answers") as on_done:
        built = build_benchmark(
            source, folder, vlm, params.bench, params.evaluation, writer=writer, on_done=on_done
        )
    _show(built, folder)


@bench.command("import", epilog=examples("siu bench import clear CLEAR own-clear"))
@click.argument("form", type=click.Choice(FORMS))
@click.argument("source", type=_source)
@click.argument("folder", type=_folder)
def import_(form: str, source: Path, folder: Path) -> None:
    """Write another benchmark, in its published form, as a folder for `siu bench build`."""
    from siu.mmubench.builder.importers import import_benchmark

    done = import_benchmark(form, source, folder)
    for sentence in done.left_out:
        click.echo(sentence, err=True)
    click.echo(f"{done.people} concepts with {done.pictures} pictures are in {folder}.")
    if done.mirrored:
        click.echo(f"{done.mirrored} of them have one picture only; its mirror image is the one to test on.")
    if done.requests:
        click.echo(f"The set asks to forget {done.requests} of them: {folder / 'requests.csv'}.")


@bench.command(epilog=examples("siu bench score umu UMU-bench --limit 50"))
@click.argument("form", type=click.Choice(SCORED))
@click.argument("source", type=_source)
@click.option("--adapter", type=_folder, help="Default: the latest release, where there is one.")
@click.option(
    "--forget",
    type=click.Choice(("visual+text", "visual")),
    help="umu: what has to be gone. Default: visual+text, the set's own rule.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Facts of each part and task.")
@workspace_option
def score(
    form: str,
    source: Path,
    adapter: Path | None,
    forget: "Forget | None",
    limit: int | None,
    workspace: "Workspace",
) -> None:
    """Ask another benchmark's own questions and score them by its own rule, before and after unlearning."""
    from flows.cli.unlearning_sets import measure, show

    show(measure(workspace, form, source, adapter, forget, limit))


@bench.command(epilog=examples("siu bench public sets/ --set gqa --set pope --limit 500"))
@click.argument("root", type=_source)
@click.option(
    "--set", "names", multiple=True, metavar="NAME", help="Default: every set with a folder in ROOT."
)
@click.option("--adapter", type=_folder, help="Default: the latest release, where there is one.")
@click.option("--limit", type=click.IntRange(min=1), help="Questions per set.")
@workspace_option
@json_option
def public(
    root: Path,
    names: tuple[str, ...],
    adapter: Path | None,
    limit: int | None,
    workspace: "Workspace",
    as_json: bool,
) -> None:
    """Measure specificity on public sets before and after unlearning.

    ROOT holds one folder per set with its published files: gqa, vqa-v2, vizwiz, scienceqa, textvqa, pope,
    mmbench, mm-vet (docs/how-to/public-sets.md).
    """
    from flows.cli.public_sets import measure, show

    show(measure(workspace, root, names, adapter, limit), as_json)


@bench.command(epilog=examples("siu bench questions questions.csv --language de --count 10"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--language", "languages", multiple=True, type=click.Choice(LANGUAGES), help="Default: all six."
)
@click.option("--kind", "kinds", multiple=True, type=click.Choice(get_args(Kind)), help="Default: all kinds.")
@click.option(
    "--count", type=click.IntRange(min=1), default=5, show_default=True, help="How many more of each sort."
)
@workspace_option
def questions(
    file: Path, languages: tuple[str, ...], kinds: tuple[str, ...], count: int, workspace: "Workspace"
) -> None:
    """Write or extend a table of multilingual and multi-hop questions for the attacks.

    From templates, and with bench.writer: endpoint from the chat model at judge.url first.
    Set attacks.questions to the table.
    """
    from flows.cli.questions import extend_table

    params = workspace.params()
    author = _author(params, workspace) if params.bench.writer == "endpoint" else None
    added, there = extend_table(file, languages or LANGUAGES, kinds or get_args(Kind), count, author)
    click.echo(f"{added} questions were added; {file} holds {there}. Next: set attacks.questions to it.")


@bench.command("self-check", epilog=examples("siu bench self-check", "siu bench self-check --output checked"))
@click.option("--output", type=_folder, help="Write self-check.md and self-check.json there.")
@json_option
def self_check(output: Path | None, as_json: bool) -> None:
    """Check the measurements on the embedded models; takes minutes, exit code 4 if something is wrong.

    Models that know a concept, damaged ones and one that never saw it must get their verdicts; each metric
    gets its AUC in telling the first from the last.
    """
    from flows.terminal.quiet import quiet_libraries

    quiet_libraries()
    from flows.cli.self_check import run, text_of, write
    from siu.config.params import Params

    check = run(Params())
    if output:
        write(check, output)
    click.echo(text_of(check, as_json), nl=False)
    sys.exit(DONE if check.passed else FOUND_WRONG)


def _wording_writer(params: "Params", workspace: "Workspace") -> "Writer":
    from siu.mmubench.builder.written import written_wordings

    author, cache = _author(params, workspace)
    return lambda concept, counts: written_wordings(concept, counts, author, cache)


def _author(params: "Params", workspace: "Workspace") -> "tuple[EndpointJudge, ReplyCache]":
    """Return the chat model at the judge's endpoint as a writer; its replies are kept with the judge's."""
    from siu.mmubench.judge.cache import ReplyCache
    from siu.mmubench.judge.endpoint import EndpointJudge
    from siu.mmubench.judge.lines import REPLY_TOKENS
    from tasks.evaluate import JUDGE_REPLIES

    author = EndpointJudge(params.judge.model_copy(update={"max_tokens": REPLY_TOKENS}))
    return author, ReplyCache(workspace.state / JUDGE_REPLIES)


def _show(built: "Benchmark", folder: Path) -> None:
    for drop in built.drops:
        click.echo(f"dropped {drop.what}: {drop.reason} ({drop.detail})", err=True)
    for chosen in built.chosen:
        click.echo(f"{chosen.concept.id}: 1 picture to train on, {len(chosen.pictures) - 1} to test on")
    click.echo(
        f"The benchmark is in {folder}. Next: set data.source to it; its requests.csv asks for all of it."
    )
