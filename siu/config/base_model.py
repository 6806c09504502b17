"""The sections of ``params.yaml`` about the model: which one, and what is trained of it."""

from typing import Annotated, Literal

from pydantic import Field

from siu.config.section import Count, PathText, Positive, Section

ProjectorTraining = Literal["frozen", "full", "lora"]


class BaseModelParams(Section):
    """The multimodal LLM that is to forget."""

    source: PathText = "embedded"
    """``embedded``, ``logos`` (docs/explanation/worlds-logos.md), a folder, or a hub name."""
    revision: str | None = None
    """Commit of a hub model; required for a hub name."""
    dtype: Literal["float32", "bfloat16"] = "float32"
    """Precision of the frozen weights."""
    device_map: Literal["one", "auto"] = "one"
    """``one`` device, or ``auto``: spread over all GPUs and the machine's memory."""
    four_bit: bool = False
    """Load the language model in 4 bits (NF4); needs a GPU and the extra ``4bit``."""

    @property
    def precision(self) -> str:
        """What of this section decides a result, beside the model's files."""
        return f"{self.dtype}, 4 bits" if self.four_bit else self.dtype


class LoraParams(Section):
    """The adapter."""

    rank: Count = 16
    """Rank of the update of each weight."""
    alpha: Count = 32
    """The update is scaled by alpha / rank."""
    lr_ratio: Positive = 1.0
    """LoRA+ (arXiv 2402.12354): learning rate of the matrix B over that of A, which has ``lr``."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of the adapter's inputs dropped while training."""
    targets: Annotated[tuple[str, ...], Field(min_length=1)] = (
        "q_proj",
        "k_proj",
        "v_proj",
        "o_proj",
        "gate_proj",
        "up_proj",
        "down_proj",
    )
    """Linear kinds of the language model that are adapted."""
    layer_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the language model's layers that are adapted, the last ones; those below are run once."""
    vision: bool = False
    """Also adapt all linear layers of the vision tower; pictures then go through it at every step."""
