"""What attacks found on one adapter, as one self-contained HTML file."""

from collections.abc import Sequence
from pathlib import Path

from siu.attacks.observation import Finding
from siu.config.params import GateParams
from siu.report.html import environment
from siu.report.what_is_left import what_is_left


def write_attack_page(
    findings: Sequence[Finding],
    path: Path,
    *,
    name: str,
    adapter: str,
    base_model: str,
    gold: str | None,
    profile: str,
    gates: GateParams,
) -> None:
    """Write the page.

    Args:
        findings: What each attack found.
        path: The HTML file.
        name: Display name of the concept.
        adapter: What the adapter is called.
        base_model: What the base model is called.
        gold: What the model is called that never saw the concept; None where there is none.
        profile: The attacks' profile.
        gates: What an attack may bring back.
    """
    text = (
        environment()
        .get_template("attack_page.html.jinja")
        .render(
            findings=findings,
            name=name,
            adapter=adapter,
            base_model=base_model,
            gold=gold,
            profile=profile,
            gates=gates,
            answer=what_is_left(findings, gates),
            seconds=sum(finding.seconds for finding in findings),
        )
    )
    path.write_text(text, encoding="utf-8")
