"""SIU's multifaceted fine-tuning data: the four targets of a concept."""

from siu.finetuning_data.build import build_data, build_rehearsal, picture_paths
from siu.finetuning_data.composites import Composite, make_composites
from siu.finetuning_data.held_out import held_out_concepts
from siu.finetuning_data.sample import FinetuningData, Sample, load_data, save_data
from siu.finetuning_data.views import make_views
from siu.substitutes import choose_substitutes

__all__ = [
    "Composite",
    "FinetuningData",
    "Sample",
    "build_data",
    "build_rehearsal",
    "choose_substitutes",
    "held_out_concepts",
    "load_data",
    "make_composites",
    "make_views",
    "picture_paths",
    "save_data",
]
