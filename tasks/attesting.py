"""What is written beside a certificate: the same for other tools, and the page as a PDF for people."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from siu.audit.attestations import bill_of_materials, provenance, test_result
from siu.audit.dsse import seal_statement
from siu.audit.signer import Signer
from siu.errors import StateError
from siu.storage.durable import replace_bytes, replace_text

FOLDER = "attestations"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer")
SECONDS = 120


def write_attestations(file: Path, made: dict[str, Any], signer: Signer) -> None:
    """Write test-result, provenance and bill of materials of a certificate into a folder beside it.

    The first two are signed as the certificate is. All are bound by the next seal.
    """
    folder = file.parent / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    signed = {
        f"{file.stem}.test-result.json": test_result(made),
        f"{file.stem}.provenance.json": provenance(made),
    }
    for name, statement in signed.items():
        replace_text(folder / name, json.dumps(seal_statement(statement, signer), indent=1) + "\n")
    bom = json.dumps(bill_of_materials(made), indent=2) + "\n"
    replace_text(folder / f"{file.stem}.cdx.json", bom)


def flags() -> tuple[str, ...]:
    """Return how Chromium is started: in its sandbox, which it has not where root starts it."""
    return (*FLAGS, "--no-sandbox") if os.geteuid() == 0 else FLAGS


def write_pdf(page: Path) -> Path:
    """Print a certificate's page as a PDF beside it and return that.

    Raises:
        StateError: ``E-CRT-006`` there is no Chromium, or it failed.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        remedy = "Install Chromium, or print the page from your own browser"
        raise StateError("E-CRT-006", "there is no Chromium that prints the page", remedy, str(page))
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "page.pdf"
        command = [browser, *flags(), f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}"]
        try:
            done = subprocess.run(
                [*command, page.resolve().as_uri()], capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            what = f"Chromium has not printed the page in {SECONDS} s"
            raise StateError("E-CRT-006", what, "Try again, or print it yourself", str(page)) from None
        if not printed.is_file():
            what = f"Chromium didn't print the page (exit code {done.returncode})"
            raise StateError("E-CRT-006", what, "Print it from your own browser", str(page))
        replace_bytes(page.with_suffix(".pdf"), printed.read_bytes())
    return page.with_suffix(".pdf")
