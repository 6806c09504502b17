"""What an audit finds wrong."""

from dataclasses import dataclass

from siu.errors import StateError


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was written.

    Attributes:
        code: Its code in docs/reference/errors.md.
        what: What is wrong, in one sentence without a full stop.
        place: The file, relative to the workspace where it lies in one.
        entry: Number of the ledger's entry that says otherwise; 0 if none does.
    """

    code: str
    what: str
    place: str
    entry: int = 0

    def __str__(self) -> str:
        by = f" (entry {self.entry})" if self.entry else ""
        return f"{self.code} {self.place}{by}: {self.what}."


class TamperedError(StateError):
    """Everything that an audit found, reported in one go.

    Attributes:
        faults: The faults, those of the deployed release first.
    """

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        what = f"{len(faults)} fault(s): what is here is not what the ledger says"
        super().__init__("E-LED-010", what, "Compare with a copy kept elsewhere")
        self.args = (faults,)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join([*map(str, self.faults), f"{self.code} {self.what}. {self.remedy}."])
