import json
from datetime import date

import pytest

from requirements.audit import IGNORED, Audit, ignored, lines, pins, read

TODAY = date(2026, 11, 30)
ENTRY = '[[ignored]]\nid = "CVE-1"\nreason = "not used"\nuntil = 2026-12-31\n'


def audit(*vulnerable: tuple[str, set[str]], skipped: int = 0) -> Audit:
    return Audit(
        tuple((name, frozenset(ids)) for name, ids in vulnerable), tuple(f"s{i}" for i in range(skipped)), 5
    )


def test_a_report_is_read() -> None:
    vulnerability = {"id": "PYSEC-1", "aliases": ["CVE-1"]}
    packages = [
        {"name": "a", "version": "1", "vulns": [vulnerability]},
        {"name": "b", "version": "2", "vulns": []},
        {"name": "c", "skip_reason": "not found"},
    ]
    found = read(json.dumps({"dependencies": packages}))
    assert found == Audit((("a 1", frozenset({"PYSEC-1", "CVE-1"})),), ("c",), 3)


def test_a_known_vulnerability_fails_and_is_named() -> None:
    fails, said = lines(audit(("a 1", {"CVE-1", "PYSEC-1"})), frozenset())
    assert fails
    assert said[0] == "a 1: CVE-1, PYSEC-1"


def test_an_ignored_one_does_not_fail_until_its_date_by_any_of_its_names() -> None:
    vulnerable = audit(("a 1", {"CVE-1", "PYSEC-1"}))
    assert not lines(vulnerable, ignored(ENTRY, TODAY))[0]
    assert lines(vulnerable, ignored(ENTRY, date(2027, 1, 1)))[0]


@pytest.mark.parametrize("line", ENTRY.splitlines()[1:])
def test_an_entry_without_id_reason_or_date_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="an entry needs id, reason and until"):
        ignored(ENTRY.replace(f"{line}\n", ""), TODAY)


def test_a_service_that_knows_nothing_has_checked_nothing() -> None:
    fails, said = lines(audit(skipped=5), frozenset())
    assert not fails
    assert "could not be checked" in said[0]
    assert "no known" not in said[0]


def test_packages_that_were_skipped_are_counted_out_loud() -> None:
    _, said = lines(audit(skipped=2), frozenset())
    assert said == [
        "2 of 5 packages could not be checked",
        "3 locked versions asked about: no known vulnerability that counts",
    ]


def test_versions_of_all_platforms_are_asked_about() -> None:
    assert list(pins("# head\na==1 ; sys_platform == 'win32'\nb==2\n")) == ["a==1", "b==2"]


def test_the_file_of_ignored_ones_is_in_order() -> None:
    ignored(IGNORED.read_text(encoding="utf-8"), TODAY)
