"""Ask whether a locked version has a known vulnerability: `make check` does it.

It fails on one, unless ``audit-ignored.toml`` names it with a reason and a date after which it counts again.
Where the service can't be asked, this is said and nothing fails: a check that didn't happen hasn't passed.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
IGNORED = Path(__file__).with_name("audit-ignored.toml")
SECONDS = 300
UNCHECKED = "known vulnerabilities: could not be checked"


@dataclass(frozen=True)
class Audit:
    """What the service said.

    Attributes:
        vulnerable: ``name version`` and the ids of a vulnerability, of which one is enough to ignore it.
        skipped: Packages that it knows nothing of.
        asked: Packages that it was asked about.
    """

    vulnerable: tuple[tuple[str, frozenset[str]], ...]
    skipped: tuple[str, ...]
    asked: int


def read(report: str) -> Audit:
    """Return what pip-audit's JSON report says."""
    packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    return Audit(
        tuple(
            (f"{package['name']} {package['version']}", frozenset((flaw["id"], *flaw.get("aliases", ()))))
            for package in packages
            for flaw in package.get("vulns", ())
        ),
        tuple(package["name"] for package in packages if "skip_reason" in package),
        len(packages),
    )


def ignored(text: str, today: date) -> frozenset[str]:
    """Return the ids that are ignored today.

    Raises:
        ValueError: An entry has no id, reason or date.
    """
    entries = tomllib.loads(text).get("ignored", [])
    for entry in entries:
        if not (entry.get("id") and entry.get("reason") and isinstance(entry.get("until"), date)):
            raise ValueError(f"{IGNORED.name}: an entry needs id, reason and until (a date): {entry}")
    return frozenset(entry["id"] for entry in entries if today <= entry["until"])


def lines(audit: Audit, ignored_ids: frozenset[str]) -> tuple[bool, list[str]]:
    """Return whether the check fails, and what there is to say."""
    if len(audit.skipped) == audit.asked:
        return False, [f"{UNCHECKED}: the service knows none of the packages, or none of it is reached"]
    counted = [(name, ids) for name, ids in audit.vulnerable if not ids & ignored_ids]
    text = [f"{name}: {', '.join(sorted(ids))}" for name, ids in counted]
    text += [f"{len(audit.skipped)} of {audit.asked} packages {UNCHECKED[23:]}"] if audit.skipped else []
    shown = f"{len(counted)} known vulnerabilities" if counted else "no known vulnerability that counts"
    return bool(counted), [*text, f"{audit.asked - len(audit.skipped)} locked versions asked about: {shown}"]


def ask(pins: Iterable[str]) -> Audit | None:
    """Ask the service about ``name==version`` lines; None where it isn't reached in time."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(pins))
        file.flush()
        options = ("--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off")
        command = (sys.executable, "-m", "pip_audit", *options, "--timeout", "10", "-r", file.name)
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
            return read(done.stdout)
        except (subprocess.TimeoutExpired, ValueError):  # no report: it ended with an error of the connection
            return None


def pins(constraints: str) -> Iterator[str]:
    """Yield ``name==version`` of each package of the lock, for whichever platform it is."""
    yield from (line.split(" ;")[0] for line in constraints.splitlines() if "==" in line)


def main() -> None:
    """Ask about one package first: a service that isn't reached would be asked in vain about all."""
    locked = list(pins((ROOT / "constraints.txt").read_text(encoding="utf-8")))
    first = ask(locked[:1])
    audit = ask(locked) if first is not None and not first.skipped else first
    if audit is None:
        sys.stdout.write(f"{UNCHECKED}: the service isn't reached\n")
        return
    today = datetime.now(UTC).date()
    fails, text = lines(audit, ignored(IGNORED.read_text(encoding="utf-8"), today))
    sys.stdout.write("\n".join(text) + "\n")
    sys.exit(fails)


if __name__ == "__main__":
    main()
