"""What the last evaluation in a folder asked of whom: enough to score its records again."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from siu.config.params import AttackParams, GateParams
from siu.errors import InputError
from siu.evaluation.model_state import ModelState
from siu.storage.durable import replace_text

NOTE = "evaluation.json"
Role = Literal["before", "after", "gold"]
"""The base model, the model with the adapter, the gold model."""


@dataclass(frozen=True)
class Note:
    """Who was asked what.

    Attributes:
        states: Model states by role; ``before`` is always there.
        questions: Question ids by role and concept.
        gates: Thresholds of the verdict.
        attacks: How the records are attacked.
        other_base: Whether the adapter isn't known to have been trained on this base model.
    """

    states: dict[Role, ModelState]
    questions: dict[Role, dict[str, tuple[str, ...]]]
    gates: GateParams
    attacks: AttackParams
    other_base: bool = False

    def write(self, folder: Path) -> None:
        """Replace the folder's note, as a whole or not at all."""
        content = {
            "states": {role: asdict(state) for role, state in self.states.items()},
            "questions": self.questions,
            "gates": self.gates.model_dump(mode="json"),
            "attacks": self.attacks.model_dump(mode="json"),
            "other_base": self.other_base,
        }
        replace_text(folder / NOTE, json.dumps(content, indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> "Note":
        """Read what an evaluation noted.

        Raises:
            InputError: ``E-EVA-001`` the folder holds no finished evaluation.
        """
        try:
            content = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise InputError(
                "E-EVA-001",
                f"{NOTE} is missing or broken: no evaluation was finished here",
                "Name the --bench, and the evaluation goes on",
                str(folder),
            ) from None
        return cls(
            {role: ModelState(**state) for role, state in content["states"].items()},
            {
                role: {concept: tuple(ids) for concept, ids in by_concept.items()}
                for role, by_concept in content["questions"].items()
            },
            GateParams(**content["gates"]),
            AttackParams.model_validate_json(json.dumps(content["attacks"])),
            bool(content.get("other_base", False)),
        )
