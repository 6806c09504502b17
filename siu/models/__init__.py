"""The multimodal LLM: loading, encoding, adapters, forward passes, answers.

Names are loaded when they are used: checking a model's configuration needs neither peft nor a forward pass,
and the command line checks before anything heavy starts.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siu.models.adapters import loaded_adapter, new_adapter, parameter_groups, save_adapter
    from siu.models.engine.generation import Answer, answer, generate
    from siu.models.engine.scoring import token_log_probs
    from siu.models.loading import load_model
    from siu.models.source import check_config, model_digest, model_folder, public_name
    from siu.models.turns import EncodedTurn, Turn, TurnEncoder
    from siu.models.vision_language_model import VisionLanguageModel

__all__ = [
    "Answer",
    "EncodedTurn",
    "Turn",
    "TurnEncoder",
    "VisionLanguageModel",
    "answer",
    "check_config",
    "generate",
    "load_model",
    "loaded_adapter",
    "model_digest",
    "model_folder",
    "new_adapter",
    "parameter_groups",
    "public_name",
    "save_adapter",
    "token_log_probs",
]

_MODULES = {
    "adapters": ("loaded_adapter", "new_adapter", "parameter_groups", "save_adapter"),
    "engine.generation": ("Answer", "answer", "generate"),
    "loading": ("load_model",),
    "engine.scoring": ("token_log_probs",),
    "source": ("check_config", "model_digest", "model_folder", "public_name"),
    "turns": ("EncodedTurn", "Turn", "TurnEncoder"),
    "vision_language_model": ("VisionLanguageModel",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"siu.models.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
