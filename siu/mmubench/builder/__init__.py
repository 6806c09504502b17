"""Building a benchmark from folders of pictures."""

from siu.mmubench.builder.build import Benchmark, build_benchmark
from siu.mmubench.builder.candidates import Drop
from siu.mmubench.builder.chosen import Chosen
from siu.mmubench.builder.source import read_source

__all__ = ["Benchmark", "Chosen", "Drop", "build_benchmark", "read_source"]
