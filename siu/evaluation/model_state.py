"""What decides an answer beside the question: the first half of a record's content key."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from siu.config.params import Params
from siu.models.source import model_digest, model_folder
from siu.storage.digest import folder_digest, value_digest


@dataclass(frozen=True)
class ModelState:
    """A model with or without an adapter, as the code at hand asks it.

    Attributes:
        model: Digest of the base model's files.
        adapter: Digest of the adapter's folder; None for the base model itself.
        precision: Of the base model's weights.
        max_new_tokens: Length at which an answer is cut.
        code: Digest of the code and libraries that ask.
    """

    model: str
    adapter: str | None
    precision: str
    max_new_tokens: int
    code: str

    @cached_property
    def digest(self) -> str:
        """Content key: equal states answer equally."""
        return value_digest(asdict(self))[:24]


def model_state(
    params: Params, adapter: Path | None, code: Mapping[str, str], *, root: Path = Path()
) -> ModelState:
    """Return the state that parameters and an adapter name; only files are read, no model is loaded.

    Args:
        params: Names the base model, its precision and the longest answer.
        adapter: The adapter's folder.
        code: Digests of the code that asks.
        root: What a relative path is relative to.

    Raises:
        ModelError: The base model's files can't be had.
    """
    return ModelState(
        model_digest(model_folder(params.base_model, root)),
        folder_digest(adapter) if adapter else None,
        params.base_model.precision,
        params.evaluation.max_new_tokens,
        value_digest(dict(code)),
    )
