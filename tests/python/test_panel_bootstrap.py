"""The wild cluster bootstrap against a direct implementation: dummies, every draw estimated."""

import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from credit_indices.stats.panel import bootstrap
from credit_indices.stats.panel.bootstrap import WEIGHTS, wild_cluster_bootstrap

WEBB = WEIGHTS["webb"].points
DESIGNS = ("two_way", "units", "periods", "none")


def panel(seed=0, n_units=12, n_periods=6, k=3, present=1.0, effect=0.0):
    draw = np.random.default_rng(seed)
    units, periods = np.nonzero(draw.random((n_units, n_periods)) < present)
    shape = (units.size, k)
    x = draw.normal(size=shape) + draw.normal(size=(n_units, k))[units] + periods[:, None] / 3
    y = draw.normal(size=units.size) * np.exp(draw.normal(size=n_units)[units] / 2)
    y += draw.normal(size=n_units)[units] + periods + effect * x[:, 0]
    return y, x, units, periods


def dummies(design, units, periods):
    columns = [np.ones((units.size, 1))]
    if design in ("two_way", "units"):
        columns.append(np.equal.outer(units, np.unique(units)))
    if design in ("two_way", "periods"):
        columns.append(np.equal.outer(periods, np.unique(periods)))
    return np.hstack(columns).astype(float)


def estimate(y, design, x, clusters, nested):
    """Coefficients and CR1 errors of columns x given a design matrix, from rows."""
    full = np.hstack([x, design])
    solution = np.linalg.pinv(full)
    residual = y - full @ (solution @ y)
    own = solution[: x.shape[1]] * residual
    scores = np.stack([own[:, clusters == g].sum(axis=1) for g in np.unique(clusters)])
    n, groups = y.size, len(scores)
    k = np.linalg.matrix_rank(full) - nested
    factor = (n - 1) / (n - k) * groups / (groups - 1)
    return (solution @ y)[: x.shape[1]], np.sqrt(factor * np.sum(scores**2, axis=0))


def long_way(y, x, units, periods, design, weights, clusters=None):
    """T statistics of the data, (k,), and of every draw of weights (B, N), (B, k)."""
    clusters = units if clusters is None else clusters
    matrix = dummies(design, units, periods)
    nested = np.unique(units).size - 1 if design in ("two_way", "units") else 0
    b, se = estimate(y, matrix, x, clusters, nested)
    codes = np.unique(clusters, return_inverse=True)[1]
    t = np.empty((len(weights), x.shape[1]))
    for j in range(x.shape[1]):
        restricted = np.hstack([np.delete(x, j, axis=1), matrix])
        fitted = restricted @ (np.linalg.pinv(restricted) @ y)
        for i, draw in enumerate(weights):
            again = fitted + draw[codes] * (y - fitted)
            drawn, error = estimate(again, matrix, x, clusters, nested)
            t[i, j] = drawn[j] / error[j]
    return b, se, t


def effects_of(design):
    return {
        "has_unit_effects": design in ("two_way", "units"),
        "has_period_effects": design in ("two_way", "periods"),
    }


CASES = {
    "balanced": dict(),
    "unbalanced": dict(present=0.7, seed=1),
    "more_periods_than_units": dict(n_units=6, n_periods=14, present=0.8, seed=2),
    "thin": dict(n_units=15, n_periods=5, present=0.45, k=2, seed=3),
}


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("case", CASES)
def test_every_draw_is_the_full_regression(case, design):
    y, x, units, periods = panel(**CASES[case])
    n_units = np.unique(units).size
    weights = WEBB[np.random.default_rng(9).integers(6, size=(15, n_units))]
    b, se, expected = long_way(y, x, units, periods, design, weights)
    result = wild_cluster_bootstrap(y, x, units, periods, draws=9, **effects_of(design))
    assert result.coefficients == pytest.approx(b, rel=1e-10)
    assert result.std_errors == pytest.approx(se, rel=1e-10)

    codes = np.unique(units, return_inverse=True)[1]
    effects = effects_of(design).values()
    frame = bootstrap._frame(y, x, codes, periods, codes, *effects)
    for j in range(x.shape[1]):
        numerator, squares = frame.test(j).statistics(weights.T)
        found = numerator / np.sqrt(frame.cr1_factor * squares)
        assert found == pytest.approx(expected[:, j], rel=1e-10, abs=1e-10)


def test_disconnected_and_singleton_units():
    y, x, units, periods = panel(n_units=14, n_periods=8, seed=5)
    keep = ((units < 7) == (periods < 4)) & ((units > 0) | (periods == 0))
    y, x, units, periods = y[keep], x[keep], units[keep], periods[keep]
    weights = WEBB[np.random.default_rng(9).integers(6, size=(10, 14))]
    b, se, expected = long_way(y, x, units, periods, "two_way", weights)
    frame = bootstrap._frame(y, x, units, periods, units, True, True)
    assert frame.effects.period_rank == 8 - 2
    numerator, squares = frame.test(1).statistics(weights.T)
    found = numerator / np.sqrt(frame.cr1_factor * squares)
    assert found == pytest.approx(expected[:, 1], rel=1e-10)
    result = wild_cluster_bootstrap(y, x, units, periods, draws=9)
    assert result.coefficients == pytest.approx(b, rel=1e-10)
    assert result.std_errors == pytest.approx(se, rel=1e-10)


def test_clusters_of_several_units():
    y, x, units, periods = panel(n_units=20, present=0.8, seed=6)
    clusters = units // 2
    weights = WEBB[np.random.default_rng(9).integers(6, size=(10, 10))]
    _, se, expected = long_way(y, x, units, periods, "two_way", weights, clusters)
    frame = bootstrap._frame(y, x, units, periods, clusters, True, True)
    numerator, squares = frame.test(0).statistics(weights.T)
    found = numerator / np.sqrt(frame.cr1_factor * squares)
    assert found == pytest.approx(expected[:, 0], rel=1e-10)
    result = wild_cluster_bootstrap(y, x, units, periods, clusters=clusters, draws=9)
    assert result.std_errors == pytest.approx(se, rel=1e-10)
    assert result.n_clusters == 10


@pytest.mark.parametrize("weights", WEIGHTS)
def test_p_value_counts_the_draws_that_reach_the_data(weights):
    y, x, units, periods = panel(n_units=10, seed=8, effect=0.15)
    result = wild_cluster_bootstrap(y, x, units, periods, draws=199, seed=3, weights=weights)
    points, probabilities = WEIGHTS[weights]
    generator = np.random.default_rng(3)
    if probabilities is None:
        drawn = points[generator.integers(points.size, size=(199, 10), dtype=np.uint8)]
    else:
        drawn = generator.choice(points, size=(199, 10), p=probabilities)
    _, _, t = long_way(y, x, units, periods, "two_way", drawn)
    # With few points, draws equal to the data up to rounding count.
    reached = np.sum(np.abs(t) >= np.abs(result.t_statistics) * (1 - 1e-9), axis=0)
    assert result.p_values.tolist() == ((1 + reached) / 200).tolist()
    assert (result.draws, result.seed, result.weights) == (199, 3, weights)
    assert result.n_clusters == 10


@pytest.mark.parametrize("weights", WEIGHTS)
def test_weights_have_mean_zero_and_variance_one(weights):
    points, probabilities = WEIGHTS[weights]
    if probabilities is None:
        probabilities = np.full(points.size, 1 / points.size)
    assert probabilities.sum() == pytest.approx(1)
    assert probabilities @ points == pytest.approx(0, abs=1e-15)
    assert probabilities @ points**2 == pytest.approx(1)


def test_higher_moments_of_weights_are_those_published():
    # Mammen (1993): third moment 1. Webb (2023): fourth 7/6. Davidson & Flachaire (2008): fourth 1.
    points, probabilities = WEIGHTS["mammen"]
    assert probabilities @ points**3 == pytest.approx(1)
    assert (WEIGHTS["webb"].points ** 4).mean() == pytest.approx(7 / 6)
    assert (WEIGHTS["rademacher"].points ** 4).mean() == 1


def test_unknown_weights_are_an_error():
    message = f"bootstrap_weights is 'normal'; expected one of {', '.join(WEIGHTS)}."
    with pytest.raises(ValueError, match=message):
        wild_cluster_bootstrap(*panel(), draws=9, weights="normal")


def test_draws_equal_to_the_data_count():
    # Equal weights, a sixth of all draws with two clusters, give the t of the data up to rounding.
    y, x, units, periods = panel(n_units=2, n_periods=30, k=1, seed=1, effect=5.0)
    result = wild_cluster_bootstrap(y, x, units, periods, draws=5_999, **effects_of("none"))
    points = np.random.default_rng(bootstrap.SEED).integers(6, size=(5_999, 2), dtype=np.uint8)
    ties = np.count_nonzero(points[:, 0] == points[:, 1])
    assert result.p_values[0] * 6_000 - 1 >= ties > 900


def test_row_order_codes_and_shifts_do_not_matter():
    y, x, units, periods = panel(present=0.8, seed=4, effect=0.2)
    before = wild_cluster_bootstrap(y, x, units, periods, draws=999)
    order = np.random.default_rng(1).permutation(y.size)
    names = np.array([f"unit {u:03d}" for u in units])
    permuted = y[order], x[order], names[order], 2000 + periods[order]
    again = wild_cluster_bootstrap(*permuted, draws=999)
    assert again.p_values.tobytes() == before.p_values.tobytes()
    assert again.t_statistics.tobytes() == before.t_statistics.tobytes()
    shifted = wild_cluster_bootstrap(1e3 * y + 1e6, x / 1e4 + 1e6, units, periods, draws=999)
    assert shifted.t_statistics == pytest.approx(before.t_statistics, rel=1e-4)
    assert shifted.p_values == pytest.approx(before.p_values, abs=2 / 999)


SCRIPT = """
import sys; sys.path.insert(0, sys.argv[1])
from test_panel_bootstrap import panel
from credit_indices.stats.panel.bootstrap import wild_cluster_bootstrap
import hashlib
y, x, units, periods = panel(n_units=31, n_periods=10, k=5, seed=2)
r = wild_cluster_bootstrap(y, x, units, periods, draws=999)
print(hashlib.sha256(r.p_values.tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_hash_seed_and_threads_do_not_matter():
    y, x, units, periods = panel(n_units=31, n_periods=10, k=5, seed=2)
    here = wild_cluster_bootstrap(y, x, units, periods, draws=999).p_values.tobytes()
    for threads, hash_seed in (("1", "0"), ("2", "77")):
        environment = os.environ | {
            "PYTHONHASHSEED": hash_seed,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
        }
        printed = subprocess.run(
            [sys.executable, "-c", SCRIPT, os.path.dirname(__file__)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert printed.strip() == hashlib.sha256(here).hexdigest()


def test_size_under_the_null_and_power_under_the_alternative():
    rejected, powerful, trials = 0, 0, 300
    for seed in range(trials):
        y, x, units, periods = panel(seed=seed, n_units=10, n_periods=5, k=1)
        p = wild_cluster_bootstrap(y, x, units, periods, draws=399).p_values[0]
        rejected += p < 0.1
        y = y + 1.5 * x[:, 0]
        powerful += wild_cluster_bootstrap(y, x, units, periods, draws=399).p_values[0] < 0.1
    assert 0.05 < rejected / trials < 0.16
    assert powerful / trials > 0.8


def test_it_is_fast_at_the_size_of_the_paper():
    frame = panel(n_units=31, n_periods=10, k=5)
    wild_cluster_bootstrap(*frame, draws=99)
    start = time.perf_counter()
    wild_cluster_bootstrap(*frame)
    assert time.perf_counter() - start < 1.0


def test_many_clusters_get_no_bootstrap():
    y, x, units, periods = panel(n_units=30, n_periods=3, k=1)
    assert wild_cluster_bootstrap(y, x, units, periods, max_clusters=29) is None
    assert wild_cluster_bootstrap(y, x, units, periods, max_clusters=30, draws=9) is not None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y, x, u, t: (y * np.nan, x, u, t), "missing values"),
        (lambda y, x, u, t: (y, np.c_[x, x[:, 0]], u, t), "collinear"),
        (lambda y, x, u, t: (y, np.c_[x, u], u, t), "effects absorb a regressor"),
        (lambda y, x, u, t: (y, np.c_[x, 0 * u], u, t), "effects absorb a regressor"),
        (lambda y, x, u, t: (y, x, 0 * u, t), "at least two clusters"),
        (lambda y, x, u, t: (y, x, u, None), "period of every row"),
        (lambda y, x, u, t: (y[:9], x[:9], u[:9], t[:9]), "9 rows are too few for 9 parameters"),
    ],
)
def test_invalid_bootstrap_input_is_an_error(change, message):
    frame = panel(n_units=12, n_periods=6, k=3)
    with pytest.raises(ValueError, match=message):
        wild_cluster_bootstrap(*change(*frame), draws=9)


def test_units_that_straddle_clusters_are_an_error():
    y, x, units, periods = panel()
    with pytest.raises(ValueError, match="every unit must lie in one cluster"):
        wild_cluster_bootstrap(y, x, units, periods, clusters=periods, draws=9)
    result = wild_cluster_bootstrap(
        y, x, units, periods, clusters=periods, draws=9, **effects_of("periods")
    )
    assert result.n_clusters == 6
