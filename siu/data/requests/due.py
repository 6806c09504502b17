"""Until when a request has to be answered."""

from datetime import date, timedelta

from siu.config.service import PolicyParams


def due_day(received: date, policy: PolicyParams, *, is_extended: bool) -> date:
    """Return the last day for an answer to a request that came in on a day."""
    return received + timedelta(policy.days + (policy.extension_days if is_extended else 0))
