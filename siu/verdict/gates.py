"""Which metrics gate a verdict: every route by which a name can come out, and what must be kept.

Each metric says in its own file how it gates (`siu.mmubench.metric_definition.GateRule`).
"""

from collections.abc import Iterator

from siu.config.params import GateParams
from siu.mmubench.metric_definition import GateRule
from siu.mmubench.metric_registry import definitions
from siu.verdict.gate import Gate


def gates_of(params: GateParams) -> Iterator[Gate]:
    """Yield the gates in the order in which their reasons are told."""
    rules = {metric.name: metric.gate for metric in definitions() if metric.gate is not None}
    for name, rule in sorted(rules.items(), key=lambda named_rule: named_rule[1].rank):
        yield _gate(name, rule, params)


def _gate(name: str, rule: GateRule, params: GateParams) -> Gate:
    return Gate(
        name,
        getattr(params, rule.param),
        rule.side,
        rule.effect,
        sampled=rule.sampled,
        optional=rule.optional,
        kept=rule.kept,
        drop=rule.drop,
    )
