"""What a picture can show, and what wordings are for: both decide in which words is asked."""

from typing import Literal

Kind = Literal["person", "creature", "landmark", "logo", "other"]
Split = Literal["train", "test"]
"""``train`` wordings may be trained on; ``test`` wordings are only ever measured."""
