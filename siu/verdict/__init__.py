"""The verdict on one concept: records and findings held against the gates of ``params.yaml``."""

from siu.data.verdict_names import VerdictName
from siu.verdict.assess import Verdict, assess, verdict_on_unknown
from siu.verdict.assurance import Assurance, assurance
from siu.verdict.gate import Reading
from siu.verdict.scores import Scores

__all__ = [
    "Assurance",
    "Reading",
    "Scores",
    "Verdict",
    "VerdictName",
    "assess",
    "assurance",
    "verdict_on_unknown",
]
