"""What the benchmark's own records tell an attacker: no model is asked again."""

from siu.attacks.min_k import min_k_auc, min_k_two_sided
from siu.config.params import AttackParams
from siu.mmubench.records import Records


def attack_records(records: Records, params: AttackParams) -> dict[str, float | None]:
    """Return the result of every attack that reads one model state's records."""
    return {
        "min_k_auc": min_k_auc(records, params.min_k),
        "min_k_two_sided": min_k_two_sided(records, params.min_k),
    }
