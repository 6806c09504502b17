"""The verdict on one concept: records and findings held against the gates of ``params.yaml``."""

from siu.verdict.assess import Verdict, VerdictName, assess, verdict_on_unknown
from siu.verdict.assurance import Assurance, assurance
from siu.verdict.gate import Reading
from siu.verdict.knowledge import Knowledge
from siu.verdict.scores import Scores

__all__ = [
    "Assurance",
    "Knowledge",
    "Reading",
    "Scores",
    "Verdict",
    "VerdictName",
    "assess",
    "assurance",
    "verdict_on_unknown",
]
