"""A multimodal LLM with its processor: what every other module works on."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from siu.models.architectures import ARCHITECTURES, Architecture
from siu.models.engine.draft_cache import DraftCache
from siu.models.engine.encodings import Encodings
from siu.models.engine.features import PictureFeatures


@dataclass
class VisionLanguageModel:
    """The base model, on its device and in eval mode, with frozen weights.

    The same object serves as the model that is unlearned and, with its adapter off, as the reference.

    Attributes:
        model: An image-text-to-text model.
        processor: The processor that belongs to it.
        digest: sha256 over weights, configuration and tokenizer files.
        features: Vision features, computed once per picture.
        encodings: Texts encoded once.
        drafts: Earlier answers, as guesses of the next ones.
        prefixes_shared: Whether a picture's prefix may serve all its questions; None until it was tried
            (`prefix_probe`).
        long_prefix: From this length on a prefix is attended to once for all its rows; None where that is not
            possible (`prefix_probe`).
        caches_allowed: Whether layers may keep keys and values; not while they are checkpointed.
    """

    model: Any
    processor: Any
    digest: str
    features: PictureFeatures = field(init=False)
    encodings: Encodings = field(init=False)
    drafts: DraftCache = field(init=False)
    prefixes_shared: bool | None = field(init=False, default=None)
    long_prefix: int | None = field(init=False, default=None)
    caches_allowed: bool = field(init=False, default=True)

    def __post_init__(self) -> None:
        self.model.eval().requires_grad_(False)
        self.drop_inputs()

    def drop_inputs(self) -> None:
        """Drop what is kept of pictures, texts and answers."""
        self.features = PictureFeatures(self.model, self.processor)
        self.encodings, self.drafts = Encodings(), DraftCache()

    @property
    def device(self) -> torch.device:
        """Where the weights are; with a device map, where the inputs go."""
        device: torch.device = self.model.get_input_embeddings().weight.device
        return device

    @cached_property
    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The processor's tokenizer; a fast one, since masks need character offsets."""
        tokenizer: PreTrainedTokenizerBase = self.processor.tokenizer
        return tokenizer

    @property
    def architecture(self) -> Architecture:
        """What is particular to this kind of model."""
        return ARCHITECTURES[self.model.config.model_type]

    def logits(self, hidden: Tensor) -> Tensor:
        """Return the (..., V) logits of (..., D) last hidden states, capped where the model caps them."""
        logits: Tensor = self.model.get_output_embeddings()(hidden)
        cap = getattr(self.model.config.get_text_config(), "final_logit_softcapping", None)
        return logits if cap is None else torch.tanh(logits / cap) * cap

    @cached_property
    def special_token_ids(self) -> frozenset[int]:
        """Ids of tokens that are no text; not every tokenizer lists its end of turn as special."""
        added = self.tokenizer.added_tokens_decoder
        marked = [token_id for token_id, token in added.items() if token.special]
        return frozenset([*self.tokenizer.all_special_ids, *marked])

    @property
    def layers(self) -> Any:
        """The layers of the language model, as torch's list of modules."""
        return self.model.get_submodule(self.architecture.language_model).layers

    @property
    def layer_count(self) -> int:
        """How many layers the language model has."""
        return int(self.model.config.get_text_config().num_hidden_layers)

    @property
    def vocabulary_size(self) -> int:
        """Number of entries of the vocabulary head."""
        return int(self.model.get_output_embeddings().out_features)

    @cached_property
    def image_token_id(self) -> int:
        """Id of the token that stands for one image feature."""
        return int(self.model.config.image_token_id)
