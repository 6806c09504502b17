"""One SIU step in three ways on one model and adapter: the peers' way, our plain path, shared prefixes."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from benchmarks.baseline import PeersStep
from benchmarks.counting import Work, count
from benchmarks.workload import StepWorkload
from siu.config.params import LoraParams, UnlearningParams
from siu.models import VisionLanguageModel, new_adapter
from siu.models.engine.lean_lora import make_lean, make_plain
from siu.models.engine.prefix_probe import shares_prefixes
from siu.objectives.registry import build_objective
from siu.unlearning.training_samples import TrainingSamples

Way = Literal["peers", "plain", "shared"]
WAYS: tuple[Way, ...] = ("peers", "plain", "shared")


class Steps:
    """Runs a step in any of the ways, with the adapter attached by `steps`.

    Args:
        vlm: The model.
        peft_model: Its adapter.
        work: The samples of the step.
        peers: The peers' way, made before the adapter was attached; None if it is not wanted.
        lora: What ``peft_model`` is.
    """

    def __init__(
        self,
        vlm: VisionLanguageModel,
        peft_model: Any,
        work: StepWorkload,
        peers: PeersStep | None,
        lora: LoraParams,
    ) -> None:
        self._vlm, self._peers = vlm, peers
        self.trained = [parameter for parameter in peft_model.parameters() if parameter.requires_grad]
        params = UnlearningParams(lora=lora, concept_share=1.0, concept_weight=1.0)  # all samples of the step
        self._ours: dict[Way, TrainingSamples] = {
            way: TrainingSamples(
                vlm, peft_model, [work.data], work.paths, build_objective(params.objective, {}), params
            )
            for way in ("plain", "shared")
        }

    @property
    def models(self) -> list[nn.Module]:
        """The model, its twins in other lanes and, where there is one, the peers' copy of it."""
        twins = [lane.vlm.model for samples in self._ours.values() for lane in samples.lanes.all[1:]]
        return [self._vlm.model, *twins, *([self._peers.reference] if self._peers else [])]

    def run(self, way: Way) -> float:
        """Compute one step's gradient anew; return its loss."""
        for parameter in self.trained:
            parameter.grad = None
        if way == "peers":
            assert self._peers is not None, "made without the peers' way"
            return self._as_peft_does(self._peers)
        samples = self._ours[way]
        with paths_of(self._vlm, shared=way == "shared"):
            return samples.backward(samples.draw(random.Random(0))).loss

    def _as_peft_does(self, peers: PeersStep) -> float:
        """Run the peers' step with LoRA layers as peft computes them."""
        make_plain(self._vlm.model)
        try:
            return peers.backward()
        finally:
            make_lean(self._vlm.model)

    def gradient(self) -> Tensor:
        """Return the gradient of the last step in one vector."""
        return torch.cat([parameter.grad.flatten() for parameter in self.trained])


@contextmanager
def steps(
    vlm: VisionLanguageModel, work: StepWorkload, lora: LoraParams, ways: Sequence[Way] = WAYS
) -> Iterator[Steps]:
    """Attach an adapter that is not the identity and yield its steps."""
    shares_prefixes(vlm)  # tried once per model, as at the start of a run
    peers = PeersStep(vlm, work) if "peers" in ways else None
    with new_adapter(vlm, lora, seed=0) as peft_model:
        draw_adapter(peft_model)
        peft_model.eval()  # dropout off: the ways are compared
        yield Steps(vlm, peft_model, work, peers, lora)


def draw_adapter(peft_model: nn.Module) -> None:
    """Give LoRA's B matrices, zero at the start, small seeded values."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for name, parameter in peft_model.named_parameters():
            if "lora_B" in name:
                nn.init.normal_(parameter, std=0.02)


@contextmanager
def paths_of(vlm: VisionLanguageModel, *, shared: bool) -> Iterator[None]:
    """Take the path of shared prefixes, or the plain one of whole rows."""
    before, vlm.prefixes_shared = vlm.prefixes_shared, shared
    try:
        yield
    finally:
        vlm.prefixes_shared = before


@dataclass(frozen=True)
class Outcome:
    """What one step gave: its loss, its gradient in one vector, and what it cost when counted."""

    loss: float
    gradient: Tensor
    work: Work


def outcome(steps: Steps, way: Way) -> Outcome:
    """Run one step of a way, after another that makes what is kept across steps."""
    if way != "peers":
        steps.run(way)
    losses: list[float] = []
    work = count(steps.models, lambda: losses.append(steps.run(way)))
    return Outcome(losses[0], steps.gradient(), work)


def differences(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the largest relative differences of loss and gradient from the last outcome's."""
    last = outcomes[-1]
    norm = last.gradient.norm()
    return {
        "loss": max(abs(outcome.loss - last.loss) / abs(last.loss) for outcome in outcomes),
        "gradient": max(((outcome.gradient - last.gradient).norm() / norm).item() for outcome in outcomes),
    }


def assert_equal(differences: dict[str, float], tolerance: float = 1e-4) -> None:
    """Refuse to go on where the ways differ by more than rounding in float32.

    Raises:
        SystemExit: They differ.
    """
    if max(differences.values()) > tolerance:
        raise SystemExit(f"the ways differ, so their times mean nothing: {differences}")
