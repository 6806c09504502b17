"""What the benchmark's own records tell an attacker: no model is asked again."""

from siu.config.params import AttackParams
from siu.mmubench.records import Records
from siu.mmubench.scorecard import record_attacks


def attack_records(records: Records, params: AttackParams) -> dict[str, float | None]:
    """Return the result of every attack that reads one model state's records."""
    return record_attacks(records, params.min_k)
