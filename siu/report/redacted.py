"""The redacted edition: ids and numbers, without any name, picture or answer."""

from collections.abc import Sequence
from dataclasses import replace

from siu.attacks.gates import attack_reasons
from siu.attacks.observation import Finding
from siu.config.params import GateParams
from siu.report.content import Report, RequestSection
from siu.report.worst_leak import Leak
from siu.verdict import Verdict


def redacted(report: Report) -> Report:
    """Return the report without what tells who or what was forgotten.

    Sentences that quote are made again from the numbers; what no numbers stand behind is left out.
    """
    sections = tuple(_section(section, report.gates) for section in report.requests)
    return replace(report, requests=sections, is_redacted=True)


def _section(section: RequestSection, gates: GateParams) -> RequestSection:
    findings = tuple(_finding(finding) for finding in section.findings)
    return RequestSection(
        request_id=section.request_id,
        name=section.request_id,
        kind="",
        picture=None,
        verdict=section.verdict and _verdict(section.verdict, findings, gates),
        alone=section.alone and replace(section.alone, reasons=(), readings=()),
        is_released=section.is_released,
        reasons=_reasons(section, findings, gates),
        codes=section.codes,
        before=section.before,
        after=section.after,
        alone_after=section.alone_after,
        intervals=section.intervals,
        units=section.units,
        leak=section.leak and Leak(section.leak.route, section.leak.extent, section.leak.breaks),
        findings=findings,
        losses=section.losses,
        gold_distance=section.gold_distance,
        seconds=section.seconds,
        plan=section.plan,
    )


def _verdict(verdict: Verdict, findings: Sequence[Finding], gates: GateParams) -> Verdict:
    readings = tuple(replace(reading, leak="") for reading in verdict.readings)
    return replace(verdict, reasons=(), readings=readings)


def _reasons(section: RequestSection, findings: Sequence[Finding], gates: GateParams) -> tuple[str, ...]:
    if section.verdict is None:
        return section.codes
    if section.knowledge is not None and not section.verdict.readings:
        return (
            f"the base model names it on {section.knowledge.naming_rate or 0.0:.0%} of unseen pictures",
            *section.knowledge.signs(gates.known),
        )
    readings = (replace(reading, leak="") for reading in section.verdict.readings)
    sentences = (reading.sentence for reading in readings if reading.state != "passed")
    return (*sentences, *attack_reasons(findings, gates))


def _finding(finding: Finding) -> Finding:
    """Return the numbers; a curve's name, a budget's text and an answer may hold a name."""
    numbers = {key: value for key, value in finding.budget.items() if isinstance(value, int | float)}
    return replace(finding, said=(), curves=(), budget=numbers)
