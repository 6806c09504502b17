"""Small charts of one row each, as inline SVG with a text for those who don't see it."""

from collections.abc import Sequence

from markupsafe import Markup

from siu.attacks.observation import Finding, Outcome
from siu.report.metric_rows import described
from siu.verdict import Reading

_WIDTH, _HEIGHT, _EDGE = 132, 20, 6
_STATES = {"passed": "good", "broken": "bad", "unproven": "warn", "unmeasured": "warn"}


def gate_chart(reading: Reading) -> Markup:
    """Return a gate as a chart from 0 to 1: what is forbidden shaded, the value a dot, its bound a line."""
    gate = reading.gate
    low, high = (0.0, gate.limit) if gate.side == "at_least" else (gate.limit, 1.0)
    parts = [_axis(), _box(low, high)]
    if reading.value is not None:
        colour = _STATES[reading.state]
        if reading.bound is not None:
            parts.append(_line(reading.value, reading.bound, colour))
        parts.append(_dot(reading.value, colour))
    return _svg(_gate_words(reading), parts)


def attack_chart(finding: Finding) -> Markup:
    """Return an attack as a chart from 0 to 1: ring without it, dot under it, square for its control."""
    concept = finding.concept
    if concept.plain is None or concept.attacked is None:
        return Markup("")
    parts = [_axis()]
    control = finding.gold if finding.control == "gold" else finding.strangers
    if finding.control and control is not None and control.attacked is not None:
        parts.append(_square(control.attacked))
    if concept.interval is not None:
        parts.append(_line(*concept.interval, "soft"))
    parts += [
        _line(concept.plain, concept.attacked, "ink"),
        _ring(concept.plain),
        _dot(concept.attacked, "ink"),
    ]
    return _svg(_attack_words(concept, control, finding), parts)


def loss_curve(losses: Sequence[float], width: int = 128, height: int = 48) -> Markup:
    """Return the step losses as an inline SVG line; empty for fewer than two steps."""
    if len(losses) < 2:
        return Markup("")
    top = max(*losses, 1e-9)
    points = " ".join(
        f"{index * width / (len(losses) - 1):.1f},{height - 4 - max(loss, 0) / top * (height - 8):.1f}"
        for index, loss in enumerate(losses)
    )
    return Markup(
        '<svg viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        'aria-label="loss over {steps} steps, from {first} to {last}">'
        '<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"/></svg>'
    ).format(
        w=width,
        h=height,
        points=points,
        steps=len(losses),
        first=f"{losses[0]:.2f}",
        last=f"{losses[-1]:.2f}",
    )


def _gate_words(reading: Reading) -> str:
    label, gate = described(reading.gate.metric).label, reading.gate
    value = "not measured" if reading.value is None else f"{reading.value:.3f}"
    bound = "" if reading.bound is None else f", bound {reading.bound:.3f}"
    side = "at least" if gate.side == "at_least" else "at most"
    return f"{label} {value}{bound}; {side} {gate.limit:g}: {reading.state}"


def _attack_words(concept: Outcome, control: Outcome | None, finding: Finding) -> str:
    beside = ""
    if finding.control and control is not None and control.attacked is not None:
        beside = f"; its control {control.attacked:.2f}"
    return f"without the attack {concept.plain:.2f}, under it {concept.attacked:.2f}{beside}"


def _svg(words: str, parts: Sequence[Markup]) -> Markup:
    head = Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{words}">'
    )
    return head.format(w=_WIDTH, h=_HEIGHT, words=words) + Markup("").join(parts) + Markup("</svg>")


def _axis() -> Markup:
    ends = Markup("").join(
        Markup('<line class="axis" x1="{0}" x2="{0}" y1="6" y2="14"/>').format(_x(place)) for place in (0, 1)
    )
    return Markup('<line class="axis" x1="{}" x2="{}" y1="10" y2="10"/>').format(_x(0), _x(1)) + ends


def _box(low: float, high: float) -> Markup:
    return Markup('<rect class="forbidden" x="{}" y="3" width="{:.1f}" height="14"/>').format(
        _x(low), (high - low) * (_WIDTH - 2 * _EDGE)
    )


def _line(start: float, end: float, colour: str) -> Markup:
    return Markup('<line class="{}" x1="{}" x2="{}" y1="10" y2="10"/>').format(colour, _x(start), _x(end))


def _dot(place: float, colour: str) -> Markup:
    return Markup('<circle class="{}" cx="{}" cy="10" r="4"/>').format(colour, _x(place))


def _ring(place: float) -> Markup:
    return Markup('<circle class="ring" cx="{}" cy="10" r="4"/>').format(_x(place))


def _square(place: float) -> Markup:
    return Markup('<rect class="control" x="{}" y="6.5" width="7" height="7"/>').format(_x(place, -3.5))


def _x(share: float, shift: float = 0.0) -> str:
    return f"{_EDGE + min(max(share, 0.0), 1.0) * (_WIDTH - 2 * _EDGE) + shift:.1f}"
