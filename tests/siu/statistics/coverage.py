"""How often intervals hold the true value: simulated pictures and studies, methods that were weighed.

`python -m tests.siu.statistics.coverage` prints the tables of docs/experiments/2026-11-29-coverage.md.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri, stdtrit

from siu.statistics.clusters import Limits, cluster_mean
from siu.statistics.shares import share_bound, share_interval

Array = NDArray[np.float64]
Ends = tuple[Array, Array]
"""(samples,) lower and (samples,) upper ends."""
ASKED = 20
"""Answers that a run of a simulated study is measured on."""


@dataclass(frozen=True)
class Sampled:
    """Samples of one design.

    Attributes:
        design: What was simulated.
        values: (samples, units, answers or seeds).
        truth: The mean that an interval is to hold.
    """

    design: str
    values: Array
    truth: float


def pictures(samples: int, seed: int = 1) -> Iterator[Sampled]:
    """Yield answers that pass or not, some pictures harder (beta-binomial, correlation rho)."""
    rng = np.random.default_rng(seed)
    for count, questions in ((4, 2), (8, 2), (10, 2), (20, 1), (20, 4), (60, 2)):
        for truth in (0.5, 0.8, 0.95, 0.99):
            for rho in (0.0,) if questions == 1 else (0.0, 0.3, 0.7, 1.0):
                shares = _shares(rng, (samples, count), truth, rho)
                values = (rng.random((samples, count, questions)) < shares[:, :, None]).astype(np.float64)
                if rho == 1.0:
                    values[:] = values[:, :, :1]
                yield Sampled(f"{count} pictures × {questions}, {truth:g}, rho {rho:g}", values, truth)


def _shares(rng: np.random.Generator, shape: tuple[int, int], mean: float, rho: float) -> Array:
    if rho in (0.0, 1.0):
        return np.full(shape, mean)
    scale = (1 - rho) / rho
    return rng.beta(mean * scale, (1 - mean) * scale, shape)


def shares_of_studies(samples: int, seed: int = 2) -> Iterator[Sampled]:
    """Yield shares measured on concepts × seeds: smooth, skewed, and with concepts that a method fails on."""
    rng = np.random.default_rng(seed)
    for concepts, seeds in ((8, 3), (6, 2), (4, 1)):
        shape, name = (samples, concepts), f"{concepts} × {seeds}"
        for a, b in ((9, 1), (2, 0.5), (40, 1)):
            yield Sampled(f"{name}, beta({a}, {b:g})", _runs(rng, rng.beta(a, b, shape), seeds), a / (a + b))
        for fails, left in ((0.1, 0.2), (0.05, 0.5), (0.3, 0.3), (0.3, 0.0), (0.2, 0.0)):
            share = np.where(rng.random(shape) < fails, left, 0.98)
            truth = fails * left + (1 - fails) * 0.98
            yield Sampled(f"{name}, {fails:g} of concepts at {left:g}", _runs(rng, share, seeds), truth)


def differences_of_studies(samples: int, seed: int = 3) -> Iterator[Sampled]:
    """Yield paired differences on concepts × seeds; the last two designs are no roughly normal ones."""
    rng = np.random.default_rng(seed)
    for concepts, seeds in ((8, 3), (6, 2), (4, 1)):
        shape, name = (samples, concepts), f"{concepts} × {seeds}"
        effect = rng.normal(0.05, 0.1, shape)[:, :, None]
        noise = rng.normal(0, 0.05, (samples, concepts, seeds))
        yield Sampled(f"{name}, normal", effect + noise, 0.05)
        ours, theirs = rng.beta(9, 1, shape), rng.beta(4, 1, shape)
        yield Sampled(f"{name}, beta shares", _runs(rng, ours, seeds) - _runs(rng, theirs, seeds), 0.1)
        heavy = 0.05 * rng.standard_t(3, shape)
        yield Sampled(f"{name}, heavy tails", heavy[:, :, None] + 0 * noise, 0.0)
        skewed = rng.gamma(4, 0.0125, shape)
        yield Sampled(f"{name}, mildly skewed", skewed[:, :, None] + 0 * noise, 0.05)
        skewed = rng.exponential(0.05, shape)
        yield Sampled(f"{name}, skewed (exponential)", skewed[:, :, None] + 0 * noise, 0.05)
        ruined = np.where(rng.random(shape) < 0.1, 0.2, 0.98)
        values = _runs(rng, np.full(shape, 0.98), seeds) - _runs(rng, ruined, seeds)
        yield Sampled(f"{name}, 1 concept in 10 ruined", values, 0.078)


def _runs(rng: np.random.Generator, shares: Array, seeds: int) -> Array:
    return rng.binomial(ASKED, np.repeat(shares[:, :, None], seeds, axis=2)) / ASKED


def chosen_share(values: Array) -> Ends:
    """The chosen interval of a share over pictures."""
    weights = [float(values.shape[2])] * values.shape[1]
    return _ends([share_interval(list(unit), weights) for unit in values.sum(axis=2)])


def chosen_bound(values: Array) -> Array:
    """The one-sided bound that gates are held against."""
    weights = [float(values.shape[2])] * values.shape[1]
    return np.array([share_bound(list(unit), weights) for unit in values.sum(axis=2)])


def all_answers_pass(values: Array) -> Array:
    """The same with pictures that pass only if all their answers do: a lower share, a stricter bound."""
    passed, weights = values.min(axis=2), [1.0] * values.shape[1]
    return np.array([share_bound(list(unit), weights) for unit in passed])


def chosen_mean(values: Array, limits: Limits, *, paired: bool) -> Ends:
    """The chosen interval of a mean over concepts × seeds."""
    clusters = [str(concept) for concept in range(values.shape[1]) for _ in range(values.shape[2])]
    means = [cluster_mean(list(sample.ravel()), clusters, limits, paired=paired) for sample in values]
    return _ends([(mean.low, mean.high) for mean in means])


def percentile(values: Array, draws: int = 400) -> Ends:
    """The percentile bootstrap over units."""
    units = values.mean(axis=2)
    count = units.shape[1]
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), size=draws) / count
    low, high = np.quantile(units @ drawn.T, (0.025, 0.975), axis=1)
    return low, high


def two_stages(values: Array, draws: int = 400) -> Ends:
    """The percentile bootstrap of concepts, then of their seeds."""
    rng = np.random.default_rng(0)
    _, concepts, seeds = values.shape
    drawn = (
        rng.integers(concepts, size=(draws, concepts, 1)),
        rng.integers(seeds, size=(draws, concepts, seeds)),
    )
    means = np.array([sample[drawn].mean(axis=(1, 2)) for sample in values])
    low, high = np.quantile(means, (0.025, 0.975), axis=1)
    return low, high


def bias_corrected(values: Array, draws: int = 999) -> Ends:
    """The BCa bootstrap over units (Efron 1987)."""
    units = values.mean(axis=2)
    count = units.shape[1]
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), size=draws) / count
    means, mean = units @ drawn.T, units.mean(axis=1)
    below = (means < mean[:, None] - 1e-12).mean(axis=1) + (abs(means - mean[:, None]) <= 1e-12).mean(
        axis=1
    ) / 2
    bias = ndtri(np.clip(below, 1 / draws, 1 - 1 / draws))
    from_mean = mean[:, None] - units
    spread = 6 * ((from_mean**2).sum(axis=1)) ** 1.5
    pull = np.divide((from_mean**3).sum(axis=1), spread, out=np.zeros_like(spread), where=spread > 0)
    ends = []
    for z in (-1.96, 1.96):
        at = ndtr(bias + (bias + z) / (1 - pull * (bias + z)))
        ends.append(np.array([np.quantile(row, place) for row, place in zip(means, at, strict=True)]))
    return ends[0], ends[1]


def students_t(values: Array) -> Ends:
    """Student's t over the units' means."""
    units = values.mean(axis=2)
    count, mean = units.shape[1], units.mean(axis=1)
    reach = stdtrit(count - 1, 0.975) * units.std(axis=1, ddof=1) / np.sqrt(count)
    return mean - reach, mean + reach


def effective_sample(values: Array) -> Ends:
    """Clopper-Pearson at the effective sample size, as surveys have it (Korn and Graubard 1998)."""
    units = values.mean(axis=2)
    count, mean = units.shape[1], units.mean(axis=1)
    variance = units.var(axis=1, ddof=1) / count
    narrower = (stdtrit(values[0].size - 1, 0.975) / stdtrit(count - 1, 0.975)) ** 2
    trials = np.divide(
        mean * (1 - mean) * narrower, variance, out=np.full_like(mean, count), where=variance > 1e-15
    )
    trials = np.clip(trials, count / 2, values[0].size)
    passed = mean * trials
    low = np.where(passed <= 1e-9, 0, betaincinv(np.maximum(passed, 1e-9), trials - passed + 1, 0.025))
    failed = trials - passed
    high = np.where(failed <= 1e-9, 1, 1 - betaincinv(np.maximum(failed, 1e-9), trials - failed + 1, 0.025))
    return low, high


def covered(ends: Ends, truth: float) -> float:
    """Return how often the interval holds the truth; an interval that is None holds nothing."""
    low, high = ends
    return float(np.mean((low <= truth + 1e-9) & (truth <= high + 1e-9)))


def _ends(intervals: Sequence[tuple[float | None, float | None] | None]) -> Ends:
    pairs = np.array([interval or (np.nan, np.nan) for interval in intervals], dtype=np.float64)
    return pairs[:, 0], pairs[:, 1]


def _table(designs: Iterator[Sampled], methods: dict[str, Callable[[Array], Ends]]) -> None:
    _write("| design | " + " | ".join(methods) + " |")
    _write("|---" * (len(methods) + 1) + "|")
    for sampled in designs:
        cells = []
        for method in methods.values():
            ends = method(sampled.values)
            cells.append(f"{covered(ends, sampled.truth):.3f} ({np.nanmean(ends[1] - ends[0]):.2f})")
        _write(f"| {sampled.design} | " + " | ".join(cells) + " |")


def _bounds(designs: Iterator[Sampled]) -> None:
    _write("| design | fractional successes | all answers pass |\n|---|---|---|")
    for sampled in designs:
        bounds = (chosen_bound(sampled.values), all_answers_pass(sampled.values))
        cells = [f"{np.mean(bound <= sampled.truth + 1e-9):.3f} ({bound.mean():.2f})" for bound in bounds]
        _write(f"| {sampled.design} | " + " | ".join(cells) + " |")


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    _table(
        pictures(2000),
        {
            "chosen": chosen_share,
            "effective sample": effective_sample,
            "percentile": percentile,
            "t": students_t,
        },
    )
    _bounds(pictures(2000))
    earlier = {"two-stage percentile": two_stages, "BCa": bias_corrected, "t": students_t}
    exact = {"chosen": lambda values: chosen_mean(values, (0.0, 1.0), paired=False)}
    _table(shares_of_studies(1000), exact | earlier | {"effective sample": effective_sample})
    paired = {"chosen": lambda values: chosen_mean(values, (-1.0, 1.0), paired=True)}
    _table(differences_of_studies(1000), paired | earlier)
