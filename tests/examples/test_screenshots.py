"""Pages as people see them: SIU's own, MLflow's and Prefect's, in real Chromium.

They need ``playwright`` and Debian's ``chromium``; axe-core is asked where ``AXE_CORE`` names its file.
"""

import io
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from examples.pages import LOGIN, mlflow_page, prefect_page
from examples.screenshots import MOST_BYTES, chromium, small
from flows.terminal.quiet import quiet
from siu.client import Client
from siu.report.site import write_site
from siu.storage.workspace import Workspace
from tasks.audit_page import write_audit_page
from tests.flows.stand_in import write_workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

MISSING = (
    "/ico/undefined.svg",
    "/favicon-dark.ico",
    "/favicon.ico",
    "/ajax-api/2.0/mlflow/users/current",
)
"""What Prefect's and MLflow's own pages ask their servers for and don't get: icons, and a user."""
WIDTHS, SCHEMES = (390, 768, 1440), ("light", "dark")
in_chromium = pytest.mark.skipif(
    find_spec("playwright") is None or shutil.which("chromium") is None,
    reason="there is no playwright or no chromium here (pip install playwright; apt-get install chromium)",
)


def test_a_picture_of_the_docs_is_small_whatever_it_shows() -> None:
    image = Image.frombytes("RGB", (900, 700), random.Random(0).randbytes(900 * 700 * 3))
    written = io.BytesIO()
    image.save(written, "PNG")
    assert len(written.getvalue()) > MOST_BYTES
    assert len(small(written.getvalue())) <= MOST_BYTES


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace after `siu batch`."""
    folder = tmp_path_factory.mktemp("pages") / "workspace"
    write_workspace(folder)
    siu = Path(sys.executable).with_name("siu")
    subprocess.run([siu, "batch"], cwd=folder, check=False, capture_output=True)
    return Workspace(folder)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with chromium() as opened:
        yield opened


@contextmanager
def looked_at(browser: "Browser", url: str, width: int, scheme: str) -> "Iterator[tuple[Page, list[str]]]":
    """Yield a page, and what it complains of: errors of its console and of its scripts."""
    complaints: list[str] = []

    def note(message: "ConsoleMessage") -> None:
        if message.type == "error" and not message.location["url"].endswith(MISSING):
            complaints.append(f"{message.text} {message.location['url']}")

    size = {"width": width, "height": 900}
    page = browser.new_page(viewport=size, color_scheme=scheme, http_credentials=LOGIN)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", note)
    page.goto(url, timeout=120_000)
    page.wait_for_load_state()
    yield page, complaints
    page.close()


@in_chromium
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", ["report", "redacted", "site", "audit"])
def test_own_pages_fit_every_screen_and_complain_of_nothing(
    finished: Workspace, browser: "Browser", name: str
) -> None:
    client = Client(finished)
    path = {
        "report": client.report,
        "redacted": lambda: client.report(redacted=True),
        "site": lambda: write_site(client),
        "audit": lambda: write_audit_page(finished, finished.root / "audit"),
    }[name]()
    for width in WIDTHS:
        for scheme in SCHEMES:
            with looked_at(browser, path.as_uri(), width, scheme) as (page, complaints):
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert complaints == []
                assert faults(page) == []


@in_chromium
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_mlflow_shows_the_batch_and_its_scripts_don_t_fail(finished: Workspace, browser: "Browser") -> None:
    with mlflow_page(finished) as url:
        for width in WIDTHS:
            for scheme in SCHEMES:
                with looked_at(browser, url, width, scheme) as (page, complaints):
                    page.wait_for_selector("text=/batch [0-9a-f]{12}/", timeout=120_000)
                    assert complaints == []


@in_chromium
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_prefect_draws_the_graph_and_its_scripts_don_t_fail(finished: Workspace, browser: "Browser") -> None:
    quiet(finished.prefect_home)
    with prefect_page() as url:
        for width in WIDTHS:
            for scheme in SCHEMES:
                with looked_at(browser, url, width, scheme) as (page, complaints):
                    page.wait_for_selector("canvas", timeout=120_000)
                    assert complaints == []


def faults(page: "Page") -> list[str]:
    """What axe-core finds, where it is known where that is."""
    if "AXE_CORE" not in os.environ:
        return []
    page.add_script_tag(path=os.environ["AXE_CORE"])
    script = "async () => (await axe.run()).violations.map(v => v.impact + ' ' + v.id)"
    found: list[str] = page.evaluate(script)
    return found
