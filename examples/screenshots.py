"""Make the pictures of pages in the docs: ``python -m examples.screenshots``.

A batch of two requests of the drawn world runs in a temporary workspace, or ``--workspace`` names one that is
done. Its pages, Prefect's and MLflow's are opened in Chromium, as a user sees them. It needs ``playwright``
and a Chromium of the system (Debian: ``apt-get install chromium``).
"""

import argparse
import io
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from examples.pages import LOGIN, mlflow_page, prefect_page
from flows.cli.demo import with_examples
from flows.cli.init import put_under_version_control
from flows.terminal.quiet import quiet
from siu.storage.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IMAGES = Path(__file__).parents[1] / "docs" / "images"
NAMES = ("report", "site", "audit", "mlflow", "prefect-graph")
REQUESTS = 2
MOST_BYTES = 300_000
COLOURS = 256
FLAGS = ("--no-sandbox", "--enable-unsafe-swiftshader", "--use-gl=angle", "--use-angle=swiftshader")
"""Prefect draws its graph by WebGL, which a machine without a GPU has in software only."""


@dataclass(frozen=True)
class Sight:
    """What one picture shows.

    Attributes:
        url: The page.
        ready: A selector of what must be there.
        size: Width and height of the window.
        settle: Seconds that the page moves after that.
        fit: Selector of the part that is taken; empty for the window.
    """

    url: str
    ready: str = "body"
    size: tuple[int, int] = (1280, 800)
    settle: float = 0.5
    fit: str = ""


def main() -> None:
    """Write all pictures, or some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, help="one with a finished batch; default: a new one")
    parser.add_argument("--out", type=Path, default=IMAGES)
    parser.add_argument("--only", action="append", choices=NAMES, help="may be repeated")
    options = parser.parse_args()
    with ExitStack() as stack:
        if options.workspace is None:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "workspace"
            workspace = small_batch(place)
        else:
            workspace = Workspace(options.workspace.resolve())
            quiet(workspace.prefect_home)
        browser = stack.enter_context(chromium())
        for name, sight in sights(workspace, stack, options.only or NAMES):
            content = taken(browser, sight)
            (options.out / f"{name}.png").write_bytes(content)
            print(f"{name}.png {len(content) / 1000:.0f} kB")  # noqa: T201  # its result


def small_batch(folder: Path) -> Workspace:
    """Forget a person and a creature in a new workspace, and return it."""
    workspace = with_examples(folder)
    table = workspace.root / "requests.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join(lines[: 1 + REQUESTS]) + "\n", encoding="utf-8")
    put_under_version_control(workspace.root)
    quiet(workspace.prefect_home)
    from flows.cli.batch import run

    run(workspace)
    return workspace


def sights(workspace: Workspace, stack: ExitStack, wanted: Sequence[str]) -> Iterator[tuple[str, Sight]]:
    """Yield each picture's name and what it shows; servers run until the stack is closed."""
    from siu.client import Client
    from siu.report.site import write_site
    from tasks.audit_page import write_audit_page

    if "report" in wanted:
        yield "report", Sight(Client(workspace).report().as_uri(), size=(1280, 900))
    if "site" in wanted:
        yield "site", Sight(write_site(Client(workspace)).as_uri(), size=(1280, 700))
    if "audit" in wanted:
        page = write_audit_page(workspace, workspace.root / "audit")
        yield "audit", Sight(page.as_uri(), size=(1280, 900))
    if "mlflow" in wanted:
        url = stack.enter_context(mlflow_page(workspace))
        yield "mlflow", Sight(url, "text=/batch [0-9a-f]{12}/", settle=4)
    if "prefect-graph" in wanted:
        url = stack.enter_context(prefect_page())
        yield "prefect-graph", Sight(url, "canvas", (1600, 1000), settle=10, fit=".flow-run-graph")


@contextmanager
def chromium() -> "Iterator[Browser]":
    """Yield the system's Chromium without a window."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS])
        yield browser
        browser.close()


def taken(browser: "Browser", sight: Sight) -> bytes:
    """Return a picture of a page as a PNG of few colours."""
    width, height = sight.size
    page: Page = browser.new_page(viewport={"width": width, "height": height}, http_credentials=LOGIN)
    page.goto(sight.url, timeout=120_000)
    page.wait_for_selector(sight.ready, timeout=120_000)
    page.wait_for_timeout(1000 * sight.settle)
    picture = page.locator(sight.fit).first.screenshot() if sight.fit else page.screenshot()
    page.close()
    return small(picture)


def small(picture: bytes) -> bytes:
    """Return a PNG with as many colours as a page of text needs, in half the size if it is still large."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    while True:
        written = io.BytesIO()
        image.quantize(COLOURS).save(written, "PNG", optimize=True)
        if written.tell() <= MOST_BYTES:
            return written.getvalue()
        image = image.resize((image.width * 4 // 5, image.height * 4 // 5))


if __name__ == "__main__":
    main()
