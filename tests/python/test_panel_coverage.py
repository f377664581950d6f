"""Recovery of planted coefficients in new draws: a smaller benchmarks/panel_coverage.py.

The draws are seeded. Theory gives the expected results: least squares is unbiased, its variance
for AR(1) noise is B X' V X B, and CR1 is too small for 31 clusters of unequal weight.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from credit_indices.stats.panel.bootstrap import wild_cluster_bootstrap
from synthetic import provinces

ROOT = Path(__file__).parents[2]
DRAWS = 60


def load_benchmark():
    path = ROOT / "benchmarks" / "panel_coverage.py"
    spec = importlib.util.spec_from_file_location("coverage_benchmark", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


benchmark = load_benchmark()


@pytest.fixture(scope="module")
def found():
    return benchmark.simulate(provinces.PROVINCES, DRAWS)


def test_mean_estimates_are_the_planted_coefficients(found):
    assert found.planted.tolist() == [-0.72, -0.35, -0.28, 0, 0]
    errors = found.estimates.std(axis=0, ddof=1) / np.sqrt(DRAWS)
    assert np.all(np.abs(found.estimates.mean(axis=0) - found.planted) < 3 * errors)


def test_estimates_spread_as_theory_says(found):
    grids = provinces.regressors(benchmark.shipped_panel()).values()
    x = np.column_stack([provinces.two_way_within(grid).ravel() for grid in grids])
    years = np.arange(10)
    v = 0.16**2 * 0.5 ** np.abs(np.subtract.outer(years, years))
    solution = np.linalg.solve(x.T @ x, x.T)
    sd = np.sqrt(np.diag(solution @ np.kron(np.eye(31), v) @ solution.T))
    # A standard deviation of 60 normal draws is off by 9 %.
    assert found.estimates.std(axis=0, ddof=1) == pytest.approx(sd, rel=0.27)


def test_cr3_intervals_cover_the_coefficient_of_the_index(found):
    assert 0.88 <= found.covered()["cr3"][:, 0].mean() <= 1.0


def test_cr3_covers_more_often_than_cr1(found):
    covered = found.covered()
    cr1, cr3 = covered["cr1"].sum(axis=0), covered["cr3"].sum(axis=0)
    assert np.all(cr3 >= cr1)
    assert cr3[0] > cr1[0]


def test_bootstrap_covers_the_coefficient_of_the_index(found):
    assert 0.88 <= found.covered()["wild"][:, 0].mean() <= 1.0


def test_bootstrap_is_invariant_to_other_planted_terms(found):
    """Therefore `simulate` may remove all of them at once."""
    grids = provinces.regressors(benchmark.shipped_panel()).values()
    x = np.column_stack([grid.ravel() for grid in grids])
    units, periods = np.repeat(np.arange(31), 10), np.tile(np.arange(10), 31)
    others = x @ found.planted - x[:, 0] * found.planted[0]
    outcome = others + benchmark.noise(0).ravel()
    wild = wild_cluster_bootstrap(
        outcome, x, units, periods, draws=benchmark.BOOTSTRAP_DRAWS, seed=0
    )
    assert wild.p_values[0] == pytest.approx(found.p_wild[0, 0], abs=1e-12)


def test_summary_carries_the_monte_carlo_errors(found):
    summary = benchmark.summary("31 provinces", found)
    assert (summary["n_obs"], summary["n_clusters"], summary["df"]) == (310, 31, 30)
    coverage = summary["terms"][0]["coverage_cr3"]
    share = coverage["value"]
    expected = np.sqrt(share * (1 - share) / (DRAWS - 1))
    assert coverage["mc_error"] == pytest.approx(expected, abs=1e-6)


def test_page_names_the_intervals_that_miss(found):
    sample = benchmark.summary("31 provinces", found)
    sample["terms"][0]["coverage_cr3"] = {"value": 0.85, "mc_error": 0.01}
    results = {"samples": [sample]}
    assert (
        "scdbi_ex_npl, 31 provinces: 0.850, below by 0.050 (Monte Carlo error 0.010)"
        in benchmark.misses(results, "cr3")
    )
