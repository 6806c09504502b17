"""Quiet libraries that stay on this machine: set before any of them is imported."""

import logging
import os
import warnings
from pathlib import Path

TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}
QUIET = {
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",  # a message may hold a name; the ledger holds what happened
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}
_LOGGERS = ("alembic", "dvc", "httpx", "mlflow", "prefect", "transformers")


def quiet(prefect_home: Path) -> None:
    """Switch telemetry and chatter off, and keep Prefect's state in the workspace.

    What the user has set in the environment stays as it is.
    """
    variables = {
        "PREFECT_HOME": str(prefect_home),
        "PREFECT_LOCAL_STORAGE_PATH": str(prefect_home / "storage"),
    }
    for name, value in variables.items():
        os.environ.setdefault(name, value)
    quiet_libraries()


def quiet_libraries() -> None:
    """Do the same for a command that needs no workspace."""
    for name, value in {**TELEMETRY_OFF, **QUIET}.items():
        os.environ.setdefault(name, value)
    for logger in _LOGGERS:
        logging.getLogger(logger).setLevel(logging.ERROR)
    for kind in (DeprecationWarning, FutureWarning):  # of libraries; tests show ours
        warnings.filterwarnings("ignore", category=kind)


def offline_unless(is_hub_name: bool) -> None:
    """Keep Hugging Face libraries off the network unless a model has to come from the hub."""
    if not is_hub_name:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
