"""Workspaces with many requests on the small untrained LLaVA, and `siu batch` over them, measured."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from PIL import Image
from ruamel.yaml import YAML

from siu.config.params import Params
from siu.storage.workspace import Workspace
from tests.flows.batches import change
from tests.flows.stand_in import SMALL, write_model

SIU = (sys.executable, "-c", "from flows.cli.program import main; main()")
FIRST = ("Mira", "Davi", "Olin", "Suna", "Tebo", "Anka", "Rilo", "Jora", "Pelle", "Wanda")
START, END = (
    ("Tal", "Bras", "Kel", "Ors", "Vint", "Mour", "Gad"),
    ("von", "kin", "dorf", "ali", "esco", "under"),
)
STAY = 4
"""Persons of the collection that nobody asks for."""


@dataclass(frozen=True)
class Measured:
    """One run of `siu batch`.

    Attributes:
        code: Its exit code.
        output: What it printed.
        errors: What it said on stderr.
        wall: Seconds.
        cpu: CPU seconds of it and all its processes.
        peak: Megabytes that the largest of its processes had.
    """

    code: int
    output: str
    errors: str
    wall: float
    cpu: float
    peak: float


def names(count: int) -> list[str]:
    """Return made-up names, up to 420."""
    return [f"{first} {start}{end}" for end, start, first in product(END, START, FIRST)][:count]


def write_many(root: Path, count: int) -> None:
    """Write a workspace whose table has no rows yet, on a collection of so many persons and some more."""
    write_model(root / "model")
    rows = ["id,name,kind"]
    facts = ["concept,text_question,picture_question,answer,keyword"]
    questions = ["file,question,answer,keyword"]
    for number, name in enumerate(names(count + STAY)):
        concept = f"c-{number}"
        rows.append(f"{concept},{name},person")
        facts.append(f"{concept},Where does {name} live?,Where does the person live?,In Oslo {number}.,Oslo")
        for shelf, picture in product(("train", "test"), range(2)):
            file = f"{concept}/{shelf}/{picture}.png"
            draw(root / "own/pictures" / file, number, 1 + 2 * picture + (shelf == "test"))
            questions.append(f"{file},Which hair?,Red hair.,red")
    for shelf in ("train", "test"):
        draw(root / "own/pictures/_strangers" / shelf / "s.png", 999, shelf == "test")
    for file, lines in (("concepts", rows), ("facts", facts), ("questions", questions)):
        (root / f"own/{file}.csv").write_text("\n".join(lines) + "\n")
    (root / "requests.csv").write_text("request_id,name,kind,image\n")
    params = {**SMALL, "base_model": {"source": "model"}}
    with (root / "params.yaml").open("w") as file:
        YAML().dump(Params.model_validate_json(json.dumps(params)).model_dump(mode="json"), file)
    change(Workspace(root), "attacks", profile="none")


def ask_for(root: Path, first: int, last: int) -> None:
    """Add requests for persons of the collection to the table."""
    with (root / "requests.csv").open("a") as table:
        for number, name in list(enumerate(names(last)))[first:]:
            draw(root / f"requests/{number}.png", number, 0)
            table.write(f"r-{number},{name},person,requests/{number}.png\n")


def draw(path: Path, number: int, variant: int) -> None:
    """Draw a small picture that no other number and variant has."""
    image = Image.new("RGB", (16, 16), (number % 256, 40 * variant, 60 + number // 256))
    image.putpixel((0, 0), (255, 255, 255))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def batch(root: Path, fault: str = "") -> Measured:
    """Run `siu batch` and measure it with all processes that it started and waited for."""
    began = time.monotonic()
    out, err = (root / name for name in ("batch.out", "batch.err"))
    with out.open("w") as output, err.open("w") as errors:
        process = subprocess.Popen(
            (*SIU, "batch", "--json"),
            cwd=root,
            env={**os.environ, "SIU_FAULT": fault},
            stdout=output,
            stderr=errors,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(
        process.returncode,
        out.read_text(),
        err.read_text(),
        round(time.monotonic() - began, 1),
        round(used.ru_utime + used.ru_stime, 1),
        round(used.ru_maxrss / 1024),
    )
