import pickle

from siu.config.params import BaseModelParams, EvaluationParams, Params, RuntimeParams
from siu.data.intake.collection_import import import_folder
from siu.evaluation import Evaluation, evaluate
from tasks.runtime.parts import are_worth_workers, side_by_side
from tasks.runtime.workers import Inline
from tests.flows.stand_in import write_collection, write_model

PART = 8


class Elsewhere(Inline):
    """Runs a job on what would reach another process of it."""

    def run(self, function, *arguments, on_progress):
        function, arguments = pickle.loads(pickle.dumps((function, arguments)))
        return super().run(function, *arguments, on_progress=on_progress)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_workers_are_given_leaves_the_bytes_that_one_process_leaves(tmp_path):
    write_model(tmp_path / "model")
    write_collection(tmp_path / "own")
    collection = import_folder(tmp_path / "own", tmp_path / "collection")
    params = Params(
        base_model=BaseModelParams(source=str(tmp_path / "model")),
        evaluation=EvaluationParams(pictures=2, other_pictures=1, max_new_tokens=3),
    )
    evaluation, seen = Evaluation(params, collection, ("c-0",)), []
    evaluate(evaluation, tmp_path / "alone", part_size=PART)
    evaluate(
        evaluation,
        tmp_path / "together",
        part_size=PART,
        on_progress=lambda *now: seen.append(now),
        work=lambda parts, on_done: side_by_side(parts, on_done, Elsewhere(), 1),
    )
    assert contents(tmp_path / "together") == contents(tmp_path / "alone")
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == seen[-1][1]


def test_few_parts_are_not_worth_a_process():
    cpu = RuntimeParams(device="cpu")
    assert are_worth_workers([None] * 2 * cpu.workers, cpu)
    assert not are_worth_workers([None] * cpu.workers, cpu)
    assert not are_worth_workers([None] * 9, cpu.model_copy(update={"workers": 1}))
