"""The multimodal LLM: loading, encoding, adapters, forward passes, answers."""

from siu.models.adapters import loaded_adapter, new_adapter, save_adapter
from siu.models.generation import generate
from siu.models.loading import load_model
from siu.models.scoring import token_log_probs
from siu.models.source import check_config, model_digest, model_folder
from siu.models.turns import EncodedTurn, Turn, TurnEncoder
from siu.models.vision_language_model import VisionLanguageModel

__all__ = [
    "EncodedTurn",
    "Turn",
    "TurnEncoder",
    "VisionLanguageModel",
    "check_config",
    "generate",
    "load_model",
    "loaded_adapter",
    "model_digest",
    "model_folder",
    "new_adapter",
    "save_adapter",
    "token_log_probs",
]
