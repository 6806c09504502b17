"""What every attack is: options that are its budget, and a run on one model state."""

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from siu.attacks.observation import Control, Gives, Observation
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Section

Family = Literal["likelihood", "prompt", "picture", "weights", "inside"]


class Attack(Section):
    """An attack with its budget: a subclass per file, its fields are the budget, documented below each.

    The docstring's first line names the attack and its source.
    """

    title: ClassVar[str]
    family: ClassVar[Family]
    gives: ClassVar[Gives] = "answer"
    """``answer`` if what comes back is an answer, ``trace`` if it is what no answer shows."""
    score: ClassVar[str]
    """What `Outcome.attacked` is, from 0 to 1."""
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]]
    """The options of each profile that runs the attack, where they differ from the defaults."""
    controls: ClassVar[tuple[Control, ...]] = ("strangers", "gold")
    """What recovery is held against: the first of them that was measured. All that was measured is shown."""
    because: ClassVar[str] = "what a model says of anybody under the attack, the attack has put in itself"
    """Why that is what the attack suggests by itself."""
    needs_gold: ClassVar[bool] = False
    """Whether only a model that never saw the concept tells what the score means."""

    @classmethod
    def with_budget(cls, profile: Profile, options: Mapping[str, Any]) -> Self:
        """Return the attack with a profile's budget; options replace it, one left out has its default.

        Raises:
            pydantic.ValidationError: An option is unknown or has a wrong value.
        """
        # JSON, because the strict models then still take a list for a tuple and 1 for 1.0.
        return cls.model_validate_json(json.dumps({**cls.budgets.get(profile, {}), **options}))

    @property
    def counts(self) -> bool:
        """Whether what comes back breaks what was asked for, and so may weigh in a verdict."""
        return True

    @abstractmethod
    def run(self, scene: Scene) -> Observation:
        """Attack one model state and return what was seen, an outcome for each of the scene's cases.

        Fits on the cases' ``fit`` pictures and train wordings only and measures on ``test`` pictures. What it
        changes of the model it changes back.

        Args:
            scene: The model state and the cases.
        """
