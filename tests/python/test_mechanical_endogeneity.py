"""A smaller benchmarks/mechanical_endogeneity.py: its shortcut is exact, and its findings hold."""

import importlib.util
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from credit_indices.stats.panel import parse
from credit_indices.stats.panel.estimate import estimate
from credit_indices.stats.panel.moments import moments
from synthetic import provinces as made

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
DRAWS = 100


def load_benchmark():
    sys.path.insert(0, str(BENCHMARKS))  # it imports neighbouring scripts
    try:
        path = BENCHMARKS / "mechanical_endogeneity.py"
        spec = importlib.util.spec_from_file_location("mechanical_endogeneity", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(BENCHMARKS))
    return module


benchmark = load_benchmark()


@pytest.fixture(scope="module")
def fixed():
    return benchmark.design()


@pytest.fixture(scope="module")
def drawn(fixed):
    return benchmark.outcomes(fixed, made.FR_NOISE_SD, DRAWS, made.FR_NOISE_AR)


@pytest.mark.parametrize("weight", [0.0, 0.05, 0.5])
def test_draw_equals_the_projects_estimate(fixed, drawn, weight):
    outcome = drawn[7]
    columns = {
        "unit_id": np.repeat(made.PROVINCES, 10),
        "period": np.tile(made.YEARS, 31),
        "fr": outcome.ravel(),
        "index": benchmark.index_with(fixed, outcome, weight).ravel(),
    }
    names = ("ln_pgdp", "fin", "rd", "gov")
    columns |= {name: grid.ravel() for name, grid in zip(names, fixed.controls, strict=True)}
    with duckdb.connect() as connection:
        connection.register("panel", pa.table({n: pa.array(c) for n, c in columns.items()}))
        fit = estimate(moments(connection, "panel", parse(benchmark.FORMULA)))
    found = benchmark.regress(
        fixed, drawn[7:8], benchmark.cross_products(fixed, drawn[7:8]), weight
    )
    assert found.df == fit.df
    assert found.estimates[0] == pytest.approx(fit.coefficients[0], rel=1e-9)
    assert found.errors_cr1[0] == pytest.approx(fit.std_errors[0], rel=1e-9)
    assert found.errors_cr3[0] == pytest.approx(fit.std_errors_cr3[0], rel=1e-9)


def test_the_index_with_the_shipped_weight_is_the_shipped_index(fixed):
    panel = benchmark.shipped_panel()
    scores, weights = made.entropy_index(panel, made.INDICATORS)
    assert fixed.shipped_weight == weights["npl_ratio_percent"]
    found = benchmark.index_with(fixed, panel["npl_ratio_percent"], fixed.shipped_weight)
    np.testing.assert_allclose(found, 100 * scores, rtol=1e-10)


def test_the_weights_are_those_of_the_warehouse_and_of_the_paper(fixed, shipped):
    assert fixed.shipped_weight == pytest.approx(
        shipped.value(
            "select global_weight from marts.index_weights where index_code = 'scdbi' "
            "and scheme = 'headline' and indicator_code = 'npl_ratio'"
        ),
        rel=1e-9,
    )
    assert fixed.printed_weight == 0.205


def test_coefficient_falls_and_rejections_rise_with_weight(fixed, drawn):
    cross = benchmark.cross_products(fixed, drawn)
    found = [benchmark.regress(fixed, drawn, cross, weight) for weight in (0, 0.006, 0.2, 0.5)]
    means = [draws.estimates.mean() for draws in found]
    assert means == sorted(means, reverse=True)
    rejected = [draws.rejected(draws.errors_cr3).mean() for draws in found]
    # Of 100 draws with 5 % each, 12 or more would reject once in 200.
    assert rejected[0] < 0.12
    assert rejected[1] == pytest.approx(rejected[0], abs=0.02)
    assert rejected[3] > 0.2


def test_summary_has_the_shipped_and_the_published_weight(fixed):
    noise = benchmark.simulate(fixed, made.FR_NOISE_SD, 5)
    weights = [row["weight"] for row in noise["weights"]]
    assert round(fixed.shipped_weight, 6) in weights
    assert 0.205 in weights
    page = benchmark.as_markdown(
        {
            "packages": {},
            "formula": benchmark.FORMULA,
            "draws": 5,
            "shipped_weight": round(fixed.shipped_weight, 6),
            "printed_weight": fixed.printed_weight,
            "noises": [noise | {"what": "A few draws."}],
        }
    )
    assert "| 0.9 (shipped) | " in page
    assert "| 20.5 (paper) | " in page
