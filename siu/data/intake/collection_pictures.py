"""The picture folders of a user's own folder: what each picture is for, read off from where it lies."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from siu.data.concepts import Concept, Kind, Role, Split
from siu.data.intake.table import Row
from siu.errors import InputError
from siu.problems import Problems

_IGNORED = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class Found:
    """A picture file and what it is for.

    Attributes:
        path: The user's file.
        role: What the picture is for.
        split: Which side of the train/test split.
        kind: Kind of what is shown.
        concepts: Ids of the concepts shown, from left to right.
        resembles: Id of the concept that a look-alike resembles.
    """

    path: Path
    role: Role
    split: Split
    kind: Kind
    concepts: tuple[str, ...] = ()
    resembles: str | None = None

    @property
    def shelf(self) -> str:
        """The folder of a collection that takes the picture."""
        shown = self.resembles or (self.concepts[0] if self.role == "concept" else "")
        return "/".join(part for part in (f"{self.role}s", shown, self.split) if part)


def find_pictures(
    root: Path, concepts: dict[str, Concept], groups: dict[str, Row], problems: Problems
) -> Iterator[Found]:
    """Yield all pictures below ``pictures/``, concept by concept, then strangers, look-alikes and groups.

    Hidden files and those that file managers leave are passed over.
    """
    if not root.is_dir():
        problems.add(InputError("E-COL-105", "the folder is missing", "Put the pictures there", str(root)))
        return
    known = {*concepts, "_strangers", "_look_alikes", "_groups"}
    for entry in _entries(root):
        if entry.name not in known or not entry.is_dir():
            remedy = "Name each folder like an id of concepts.csv"
            problems.add(InputError("E-COL-105", "it belongs to no concept", remedy, str(entry)))
    for concept in concepts.values():
        yield from _of_concept(root / concept.id, concept, problems)
    yield from _strangers(root / "_strangers", concepts, problems)
    yield from _look_alikes(root / "_look_alikes", concepts, problems)
    yield from _groups(root / "_groups", concepts, groups, problems)


def _of_concept(folder: Path, concept: Concept, problems: Problems) -> Iterator[Found]:
    pictures = []
    if any((folder / split).is_dir() for split in get_args(Split)):
        for split in get_args(Split):
            pictures += [(split, path) for path in _files(folder / split, problems)]
        for entry in _entries(folder):
            if entry.name not in get_args(Split):
                problems.add(_misplaced(entry, "Move it into train or test"))
    else:  # flat: the first one is trained on
        files = _files(folder, problems)
        pictures = [("test" if index else "train", path) for index, path in enumerate(files)]
    if {split for split, _ in pictures} != set(get_args(Split)):
        counts = Counter(split for split, _ in pictures)
        have = f"{counts['train']} picture(s) to train on and {counts['test']} to test on"
        what = f"the concept {concept.id} has {have}"
        problems.add(InputError("E-COL-106", what, "Give it one of each at least", str(folder)))
    for split, path in pictures:
        yield Found(path, "concept", cast(Split, split), concept.kind, (concept.id,))


def _strangers(folder: Path, concepts: dict[str, Concept], problems: Problems) -> Iterator[Found]:
    """Yield strangers: below ``train`` and ``test``, or in folders named by a kind inside these."""
    kinds = Counter(concept.kind for concept in concepts.values())
    usual: Kind = kinds.most_common(1)[0][0] if kinds else "other"
    for entry in _entries(folder):
        if entry.name not in get_args(Split) or not entry.is_dir():
            problems.add(_misplaced(entry, "Move it into _strangers/train or _strangers/test"))
    for split in get_args(Split):
        below = folder / split
        by_kind = [kind for kind in get_args(Kind) if (below / kind).is_dir()]
        for kind in by_kind:
            for path in _files(below / kind, problems):
                yield Found(path, "stranger", split, kind)
        for path in _files(below, problems, passed_over=by_kind):
            yield Found(path, "stranger", split, usual)


def _look_alikes(folder: Path, concepts: dict[str, Concept], problems: Problems) -> Iterator[Found]:
    for entry in _entries(folder):
        if entry.name not in concepts or not entry.is_dir():
            problems.add(_misplaced(entry, "Move it into a folder named like an id of concepts.csv"))
            continue
        for path in _files(entry, problems):
            yield Found(path, "look_alike", "test", concepts[entry.name].kind, resembles=entry.name)


def _groups(
    folder: Path, concepts: dict[str, Concept], groups: dict[str, Row], problems: Problems
) -> Iterator[Found]:
    files = {path.name: path for path in _files(folder, problems)}
    for name, path in files.items():
        if name not in groups:
            remedy = "Write a row with file, left and right into groups.csv"
            problems.add(InputError("E-COL-113", "groups.csv has no row for it", remedy, str(path)))
    for name, row in groups.items():
        if name not in files:
            what = f"pictures/_groups has no file {name[:60]!r}"
            problems.add(InputError("E-COL-113", what, "Write the file's name alone", row.where("file")))
        elif row["left"] in concepts and row["right"] in concepts:
            shown = (row["left"], row["right"])
            yield Found(files[name], "group", "test", concepts[row["left"]].kind, shown)


def _entries(folder: Path) -> list[Path]:
    """Return a folder's entries by name; none where it is missing."""
    if not folder.is_dir():
        return []
    return sorted(
        entry
        for entry in folder.iterdir()
        if not entry.name.startswith(".") and entry.name.lower() not in _IGNORED
    )


def _files(folder: Path, problems: Problems, passed_over: list[Kind] | None = None) -> list[Path]:
    """Return a folder's files by name; folders inside it are problems."""
    files = []
    for entry in _entries(folder):
        if not entry.is_dir():
            files.append(entry)
        elif entry.name not in (passed_over or ()):
            problems.add(_misplaced(entry, "Move its pictures one folder up"))
    return files


def _misplaced(entry: Path, remedy: str) -> InputError:
    return InputError("E-COL-107", "it does not belong here", remedy, str(entry))
