"""How long many requests take before any is worked on: ``python -m benchmarks.requests 10000``.

A workspace is made in a temporary folder, on the embedded model and its world; each request has a picture of
its own. What is timed is what `siu batch` does before it starts a worker, and what people look at afterwards.
"""

import argparse
import csv
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from flows.cli.init import lay_out
from flows.cli.status import states
from flows.plan import check_input, plan
from siu.storage.workspace import Workspace
from tasks.construct import CONSTRUCT
from tasks.summary import batch_id
from tasks.work_list import note_received

NAMES = ("Mira Talvon", "Ждан Ветлугин", "王小明", "김민수", "محمد علي", "राम शर्मा", "Olin Brask")
KINDS = ("person", "creature", "landmark", "logo", "other")


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        workspace = lay_out(Path(folder))
        _smaller_world(workspace)
        write_table(workspace, count)
        sys.stdout.write(json.dumps(measured(workspace), indent=2) + "\n")


def _smaller_world(workspace: Workspace) -> None:
    text = workspace.params_file.read_text(encoding="utf-8")
    for key, value in (("test_pictures: 60", "test_pictures: 1"), ("test_groups: 456", "test_groups: 1")):
        assert key in text
        text = text.replace(key, value)
    workspace.params_file.write_text(text, encoding="utf-8")


def write_table(workspace: Workspace, count: int) -> None:
    """Write a table of requests, each with a name and a picture of its own."""
    pictures = workspace.request_store
    pictures.mkdir(exist_ok=True)
    table = workspace.requests_csv(workspace.params())
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("request_id", "name", "image", "kind", "received", "force"))
        for number in range(count):
            image = Image.new("RGB", (16, 16), (number % 256, number // 256, 90))
            image.putpixel((0, 0), (255, 255, 255))
            image.save(pictures / f"r-{number}.png")
            name = f"{NAMES[number % len(NAMES)]} {number}"
            kind = KINDS[number % len(KINDS)]
            writer.writerow((f"r-{number}", name, f"requests/r-{number}.png", kind, "2026-01-31", "yes"))


def measured(workspace: Workspace) -> dict[str, Any]:
    """Return each step's seconds, on the clock and of this process's CPU, and the highest memory in MiB."""
    seconds: dict[str, dict[str, float]] = {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        seconds[step] = {
            "wall": round(time.perf_counter() - wall, 2),
            "cpu": round(time.process_time() - cpu, 2),
        }
        return result

    params, table = timed("read the table", lambda: check_input(workspace))
    timed("note the requests as received", lambda: note_received(workspace, table))
    plan(workspace, params, table)  # draws the world once
    job = timed("judge, prepare and plan", lambda: plan(workspace, params, table))
    assert len(job.requests) == len(table.rows), job.refused[:3]
    timed(
        "digests of all fine-tuning data",
        lambda: [CONSTRUCT.digest(job, request_id) for request_id in job.request_ids],
    )
    timed("id of the batch (digests of all stages)", lambda: batch_id(job))
    timed("status", lambda: states(workspace))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"requests": len(table.rows), "seconds": seconds, "peak_mib": round(peak)}


if __name__ == "__main__":
    main()
