"""Judges that rate answers for G-Eval: an OpenAI-compatible endpoint or a local model."""

from siu.mmubench.judge.asking import Judge
from siu.mmubench.judge.choose import load_judge
from siu.mmubench.judge.rating import rate

__all__ = ["Judge", "load_judge", "rate"]
