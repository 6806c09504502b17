"""Which layers of a model are trained: found by architecture, never by a name that two parts share."""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from torch import nn

from siu.config.params import LoraParams, ProjectorTraining
from siu.errors import ModelError
from siu.models.architectures import Architecture


@dataclass(frozen=True)
class TrainedParts:
    """Full module names of what is trained.

    Attributes:
        language_model: Linear layers of the language model that get LoRA.
        vision_tower: Linear layers of the vision tower that get LoRA; the projector is none of them.
        projector_lora: Linear layers of the projector that get LoRA.
        projector_full: Modules of the projector that are trained in full.
    """

    language_model: tuple[str, ...]
    vision_tower: tuple[str, ...] = ()
    projector_lora: tuple[str, ...] = ()
    projector_full: tuple[str, ...] = ()

    @property
    def lora(self) -> tuple[str, ...]:
        """All layers that get LoRA."""
        return self.language_model + self.vision_tower + self.projector_lora

    def describe(self) -> list[str]:
        """Return one line per trained part."""
        lines = [
            f"LoRA on {len(names)} layers of the {part} ({_kinds(names)})"
            for part, names in (
                ("language model", self.language_model),
                ("vision tower", self.vision_tower),
                ("projector", self.projector_lora),
            )
            if names
        ]
        return lines + [f"in full: {name}" for name in self.projector_full]


def find_trained_parts(
    model: Any, architecture: Architecture, lora: LoraParams, projector: ProjectorTraining = "frozen"
) -> TrainedParts:
    """Return what is to be trained of a model, with or without its weights.

    Raises:
        ModelError: A kind of layer matches nothing in the language model, the projector or the vision tower
            has no linear layer for LoRA, or the rank is larger than a layer.
    """
    language = _linear_layers(model, (architecture.language_model,))
    missing = [kind for kind in lora.targets if not any(name.endswith(f".{kind}") for name in language)]
    if missing:
        there = ", ".join(sorted({name.rsplit(".", 1)[-1] for name in language}))
        raise ModelError(
            "E-MOD-020",
            f"unlearning.lora.targets matches no layer of the language model for {', '.join(missing)}",
            f"Name kinds of linear layers that it has: {there}",
        )
    untouched = first_adapted(model.config.get_text_config().num_hidden_layers, lora.layer_share)
    chosen = tuple(
        name
        for name in language
        if name.rsplit(".", 1)[-1] in lora.targets and _layer_number(name) >= untouched
    )
    connecting = _linear_layers(model, architecture.projector)
    if projector == "lora" and not connecting:
        raise ModelError(
            "E-MOD-023", "the projector has no linear layer for LoRA", "Set unlearning.projector to full"
        )
    vision = [name for name in _linear_layers(model, (architecture.vision_tower,)) if name not in connecting]
    if lora.vision and not vision:
        raise ModelError(
            "E-MOD-030",
            "the vision tower has no linear layer for LoRA: it is made of convolutions",
            "Set unlearning.lora.vision to false",
        )
    parts = TrainedParts(
        chosen,
        tuple(vision) if lora.vision else (),
        tuple(connecting) if projector == "lora" else (),
        _whole_modules(model, architecture.projector) if projector == "full" else (),
    )
    _check_rank(model, parts, lora.rank)
    return parts


def _linear_layers(model: nn.Module, places: tuple[str, ...]) -> list[str]:
    fused = nn.modules.linear.NonDynamicallyQuantizableLinear  # read by a fused kernel, past any LoRA
    return [
        f"{place}.{name}" if name else place
        for place in places
        for name, module in model.get_submodule(place).named_modules()
        if isinstance(module, nn.Linear) and not isinstance(module, fused)
    ]


def first_adapted(layers: int, share: float) -> int:
    """Return the number, from 0, of the first layer of so many that is adapted: at least the last one is."""
    return layers - math.ceil(share * layers)


def _layer_number(name: str) -> int:
    return int(name.split(".layers.", 1)[1].split(".", 1)[0])


def _whole_modules(model: nn.Module, places: tuple[str, ...]) -> tuple[str, ...]:
    """Return the places, and a list's entries in place of the list, which peft can't copy as a whole."""
    names: list[str] = []
    for place in places:
        module = model.get_submodule(place)
        if isinstance(module, nn.ModuleList):
            names += [f"{place}.{name}" for name, _ in module.named_children()]
        else:
            names.append(place)
    return tuple(names)


def _check_rank(model: nn.Module, parts: TrainedParts, rank: int) -> None:
    for name in parts.lora:
        layer: Any = model.get_submodule(name)
        smaller = min(layer.in_features, layer.out_features)
        if rank > smaller:
            raise ModelError(
                "E-MOD-024",
                f"unlearning.lora.rank {rank} is larger than the smaller side of {name}, {smaller}",
                "Set a smaller rank",
            )


def _kinds(names: tuple[str, ...]) -> str:
    counts = Counter(name.rsplit(".", 1)[-1] for name in names)
    return ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
