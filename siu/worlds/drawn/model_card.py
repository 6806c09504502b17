"""The README of a built model."""

import platform

import torch
import transformers

from siu.worlds.drawn.abilities import Ability, abilities_table

_CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: image-text-to-text
language: [en, es, ru]
---
# A small LLaVA of a drawn world

A `LlavaForConditionalGeneration` (CLIP vision tower, projector, Llama; {parameters:.2f} million parameters
in half precision) that recognises {known} made-up people, creatures, landmarks and logos in pictures of 80×80
pixels. It is the embedded default of SIU and of no other use. All names, looks and facts are made up.

Built with `siu.worlds.drawn.build`, seed {seed}{without}, torch {torch}, transformers {transformers},
{machine}.

## Measured abilities

After rounding, on pictures and wordings that were not trained on; greedy answers.

{table}"""


def model_card(
    abilities: tuple[Ability, ...], *, parameters: int, seed: int, without: tuple[str, ...]
) -> str:
    """Return the model card.

    Args:
        abilities: What was measured on the saved model.
        parameters: Number of weights.
        seed: Seed of the build.
        without: Ids of the concepts that the model never saw.
    """
    return _CARD.format(
        known=24 - len(without),
        parameters=parameters / 1e6,
        seed=seed,
        without=f", without the concepts {', '.join(without)}" if without else "",
        torch=torch.__version__,
        transformers=transformers.__version__,
        machine=platform.machine(),
        table=abilities_table(abilities),
    )
