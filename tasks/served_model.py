"""The released model as MLflow loads it: base model by reference, adapter inside.

MLflow imports this module by its name and calls `_load_pyfunc`. Nothing is unpickled: the model's folder
holds the adapter and ``reference.json``.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from siu.config.params import BaseModelParams, RuntimeParams
from siu.data.images import load_image
from siu.errors import InputError
from siu.storage.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

ADAPTER = "adapter"
REFERENCE = "reference.json"
BASE_VARIABLE = "SIU_BASE_MODEL"
"""Environment variable that names the base model's folder where it lies elsewhere than it did."""
BATCH_SIZE = 16


class ReleasedModel:
    """Answers questions with the released adapter.

    Args:
        folder: With the adapter and ``reference.json``.
        config: ``base_model`` takes precedence over the source in the reference, ``device`` over ``auto``.

    Raises:
        ModelError: The base model is not there, or is another one than the adapter was trained on.
    """

    def __init__(self, folder: Path, config: Mapping[str, Any] | None = None) -> None:
        from siu.models import load_model, loaded_adapter, model_folder
        from siu.models.adapter_integrity import check_adapter_on

        config = config or {}
        reference = json.loads((folder / REFERENCE).read_text(encoding="utf-8"))
        params = BaseModelParams.model_validate_json(json.dumps(reference["base_model"]))
        if source := config.get("base_model") or os.environ.get(BASE_VARIABLE):
            params = params.model_copy(update={"source": str(source), "revision": None})
        root = _root(folder, params.source)
        check_adapter_on(folder / ADAPTER, model_folder(params, root))
        runtime = RuntimeParams(device=config.get("device", "auto"))
        self._vlm = load_model(params, runtime, root=root)
        self._longest = int(reference["max_new_tokens"])
        self._attached = ExitStack()
        self._attached.enter_context(loaded_adapter(self._vlm, folder / ADAPTER))

    def predict(self, model_input: "pd.DataFrame", params: Mapping[str, Any] | None = None) -> list[str]:
        """Return an answer per row.

        Args:
            model_input: ``question``, and optionally ``picture``: a path, base64 (also as a data URI), bytes,
                or nothing for a question as text.
            params: Not used; MLflow's protocol.

        Raises:
            InputError: ``E-ASK-002`` a question is missing; ``E-IMG-…`` a picture can't be used.
        """
        from siu.models import Turn, TurnEncoder, generate

        rows = model_input.to_dict("records")
        with TemporaryDirectory() as place:
            turns = [
                Turn(_question(row, number), picture=_picture(row.get("picture"), Path(place)))
                for number, row in enumerate(rows)
            ]
            encoder = TurnEncoder(self._vlm)
            encoded = [encoder.encode(turn) for turn in turns]
            answers = generate(self._vlm, encoded, max_new_tokens=self._longest, batch_size=BATCH_SIZE)
        return list(answers)


def _load_pyfunc(path: str, model_config: Mapping[str, Any] | None = None) -> ReleasedModel:
    """Load the model of a folder; MLflow calls this."""
    return ReleasedModel(Path(path), model_config)


def _root(folder: Path, source: str) -> Path:
    """Return what a relative source is relative to: the workspace around the model or this folder."""
    for start in (folder.resolve(), Path.cwd()):
        for above in (start, *start.parents):
            if (above / "params.yaml").is_file() and (above / source).is_dir():
                return Workspace(above).root
    return Path.cwd()


def _question(row: Mapping[Any, Any], number: int) -> str:
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        what = f"{question!r} is no question"
        raise InputError("E-ASK-002", what, "Write a text into the column `question`", f"row {number}")
    return question


def _picture(value: Any, folder: Path) -> Path | None:
    """Return a file that holds a row's picture, checked as every picture from outside; None without one."""
    if not isinstance(value, str | bytes | bytearray) or not value:
        return None  # None, or NaN where pandas had no value
    data = bytes(value) if isinstance(value, bytes | bytearray) else _decoded(value)
    file = Path(str(value)) if data is None else folder / hashlib.sha256(data).hexdigest()
    if data is not None:
        file.write_bytes(data)
    load_image(file)
    return file


def _decoded(text: str) -> bytes | None:
    """Return the bytes of a text in base64; None for one that is a path."""
    if os.path.isfile(text):
        return None
    try:
        return base64.b64decode(text.rpartition(",")[2], validate=True)
    except binascii.Error:
        return None
