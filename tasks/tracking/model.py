"""The release as a registered model of MLflow: a version per adapter, the deployed one called `released`.

A version holds the adapter and names the base model by source, revision and digest (`tasks.served_model`).
"""

import json
import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from siu.storage.digest import value_digest
from tasks.served_model import ADAPTER, REFERENCE
from tasks.tracking.record import ReleaseRecord

if TYPE_CHECKING:
    from mlflow.models import ModelSignature
    from mlflow.tracking import MlflowClient

ALIAS = "released"
DIGEST_TAG = "siu.digest"
FOLDER = "model"
LOADER = "tasks.served_model"


class Registry:
    """The versions of one registered model.

    Args:
        client: Of the server.
        name: The model's name.
    """

    def __init__(self, client: "MlflowClient", name: str) -> None:
        self._client, self._name = client, name

    def deploy(self, record: ReleaseRecord, adapter: Path, run_id: str) -> None:
        """Give the alias to the version of a release, which is made unless it is there.

        Args:
            record: What is deployed.
            adapter: The adapter's folder; a version that isn't there is not made without it.
            run_id: The run that the version belongs to.
        """
        digest = value_digest([record.digest, record.base])
        number = self._version_of(digest)
        if number is None and adapter.is_dir():
            number = self._add(record, adapter, run_id, digest)
        if number is not None:
            self._client.set_registered_model_alias(self._name, ALIAS, number)

    def _version_of(self, digest: str) -> str | None:
        """Return the number of the version with this content, or None."""
        versions = self._client.search_model_versions(f"name = '{self._name}'")
        numbers = [
            str(registered.version) for registered in versions if registered.tags.get(DIGEST_TAG) == digest
        ]
        return numbers[0] if numbers else None

    def _add(self, record: ReleaseRecord, adapter: Path, run_id: str, digest: str) -> str:
        with TemporaryDirectory() as place:
            model = Path(place) / FOLDER
            write_model(record, adapter, model)
            self._client.log_artifacts(run_id, str(model), FOLDER)
        if not self._client.search_registered_models(f"name = '{self._name}'"):
            self._client.create_registered_model(self._name)
        tags = {DIGEST_TAG: digest, "siu.plan_digest": record.plan, "siu.requests": "+".join(record.requests)}
        source = f"{self._client.get_run(run_id).info.artifact_uri}/{FOLDER}"
        made = self._client.create_model_version(self._name, source, run_id, tags=tags)
        return str(made.version)


def write_model(record: ReleaseRecord, adapter: Path, folder: Path) -> None:
    """Write the folder of a pyfunc model: the adapter, what the base model is, and how it is asked."""
    with TemporaryDirectory() as place:
        data = Path(place) / "data"
        shutil.copytree(adapter, data / ADAPTER)
        text = json.dumps({"plan": record.plan, "requests": record.requests, **record.base}, indent=2) + "\n"
        (data / REFERENCE).write_text(text, encoding="utf-8")
        with warnings.catch_warnings(action="ignore"):  # of its own type hints, of an example not given
            from mlflow.pyfunc import save_model

            save_model(
                str(folder),
                loader_module=LOADER,
                data_path=str(data),
                signature=_signature(),
                pip_requirements=[f"siu[pipeline]=={version('siu')}"],
                metadata={"siu.plan_digest": record.plan},
            )


def _signature() -> "ModelSignature":
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, DataType, Schema

    picture: Any = ColSpec(AnyType(), "picture", required=False)  # a path, base64, or bytes
    return ModelSignature(
        Schema([ColSpec(DataType.string, "question"), picture]), Schema([ColSpec(DataType.string)])
    )
