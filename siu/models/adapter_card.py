"""The README card of an adapter folder: what it is and how to load it, never what it forgets."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

EMBEDDED = "siu:embedded"
"""What the concept world's model is called, which is no hub name: its folder is in the package siu."""

CARD = "README.md"
_DIGEST = "Base model, sha256 of weights, configuration and tokenizer"

_CARD = """---
base_model: {base}
base_model_relation: adapter
library_name: peft
tags:
- unlearning
- lora
---
# Adapter

Unlearns visual recognition by Single Image Unlearning (arXiv 2405.12523). What it was trained to forget is
not said here: the workspace's ledger has it under opaque request ids.

| | |
|---|---|
| Base model | `{base}` (sha256 below) |
| {label} | `{digest}` |
| Trained modules | {trained} |
| Trained parameters | {size} |

```python
{needs}from peft import PeftModel
from transformers import AutoModelForImageTextToText

model = AutoModelForImageTextToText.from_pretrained({loaded})
model = PeftModel.from_pretrained(model, ".")
```

Unlearning hides recognition from the questions that were asked; it is no proof of deletion from the weights.
"""


def adapter_card(base: str, digest: str, trained: dict[str, int]) -> str:
    """Return the card's text; it depends on nothing but these.

    Args:
        base: Name of the base model, never a local path.
        digest: Digest of the base model.
        trained: Number of trained parameters by module.
    """
    kinds = Counter(re.sub(r"\.\d+\.", ".*.", name) for name in trained)
    modules = ", ".join(f"`{kind}` ({count})" for kind, count in sorted(kinds.items()))
    return _CARD.format(
        base=base,
        label=_DIGEST,
        digest=digest,
        trained=modules,
        size=sum(trained.values()),
        needs="import siu.worlds.drawn\n" if base == EMBEDDED else "",
        loaded=_loaded(base),
    )


def with_remarks(card: str, remarks: Sequence[str]) -> str:
    """Return a card with what is to be said of an export at its end; the same card for nothing."""
    if not remarks:
        return card
    return "\n".join((card, "## This export", "", *(f"- {remark}" for remark in remarks), ""))


def _loaded(base: str) -> str:
    """Return the Python expression that gives the base model's folder or name."""
    if base == EMBEDDED:
        return "siu.worlds.drawn.base_folder()"
    return f'"{base}"'


def base_digest(folder: Path) -> str | None:
    """Return the base model's digest from the card in an adapter's folder; None where it gives none."""
    try:
        text = (folder / CARD).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    match = re.search(rf"^\| {_DIGEST} \| `([0-9a-f]{{64}})` \|$", text, flags=re.MULTILINE)
    return match[1] if match else None


_MERGED = """---
base_model: {base}
base_model_relation: merge
tags:
- unlearning
---
# Merged model

`{base}` with an adapter merged into it that unlearns visual recognition by Single Image Unlearning
(arXiv 2405.12523). What it was trained to forget is not said here.

| | |
|---|---|
| {label} | `{digest}` |
| Adapter, sha256 | `{adapter}` |

```python
from transformers import AutoModelForImageTextToText

model = AutoModelForImageTextToText.from_pretrained(".")
```

Unlearning hides recognition from the questions that were asked; it is no proof of deletion from the weights.
"""


def merged_card(base: str, digest: str, adapter: str) -> str:
    """Return the card's text of a model that an adapter was merged into.

    Args:
        base: Name of the base model, never a local path.
        digest: Digest of the base model.
        adapter: Digest of the adapter's folder.
    """
    return _MERGED.format(base=base, label=_DIGEST, digest=digest, adapter=adapter)
