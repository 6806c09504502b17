"""A release that was made again, held against the certificate of the first one.

Three answers: equal bytes; equal within bounds, where other hardware has computed the same inputs in another
order and all metrics lie in the certificate's intervals; different, with what differs first on the way from
the request to the release.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ROUNDING = 1e-9


@dataclass(frozen=True)
class Remade:
    """What was made again.

    Attributes:
        release: Plan digest of the release.
        files: Name and sha256 of each of its files.
        plans: Plan digests of the request by stage, in their order; empty where it was not served.
        metrics: The release's metrics on the request.
        lock: Digest of the installed distributions.
        code: The commit that siu ran from; empty for an installed package.
        has_parameters: Whether it ran with the parameters that the certificate names, if it names any.
        previous: Plan digest of the release that it was made on; empty for none.
    """

    release: str
    files: Mapping[str, str]
    plans: Mapping[str, str]
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    lock: str = ""
    code: str = ""
    has_parameters: bool = True
    previous: str = ""


@dataclass(frozen=True)
class Reproduction:
    """What came of it.

    Attributes:
        files: How many files of the adapter were compared.
        changed: Those whose bytes differ.
        inputs: What of the inputs differs, in the order of the way from the request to the release.
        setting: What else differs: code and installed distributions.
        metrics: How many metrics were held against an interval of the certificate.
        outside: Those that lie outside, each in words.
        previous: Plan digest of the release that it was made on; empty for none.
    """

    files: int
    changed: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    metrics: int = 0
    outside: tuple[str, ...] = ()
    previous: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether the bytes are equal, or all that was measured of the same inputs lies within bounds."""
        return not self.changed or (not self.inputs and self.metrics > 0 and not self.outside)

    @property
    def differences(self) -> tuple[str, ...]:
        """All that differs, in order; some of it changes no byte."""
        return (*self.setting, *self.inputs, *(f"the bytes of {name}" for name in self.changed))

    @property
    def lines(self) -> list[str]:
        """What came of it, for a person; the first line is the answer."""
        if not self.previous:
            return self._answer
        taken = f"made on release {self.previous[:12]}, which was taken as it is"
        return [*self._answer, f"{taken}: reproduce its own certificate too"]

    @property
    def _answer(self) -> list[str]:
        elsewhere = [f"other here, without effect: {what}" for what in (*self.setting, *self.inputs)]
        if not self.changed:
            return [f"equal bytes: {self.files} files of the released adapter", *elsewhere]
        within = f"the {self.metrics} metrics with an interval in the certificate lie within it"
        if self.is_equal:
            return [f"equal within bounds: {within}", *self.differences]
        first, *others = self.differences
        near = [within] if self.metrics and not self.outside else []
        return [f"different, first: {first}", *others, *self.outside, *near]


def compare(statement: Mapping[str, Any], remade: Remade) -> Reproduction:
    """Hold what was made again against a certificate.

    Args:
        statement: The certificate's statement, which was checked.
        remade: What was made again.
    """
    predicate = statement["predicate"]
    process = predicate["process"]
    named = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
    rows = [
        (row["metric"], remade.metrics[row["metric"]], row["interval_after"])
        for row in predicate["effect"]
        if row["interval_after"] and remade.metrics.get(row["metric"]) is not None
    ]
    return Reproduction(
        len(named),
        tuple(name for name in sorted(named) if remade.files.get(name) != named[name]),
        tuple(_inputs(predicate, remade)),
        (*_code(process, remade.code), *_environment(process, remade.lock)),
        len(rows),
        tuple(
            f"{metric} is {value:.3f}, in the certificate {low:.3f} to {high:.3f}"
            for metric, value, (low, high) in rows
            if value is not None and not low - ROUNDING <= value <= high + ROUNDING
        ),
        remade.previous,
    )


def _inputs(predicate: Mapping[str, Any], remade: Remade) -> list[str]:
    """Return what of the inputs differs, in order."""
    plans: Mapping[str, str] = predicate["process"]["plans"]
    if remade.release == predicate["release"]["plan"]:
        return []
    own = [f"the inputs of {stage}" for stage, plan in remade.plans.items() if plans.get(stage, plan) != plan]
    served = [] if remade.plans else [f"request {predicate['request']}, which was not served here"]
    parameters = [] if remade.has_parameters else ["the parameters"]
    return [*parameters, *served, *own, "the release's inputs"]


def _environment(process: Mapping[str, Any], lock: str) -> Sequence[str]:
    return [] if process.get("lock") == lock else ["the installed distributions"]


def _code(process: Mapping[str, Any], here: str) -> Sequence[str]:
    """Return the commit of the code where it is another one: most commits change no byte of a release."""
    commit = process.get("code")
    if not commit or not here or commit == here:
        return []
    return [f"the code: commit {commit[:12]}, here {here[:12]} (git checkout {commit})"]
