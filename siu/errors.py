"""Every error the package raises on purpose.

One base, few categories, each also a standard-library type; all survive pickling between processes.
The message of an error a user can mend says what is wrong, where, and what to do.
"""


class SiuError(Exception):
    """An error with a code, a statement, a place and a remedy.

    Attributes:
        code: Stable identifier such as ``E-REQ-007``; documented in ``docs/reference/errors.md``.
        what: What is wrong, in one sentence without a full stop.
        where: The file, row, field or key concerned; may be empty.
        remedy: What the user can do, in one sentence without a full stop.
    """

    def __init__(self, code: str, what: str, remedy: str, where: str = "") -> None:
        super().__init__(code, what, remedy, where)  # all arguments, so that pickling restores them
        self.code = code
        self.what = what
        self.remedy = remedy
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.code} {place}{self.what}. {self.remedy}."


class InputError(SiuError, ValueError):
    """Bad input from the user, found before a model is loaded."""


class ModelError(SiuError, ValueError):
    """A model, processor or adapter that can't be used."""


class ConceptError(SiuError, ValueError):
    """One concept can't be unlearned; it is quarantined and the batch goes on."""


class StateError(SiuError, RuntimeError):
    """The workspace is not in the state a command needs: a broken ledger, a lock, a missing output."""


class PreflightError(SiuError, ValueError):
    """All problems that preflight found, reported in one go.

    Attributes:
        problems: The single problems, in the order of the files they were found in.
    """

    def __init__(self, problems: tuple[SiuError, ...]) -> None:
        what = f"{len(problems)} problem(s) found before anything was started"
        super().__init__("E-PRE-001", what, "Mend them and start again")
        self.args = (problems,)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
