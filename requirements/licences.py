"""Write docs/reference/licences.md: `python -m requirements.licences`, which `make licences` runs.

What is said is what the installed packages say of themselves. Copyleft ones come first: whoever passes on a
bundle of the project with its dependencies has duties by those.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from importlib import metadata

from requirements.lock import EXTRAS, FOLDER, ROOT, blocks

PAGE = ROOT / "docs" / "reference" / "licences.md"
FILES = {
    "setup": "set-up",
    "torch": "run",
    "run": "run",
    "dev": "development",
    **{extra: extra for extra in EXTRAS},
}
COPYLEFT = re.compile(r"\b([AL]?GPL|GNU|MPL|Mozilla|EPL|Eclipse|EUPL|CDDL|CC-BY-SA|OSL)", re.IGNORECASE)
LONGEST = 60


@dataclass(frozen=True)
class Licence:
    """What a package says of its licence.

    Attributes:
        package: Its name.
        use: Where the project needs it.
        text: See `licence_text`.
    """

    package: str
    use: str
    text: str

    @property
    def is_copyleft(self) -> bool:
        """Whether one of the licences named is a copyleft one."""
        return COPYLEFT.search(self.text) is not None


def licence_text(package: Message) -> str:
    """Return what a package's metadata says.

    That is the licence expression, else the classifiers, else the field's first line, else where to look.
    """
    if expression := package.get("License-Expression"):
        return str(expression)
    names = [str(value).split(" :: ") for value in package.get_all("Classifier", [])]
    classifiers = [words[-1] for words in names if words[0] == "License" and words[-1] != "OSI Approved"]
    field = str(package.get("License") or "").strip().splitlines()
    short = field[0][:LONGEST] if field else ""
    return ", ".join(classifiers) or short or f"see its {package.get('License-File', 'sources')}"


def licences() -> tuple[list[Licence], list[str]]:
    """Return the licences of the locked packages that are installed, and the names of those that aren't."""
    uses: dict[str, list[str]] = {}
    for part, use in FILES.items():
        for name in blocks((FOLDER / f"{part}.txt").read_text(encoding="utf-8")):
            uses.setdefault(name, []).append(use)
    found, absent = list[Licence](), list[str]()
    for name in sorted(uses):
        try:
            text = licence_text(metadata.metadata(name))  # type: ignore[arg-type]
            found.append(Licence(name, ", ".join(uses[name]), text))
        except metadata.PackageNotFoundError:
            absent.append(name)
    return found, absent


def page(found: Iterable[Licence], absent: Iterable[str]) -> str:
    """Return the page."""
    rows = list(found)
    copyleft = [licence for licence in rows if licence.is_copyleft]
    rest = [licence for licence in rows if not licence.is_copyleft]
    return "\n".join(
        (
            "# Licences of what is installed",
            "",
            "Written by `make licences` (`requirements/licences.py`) from what the installed packages say",
            "of themselves; not to be edited. SIU itself is under Apache 2.0 (LICENSE). It imports these",
            "packages and ships none of them.",
            "",
            "## Copyleft",
            "",
            "Who passes on a bundle with these (an image, an installer) has duties by them: to pass on the",
            "licence and offer the sources, at least. Where a package names several licences joined by OR,",
            "one may be chosen. A page like this one is no legal advice.",
            "",
            *_table(copyleft),
            "",
            "## All others",
            "",
            *_table(rest),
            "",
            "## Not installed where this was written",
            "",
            "For another platform or Python, or replaced by a build of torch without CUDA: "
            + ", ".join(f"`{name}`" for name in absent)
            + ". NVIDIA's packages (`nvidia-*`, `cuda-*`) are proprietary: their terms come with them.",
            "",
        )
    )


def _table(rows: Iterable[Licence]) -> list[str]:
    lines = [f"| {row.package} | {row.use} | {row.text.replace('|', '/')} |" for row in rows]
    return ["| Package | For | Licence |", "|---|---|---|", *lines]


if __name__ == "__main__":
    PAGE.write_text(page(*licences()), encoding="utf-8")
