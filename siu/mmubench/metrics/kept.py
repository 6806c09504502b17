"""What is kept: facts as text, other concepts, looks, look-alikes, group pictures, strangers."""

from siu.matching import mentions, says_no, says_yes
from siu.mmubench.records import Record, Records, share, with_purpose


def accuracy(records: Records, *purposes: str) -> float | None:
    """Return the share of answers that mention the right keyword; ↑. None without records."""
    return share(with_purpose(records, *purposes), _right)


def text_facts(records: Records) -> float | None:
    """Return the share of facts about the concept, asked as text, that are answered right; ↑."""
    return accuracy(records, "text_fact")


def specificity_names(records: Records) -> float | None:
    """Return the share of other concepts' unseen pictures that are named right; ↑."""
    return accuracy(records, "other_name")


def specificity_attributes(records: Records) -> float | None:
    """Return the share of attribute questions about other concepts and strangers answered right; ↑."""
    return accuracy(records, "other_attribute")


def specificity_facts(records: Records) -> float | None:
    """Return the share of facts asked through other concepts' pictures that are answered right; ↑."""
    return accuracy(records, "other_fact")


def specificity_yes_no(records: Records) -> float | None:
    """Return the share of yes/no questions about other concepts (own and wrong names) answered right; ↑."""
    return share(with_purpose(records, "other_yes_no"), _right_yes_no)


def look_alikes(records: Records) -> float | None:
    """Return the share of look-alikes that stay unnamed; ↑: collateral damage shows here first."""
    return accuracy(records, "look_alike")


def strangers(records: Records) -> float | None:
    """Return the share of strangers that stay strangers; ↑."""
    return accuracy(records, "stranger")


def groups(records: Records) -> float | None:
    """Return the share of retained figures in group pictures that are named right; ↑ (after VCUBench)."""
    return accuracy(records, "group")


def _right(record: Record) -> bool:
    return mentions(record.answer, record.question.keywords)


def _right_yes_no(record: Record) -> bool:
    return says_yes(record.answer) if record.question.keywords == ("yes",) else says_no(record.answer)
