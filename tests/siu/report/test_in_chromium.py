"""The report as a browser shows it: no horizontal scroll, few printed pages, no serious fault of access.

Chromium is asked by its command line alone. axe-core is no package of Python: where the environment variable
``AXE_CORE`` names its ``axe.min.js``, the page is checked by it too.
"""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from siu.report import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=20000",
)
SCHEMES = {"light": 1, "dark": 0}
FRAME = """<!doctype html><iframe srcdoc="{page}" width="{width}" height="20000" style="border:0"></iframe>
<script>
addEventListener("load", async () => {{
  const page = document.querySelector("iframe").contentDocument;
  const root = page.documentElement, view = page.defaultView;
  const faults = view.axe ? (await view.axe.run(page)).violations.map(v => v.impact + " " + v.id) : [];
  const seen = {{scroll: root.scrollWidth, width: root.clientWidth, faults: faults,
                 background: view.getComputedStyle(page.body).backgroundColor}};
  document.body.textContent = "seen" + JSON.stringify(seen) + "end";
}});
</script>"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="there is no chromium here (Debian: apt-get install chromium)"
    ),
]


def chromium(profile: Path, *arguments: str) -> str:
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def seen(page: str, folder: Path, width: int, scheme: str) -> dict[str, object]:
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(page=html.escape(page), width=width), encoding="utf-8")
    preferred = f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}"
    shown = chromium(folder / "profile", preferred, "--window-size=1600,1000", "--dump-dom", frame.as_uri())
    match = re.search(r"seen(\{.*?\})end", html.unescape(shown))
    assert match, shown[-2000:]
    values: dict[str, object] = json.loads(match[1])
    return values


@pytest.fixture
def page(report, tmp_path):
    write_report(report, tmp_path / "report.html")
    return (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_width_needs_horizontal_scroll(page, tmp_path, width):
    values = seen(page, tmp_path, width, "light")
    assert values["width"] == width
    assert values["scroll"] == width


def test_light_and_dark_are_as_the_reader_prefers(page, tmp_path):
    shades = [seen(page, tmp_path, 768, scheme)["background"] for scheme in SCHEMES]
    assert shades == ["rgb(255, 255, 255)", "rgb(20, 23, 26)"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_fault(page, tmp_path, scheme):
    if "AXE_CORE" not in os.environ:
        pytest.skip("AXE_CORE does not name axe-core's axe.min.js (npm install axe-core)")
    axe = Path(os.environ["AXE_CORE"]).read_text(encoding="utf-8")
    with_axe = page.replace("</body>", f"<script>{axe}</script></body>")
    assert seen(with_axe, tmp_path, 768, scheme)["faults"] == []


def test_it_prints_on_few_pages(page, tmp_path):
    chromium(
        tmp_path / "profile", f"--print-to-pdf={tmp_path / 'report.pdf'}", (tmp_path / "report.html").as_uri()
    )
    pages = re.findall(rb"/Type\s*/Page[^s]", (tmp_path / "report.pdf").read_bytes())
    assert 1 <= len(pages) <= 3
