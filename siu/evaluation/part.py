"""Who is asked what, and the parts in which that is done: in one process or in several."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from siu.config.params import BaseModelParams, Params, RuntimeParams
from siu.evaluation.model_state import ModelState
from siu.evaluation.record_folder import RecordFolder
from siu.mmubench import Question, answer_questions
from siu.models import VisionLanguageModel, load_model

OnDone = Callable[[int], None]


@dataclass(frozen=True)
class Inquiry:
    """One model state and what it is asked.

    Attributes:
        state: The state.
        params: Names its base model.
        adapter: Its adapter's folder.
        questions: By concept.
    """

    state: ModelState
    params: Params
    adapter: Path | None
    questions: dict[str, tuple[Question, ...]]

    @property
    def unique(self) -> tuple[Question, ...]:
        """All questions, each once."""
        return tuple(
            dict.fromkeys(question for questions in self.questions.values() for question in questions)
        )


@dataclass(frozen=True)
class Part:
    """Some questions that a model state has not been asked yet: what one write adds.

    Attributes:
        state: The model state.
        params: Names its base model, and where it runs.
        adapter: Its adapter's folder.
        questions: What it is asked.
        paths: Picture file by digest.
        root: What the base model's relative path is relative to.
        records: The folder of records.
    """

    state: ModelState
    params: Params
    adapter: Path | None
    questions: tuple[Question, ...]
    paths: dict[str, Path]
    root: Path
    records: Path

    def answer(self, on_done: OnDone) -> None:
        """Answer the questions and write the records; the model is kept for this process's next part."""
        vlm = _loaded(self.params.base_model, self.params.runtime, self.root, self.state.model)
        settings = self.params.evaluation
        records = answer_questions(vlm, self.adapter, self.questions, self.paths, settings, on_done=on_done)
        RecordFolder(self.records).append(self.state.digest, records)


Work = Callable[[Sequence[Part], OnDone], None]
"""Has all parts answered, in any order, and calls with the number of questions of each batch."""


def one_by_one(parts: Sequence[Part], on_done: OnDone) -> None:
    """Answer parts in this process."""
    for part in parts:
        part.answer(on_done)


@lru_cache(maxsize=1)
def _loaded(params: BaseModelParams, runtime: RuntimeParams, root: Path, _digest: str) -> VisionLanguageModel:
    return load_model(params, runtime, root=root)
