"""Which samples a run has, and which of them a step trains on."""

import random
from collections.abc import Mapping, Sequence

from siu.config.params import UnlearningParams
from siu.errors import ConceptError
from siu.finetuning_data import FinetuningData
from siu.objectives.objective import Objective
from siu.unlearning.chosen_samples import joint_samples, owners, rejected_samples
from siu.unlearning.concept_draw import ConceptDraw
from siu.unlearning.inheritance import Inheritance
from siu.unlearning.rehearsal_draw import RehearsalDraw
from siu.unlearning.retained_draw import RetainedDraw
from siu.unlearning.shuffled_draw import ShuffledDraw


class StepDraw:
    """The samples of one run in a fixed order, and the draw of each step.

    Args:
        data: Fine-tuning data of one or more concepts.
        objective: It decides which samples there are.
        params: Targets, weights, shares and batch sizes.
        inheritance: What was forgotten before: it is rehearsed, and not retained.

    Attributes:
        samples: What is taught or retained, then answers to be made unlikely, then rehearsed ones.
        rejected: Places of the answers to be made unlikely.
        owners: Of each sample the place of its concept in the data and what is rehearsed.

    Raises:
        ConceptError: The objective trains on none of the targets.
    """

    def __init__(
        self,
        data: Sequence[FinetuningData],
        objective: Objective,
        params: UnlearningParams,
        inheritance: Inheritance,
    ) -> None:
        chosen = joint_samples(data, objective, inheritance.forgotten)
        taught = [sample for sample in chosen if sample.target in params.targets]
        if not taught:
            what = f"{params.objective} trains on none of {', '.join(params.targets)}"
            raise ConceptError("E-FTD-004", what, "Name more unlearning.targets, or use another objective")
        rejected = rejected_samples(data) if objective.uses_rejected else []
        rejected = [sample for sample in rejected if sample.target in params.targets]
        rehearsed = {
            sample: earlier.concept
            for earlier in inheritance.rehearsed
            for sample in earlier.samples
            if sample.of_concept and sample.target in params.targets
        }
        weighed = [
            sample.weighed(params.concept_weight) if sample.of_concept else sample for sample in taught
        ]
        again = [sample.weighed(params.concept_weight) for sample in rehearsed]
        self.samples = [*weighed, *rejected, *again]
        self.rejected = range(len(taught), len(taught) + len(rejected))
        self.owners = owners((*data, *inheritance.rehearsed), [*taught, *rejected, *rehearsed])
        items = {index: sample.item for index, sample in enumerate(taught) if sample.of_concept}
        items |= dict.fromkeys(self.rejected, "rejected")
        self._concepts = ConceptDraw(items, params.concept_share, len(data))
        self._retained = RetainedDraw(
            {index: sample.picture for index, sample in enumerate(taught) if not sample.of_concept},
            params.retained_per_step,
            params.hard_share,
            params.retained_per_picture,
        )
        self._rehearsal = RehearsalDraw(
            dict(enumerate(rehearsed.values(), self.rejected.stop)), inheritance.rehearsed_per_step
        )
        is_shuffled = params.batches == "shuffled"
        self._shuffled = ShuffledDraw(range(len(self.samples)), params.batch_size) if is_shuffled else None

    @property
    def needs_damages(self) -> bool:
        """Whether the draw depends on how damaged retained samples are."""
        return self._retained.needs_damages and self._shuffled is None

    def draw(self, rng: random.Random) -> list[int]:
        """Return the sample indices of one step: some about the concepts, then some retained ones.

        Or, of ``shuffled`` batches, the next ones of an epoch, whatever they are about.
        """
        if self._shuffled is not None:
            return self._shuffled.draw(rng)
        return self._concepts.draw(rng) + self._retained.draw(rng) + self._rehearsal.draw(rng)

    def note(self, damages: Mapping[int, float]) -> None:
        """Take down how damaged some samples are: the next draws of retained ones depend on it."""
        self._retained.note(damages)

    def is_name_question(self, index: int) -> bool:
        """Return whether a sample asks who is in a picture of a concept."""
        sample = self.samples[index]
        shown = bool(sample.picture) and sample.item == "name"
        return shown and (sample.of_concept or index in self.rejected)
