"""`siu evaluate`: any model and adapter on any benchmark, without a workspace."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows.at_work import at_work
from flows.plan import check_base_model
from flows.terminal.progress import bar
from siu.config.file import load_params
from siu.config.params import FinetuningDataParams, Params, RuntimeParams
from siu.data.collection import Collection, load_collection
from siu.data.intake.collection_import import import_folder
from siu.evaluation import Evaluation, evaluate, score_records
from siu.evaluation.part import OnDone, Part, Work, one_by_one
from siu.finetuning_data import held_out_concepts
from tasks.runtime.code import ANSWERING, code_of
from tasks.runtime.parts import are_worth_workers, side_by_side

WORLD = "conceptworld"
_UNKNOWN_TRAINING = Params(finetuning_data=FinetuningDataParams(held_out=0.0))


def run(
    bench: str,
    concepts: tuple[str, ...],
    records: Path,
    params: Params,
    adapter: Path | None,
    *,
    allow_other_base: bool = False,
) -> dict[str, Any]:
    """Check everything, answer what is missing, and return the scores.

    Args:
        bench: ``conceptworld``, a collection, or a folder of one's own concepts.
        concepts: Ids of the forgotten concepts.
        records: The folder of records.
        params: The base model, how much is asked, the gates.
        adapter: The adapter's folder.
        allow_other_base: Whether another base model is taken than the adapter was trained on, if it fits.

    Raises:
        InputError: The benchmark can't be read, or has no such concept.
        ModelError: The base model or adapter can't be used.
    """
    if adapter is not None:
        from siu.models.adapter_integrity import check_adapter

        check_adapter(adapter)
    with _collection(bench, params) as collection:
        for concept in concepts:
            collection.concept(concept)
        check_base_model(params, Path())
        other_base = adapter is not None and _is_of_other_base(params, adapter, allow_other_base)
        with bar("answers") as on_progress:
            share = params.finetuning_data.held_out
            evaluation = Evaluation(
                params,
                collection,
                concepts,
                adapter,
                code_of(ANSWERING),
                held_out=held_out_concepts(collection.concepts, share, params.seed),
                other_base=other_base,
            )
            evaluate(evaluation, records, on_progress=on_progress, work=_work(params.runtime))
    return again(records)


def _is_of_other_base(params: Params, adapter: Path, allow_other_base: bool) -> bool:
    from siu.models.adapter_integrity import check_adapter_on
    from siu.models.source import model_folder

    return check_adapter_on(
        adapter, model_folder(params.base_model), allow_other_base=allow_other_base
    ).is_other


def _work(runtime: RuntimeParams) -> Work:
    """Return who answers: worker processes where there is enough for them to do, else this one."""

    def work(parts: Sequence[Part], on_done: OnDone) -> None:
        if not are_worth_workers(parts, runtime):
            one_by_one(parts, on_done)
            return
        with at_work(runtime, None, has_work=True) as workers:
            side_by_side(parts, on_done, workers, runtime.workers)

    return work


def again(records: Path) -> dict[str, Any]:
    """Return the scores of the last evaluation in a folder, from its records alone.

    Raises:
        InputError: There is none.
    """
    return score_records(records)


def params_of(file: Path | None, model: str | None, revision: str | None, gold: str | None) -> Params:
    """Return the parameters of a file, or the defaults, with the models that were named.

    Without a file nobody knows which concepts an adapter's training saw: none counts as held out then.

    Raises:
        PreflightError: The file has problems.
    """
    params = load_params(file) if file else _UNKNOWN_TRAINING
    if gold is not None:
        evaluation = params.evaluation.model_copy(update={"gold": gold})
        params = params.model_copy(update={"evaluation": evaluation})
    if model is None:
        return params
    named = params.base_model.model_copy(update={"source": model, "revision": revision})
    return params.model_copy(update={"base_model": named})


@contextmanager
def _collection(bench: str, params: Params) -> Iterator[Collection]:
    """Yield the collection; a folder of one's own is imported for the while."""
    if (Path(bench) / "concepts.jsonl").is_file():
        yield load_collection(Path(bench))
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "collection"
        if bench == WORLD:
            from siu.worlds.drawn import draw_collection

            draw_collection(
                folder,
                seed=params.seed,
                test_pictures=params.data.test_pictures,
                test_groups=params.data.test_groups,
            )
            yield load_collection(folder)
        else:
            yield import_folder(Path(bench), folder)
