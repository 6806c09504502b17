"""The command `siu evaluate`; what it does is in `flows.evaluate`."""

from pathlib import Path

import click

from flows.cli.options import examples, json_option, other_base_option

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    epilog=examples(
        "siu evaluate --adapter my-adapter --bench bench --concept c02",
        "siu evaluate --records records           score again, without the model",
    )
)
@click.option("--model", help="embedded, a folder or a hub name; default: as in --params, else embedded.")
@click.option("--revision", help="Commit of a hub model.")
@click.option("--adapter", type=_FOLDER, help="A PEFT folder; without one the model itself is measured.")
@click.option("--bench", help="conceptworld, a collection, or a folder of your own concepts.")
@click.option(
    "--concept",
    "concepts",
    multiple=True,
    metavar="ID",
    help="Forgotten concept; default: each concept in turn.",
)
@click.option(
    "--gold",
    help="embedded or a folder: a model that never saw some concepts; the distance to it is measured.",
)
@click.option(
    "--records", type=_FOLDER, default="records", show_default=True, help="Where the answers are kept."
)
@click.option("--params", type=_FILE, help="A params.yaml; default: all defaults.")
@other_base_option
@json_option
def evaluate(
    model: str | None,
    revision: str | None,
    adapter: Path | None,
    bench: str | None,
    concepts: tuple[str, ...],
    gold: str | None,
    records: Path,
    params: Path | None,
    allow_other_base: bool,
    as_json: bool,
) -> None:
    """Measure any model and adapter on a benchmark; needs no workspace.

    Answers that are there already are not asked again. Without --bench the last evaluation in --records is
    scored again from its records alone.
    """
    if bench is None and (model or adapter or concepts or gold or params):
        raise click.UsageError("--bench is needed to measure; --records alone scores again")
    if revision and not model:
        raise click.UsageError("--revision is a commit of --model, which is not named")
    from flows.terminal.quiet import quiet_libraries

    quiet_libraries()
    from flows.cli.tables import show_scores
    from flows.evaluate import again, params_of, run

    if bench is None:
        scores = again(records)
    else:
        chosen = params_of(params, model, revision, gold)
        scores = run(bench, concepts, records, chosen, adapter, allow_other_base=allow_other_base)
    show_scores(scores, as_json)
