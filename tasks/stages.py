"""All stages of a batch, each after those it reads; each is declared where its work is."""

from dataclasses import dataclass

from tasks.answers import BEFORE
from tasks.attack import ATTACK
from tasks.construct import CONSTRUCT
from tasks.evaluate import EVALUATE
from tasks.release import RELEASE
from tasks.released import RELEASED
from tasks.released_answers import RELEASED_ANSWERS
from tasks.replay import REPLAY
from tasks.stage import Declared, Stage
from tasks.unlearn import UNLEARN

TABLE = ("requests.csv", "requests")
DATA = ("data/collection", "data/base_model")


@dataclass(frozen=True)
class Prepare(Declared):
    """What makes the data anew: it has no folder below ``artifacts/``."""

    @property
    def folders(self) -> tuple[str, ...]:
        """The collection and the base model's identity."""
        return self.fills


PREPARE = Prepare(
    "prepare",
    makes="collection and the base model's identity",
    params=("seed", "data", "base_model"),
    fills=DATA,
)
REPORT = Declared(
    "report",
    makes="`report.html` ([how to read it](../reference/report.md)), `report-redacted.html`, "
    "`summary.json` ([schema](../reference/summary.md))",
    reads=("prepare", "attack", "released"),
    params=(
        "seed",
        "finetuning_data",
        "unlearning",
        "evaluation",
        "judge",
        "attacks",
        "release",
        "gates",
    ),
    files=TABLE,
    fills=("reports",),
)
"""All that a batch's results depend on is among its keys. Back at earlier values no folder changes, as all
are kept: only this tells DVC that another report is the batch's."""

CONCEPT_STAGES: tuple[Stage, ...] = (CONSTRUCT, BEFORE, UNLEARN, EVALUATE, ATTACK)
RELEASE_STAGES: tuple[Stage, ...] = (RELEASE, RELEASED_ANSWERS, RELEASED, REPLAY)
DECLARED: tuple[Declared, ...] = (PREPARE, *CONCEPT_STAGES, *RELEASE_STAGES, REPORT)
STEPS = tuple(dict.fromkeys(stage.ends for stage in DECLARED))
"""What ``--until`` names, and what ``dvc.yaml`` has stages for."""
EVENTS = {stage.name: stage.event for stage in DECLARED if stage.event}
"""What the ledger says of a request when a stage of it is done."""


def stage_table() -> str:
    """Return the table of stages in docs/explanation/pipeline.md."""
    rows = ["| Stage | Leaves | Reads | Parameters |", "|---|---|---|---|"]
    for stage in DECLARED:
        reads = ", ".join((*stage.reads, *(f"`{file}`" for file in stage.files)))
        params = ", ".join(f"`{key}`" for key in stage.params)
        place = "" if stage.ends == stage.name else f" (of {stage.ends})"
        rows.append(f"| {stage.name}{place} | {stage.makes} | {reads} | {params} |")
    return "\n".join(rows) + "\n"
