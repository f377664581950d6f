"""Panel estimates from moments against dummies, linearmodels, statsmodels and textbooks."""

from itertools import pairwise

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.iv import IV2SLS
from linearmodels.panel import PanelOLS
from numpy.testing import assert_allclose
from scipy import stats
from scipy.sparse.csgraph import connected_components
from statsmodels.datasets import grunfeld

import credit_indices.stats.panel.moments as moments_module
from credit_indices.stats.panel.estimate import estimate, regress, wald
from credit_indices.stats.panel.formula import Formula, FormulaError, factors, interaction, parse
from credit_indices.stats.panel.moments import PanelError, moments, row_meat

# Ignore unclosed resources of dbt: dbt-duckdb opens an event loop per thread.
pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")

EFFECTS = {"two": "unit_id + period", "unit": "unit_id", "period": "period", "none": "0"}


def frame_of(cells: list[tuple[int, int]], seed: int = 3) -> pd.DataFrame:
    """Rows for the given (unit, period), with regressors correlated with units and periods."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(cells, columns=["unit_id", "period"])
    units, periods = rng.normal(size=(500, 5)), rng.normal(size=(500, 5))
    both = units[frame.unit_id] + periods[frame.period]
    error = rng.normal(size=(len(frame), 6))
    frame["z1"], frame["z2"] = (both[:, :2] + error[:, :2]).T
    frame["d"] = frame.z1 - 0.5 * frame.z2 + both[:, 2] + error[:, 2] + error[:, 5]
    frame["x1"], frame["x2"] = (both[:, 3:] + error[:, 3:5]).T
    frame["y"] = 0.7 * frame.x1 - 0.2 * frame.x2 + 0.4 * frame.d + both.sum(axis=1) + error[:, 5]
    frame["y"] += units[frame.unit_id, 0] * frame.period / 10  # correlated within units
    frame["period"] += 2000
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def some_cells(n_units: int, n_periods: int, share: float, seed: int) -> list[tuple[int, int]]:
    kept = np.random.default_rng(seed).random((n_units, n_periods)) < share
    return [(int(i), int(t)) for i, t in np.argwhere(kept)]


def all_cells(n_units: int, n_periods: int) -> list[tuple[int, int]]:
    return some_cells(n_units, n_periods, 2.0, 0)


PANELS = {
    "balanced": all_cells(15, 8),
    "unbalanced": some_cells(20, 9, 0.6, 1),
    "rotating": [(i, t) for i in range(24) for t in range(i % 8, i % 8 + 4)],
    "disconnected": [(i, t) for i in range(20) for t in range(10) if (i < 9) == (t < 4)],
    "singletons": [*some_cells(14, 7, 0.7, 2), *((i, i % 7) for i in range(20, 26))],
    "more periods than bits": some_cells(56, 54, 0.15, 4),
    "more periods than units": some_cells(9, 55, 0.5, 5),
    "balanced, many periods": all_cells(6, 54),
    "one row moved": [*(c for c in all_cells(8, 8) if c not in ((0, 0), (1, 1))), (8, 0), (8, 1)],
}


@pytest.fixture
def database():
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        yield connection


@pytest.fixture(params=PANELS)
def panel(request):
    return frame_of(PANELS[request.param])


def fit_of(database, frame, formula, **options):
    database.register("panel", frame)
    return regress(database, "panel", formula, **options)


def dummies(frame: pd.DataFrame, effects: str) -> tuple[np.ndarray, int]:
    """Dummies of full column rank for the effects; the rank of periods beyond units (or 1)."""
    unit = pd.get_dummies(frame.unit_id).to_numpy(float)
    period = pd.get_dummies(frame.period).to_numpy(float)
    first = unit if effects in ("two", "unit") else np.ones((len(frame), 1))
    if effects in ("unit", "none"):
        return first, 0
    if effects == "period":
        return np.column_stack([first, period[:, 1:]]), period.shape[1] - 1
    # Connected units and periods share one constant: leave out one period of each component.
    meets = period.T @ unit
    part = connected_components(meets @ meets.T)[1]
    kept = np.setdiff1d(np.arange(len(part)), np.unique(part, return_index=True)[1])
    return np.column_stack([first, period[:, kept]]), len(kept)


def residuals(frame: pd.DataFrame, effects: str, names: list[str]) -> np.ndarray:
    """Residuals of the columns on the dummies, by least squares on the rows."""
    columns = frame[names].to_numpy(float)
    design = dummies(frame, effects)[0]
    return columns - design @ np.linalg.lstsq(design, columns, rcond=None)[0]


# --- against independent implementations


@pytest.mark.parametrize("effects", EFFECTS)
def test_ols_and_cr1_are_those_of_statsmodels_with_dummies(database, panel, effects):
    fit = fit_of(database, panel, f"y ~ x1 + x2 + d | {EFFECTS[effects]}")
    design, period_rank = dummies(panel, effects)
    regressors = panel[["x1", "x2", "d"]].to_numpy()
    if effects == "none":  # the constant comes first, as in our terms
        matrix = np.column_stack([design, regressors])
        shown = slice(0, 4)
    else:
        matrix, shown = np.column_stack([regressors, design]), slice(0, 3)
    oracle = sm.OLS(panel.y.to_numpy(), matrix).fit(
        cov_type="cluster", cov_kwds={"groups": panel.unit_id.to_numpy()}, use_t=True
    )
    n, k = matrix.shape
    counted = 3 + 1 + period_rank
    # statsmodels counts every dummy: (n - 1)/(n - k) x N/(N - 1); here K leaves unit effects out.
    expected = oracle.cov_params()[shown, shown] * (n - k) / (n - counted)
    assert fit.status == "ok"
    assert (fit.n_obs, fit.k_counted, fit.df) == (n, counted, panel.unit_id.nunique() - 1)
    assert_allclose(fit.coefficients, oracle.params[shown], rtol=1e-8, atol=1e-10)
    assert_allclose(fit.vcov, expected, rtol=1e-8, atol=1e-11)
    assert_allclose(fit.rss, oracle.ssr, rtol=1e-8)
    assert_allclose(fit.r2_overall, 1 - oracle.ssr / ((panel.y - panel.y.mean()) ** 2).sum())
    within = residuals(panel, effects, ["y"])
    if effects == "none":
        assert np.isnan(fit.r2_within)
    else:
        assert_allclose(fit.r2_within, 1 - oracle.ssr / (within**2).sum(), rtol=1e-8)


def test_two_way_estimates_are_those_of_linearmodels(database, panel):
    fit = fit_of(database, panel, "y ~ x1 + x2 + d | unit_id + period")
    indexed = panel.set_index(["unit_id", "period"])
    oracle = PanelOLS(
        indexed.y,
        indexed[["x1", "x2", "d"]],
        entity_effects=True,
        time_effects=True,
        singletons=True,
    ).fit(
        cov_type="clustered",
        cluster_entity=True,
        debiased=True,
        group_debias=True,
        auto_df=False,
        count_effects=False,
    )
    # linearmodels, effects uncounted: (n - 1)/(n - k) x N/(N - 1); ours has n - K.
    n, k = fit.n_obs, 3
    factor = (n - k) / (n - fit.k_counted)
    assert_allclose(fit.coefficients, oracle.params, rtol=1e-8)
    assert_allclose(fit.vcov, oracle.cov * factor, rtol=1e-8, atol=1e-11)
    assert_allclose(fit.r2_within, oracle.rsquared, rtol=1e-8)  # of the doubly demeaned model


@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.slow
def test_cr3_and_range_equal_explicit_deletion(database, panel, effects):
    fit = fit_of(database, panel, f"y ~ x1 + x2 + d | {EFFECTS[effects]}")
    n = fit.n_clusters
    some = range(0, n, 1 if n <= 26 else 7)
    deleted = []
    for unit in np.array(sorted(panel.unit_id.unique()))[some]:
        left = panel[panel.unit_id != unit]
        design = np.column_stack([dummies(left, effects)[0], left[["x1", "x2", "d"]]])
        coefficients = np.linalg.lstsq(design, left.y.to_numpy(), rcond=None)[0]
        deleted.append(coefficients if effects == "none" else coefficients[-3:])
    assert_allclose(fit.leave_one_out[some], deleted, rtol=1e-8, atol=1e-10)
    difference = fit.leave_one_out - fit.coefficients
    expected = (n - 1) / n * difference.T @ difference
    assert_allclose(fit.cr3, expected, rtol=1e-8, atol=1e-12)
    assert_allclose(fit.leave_one_out_range[:, 0], fit.leave_one_out.min(axis=0))
    assert_allclose(fit.leave_one_out_range[:, 1], fit.leave_one_out.max(axis=0))


@pytest.mark.parametrize("name", ["balanced", "unbalanced", "disconnected"])
@pytest.mark.parametrize("effects", EFFECTS)
def test_2sls_is_that_of_linearmodels_on_demeaned_rows(database, name, effects):
    panel = frame_of(PANELS[name])
    fit = fit_of(database, panel, f"y ~ x1 + x2 | {EFFECTS[effects]} | d ~ z1 + z2")
    names = ["y", "x1", "x2", "d", "z1", "z2"]
    if effects == "none":
        rows = panel[names].assign(const=1.0)
        exogenous = ["const", "x1", "x2"]
    else:
        rows = pd.DataFrame(residuals(panel, effects, names), columns=names)
        exogenous = ["x1", "x2"]
    oracle = IV2SLS(rows.y, rows[exogenous], rows[["d"]], rows[["z1", "z2"]]).fit(
        cov_type="clustered", clusters=panel.unit_id.to_numpy(), debiased=False
    )
    # debiased=False is CR0 in linearmodels.
    n, clusters = fit.n_obs, fit.n_clusters
    factor = (n - 1) / (n - fit.k_counted) * clusters / (clusters - 1)
    assert_allclose(fit.coefficients, oracle.params, rtol=1e-8, atol=1e-10)
    assert_allclose(fit.cr0, oracle.cov, rtol=1e-8, atol=1e-11)
    assert_allclose(fit.vcov, oracle.cov * factor, rtol=1e-8, atol=1e-11)
    assert_allclose(fit.rss, (oracle.resids**2).sum(), rtol=1e-8)

    deleted = []
    for unit in sorted(panel.unit_id.unique()):
        left = panel[panel.unit_id != unit]
        if effects == "none":
            kept = left[names].assign(const=1.0)
        else:
            kept = pd.DataFrame(residuals(left, effects, names), columns=names)
        z = kept[[*exogenous, "z1", "z2"]].to_numpy()
        x = kept[[*exogenous, "d"]].to_numpy()
        projected = z @ np.linalg.lstsq(z, x, rcond=None)[0]
        deleted.append(np.linalg.lstsq(projected, kept.y.to_numpy(), rcond=None)[0])
    assert_allclose(fit.leave_one_out, deleted, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", ["balanced", "unbalanced", "disconnected"])
@pytest.mark.parametrize("effects", EFFECTS)
def test_hc1_is_that_of_statsmodels_with_dummies(database, name, effects):
    panel = frame_of(PANELS[name])
    fit = fit_of(database, panel, f"y ~ x1 + d | {EFFECTS[effects]}", cluster="")
    design, _ = dummies(panel, effects)
    matrix = np.column_stack([design, panel[["x1", "d"]]])
    oracle = sm.OLS(panel.y.to_numpy(), matrix).fit(cov_type="HC1", use_t=True)
    shown = slice(0, None) if effects == "none" else slice(-2, None)
    # Rows nest no effects: K counts them all, as statsmodels does.
    assert (fit.vcov_type, fit.df, fit.cr3) == ("HC1", oracle.df_resid, None)
    assert_allclose(fit.vcov, oracle.cov_params()[shown, shown], rtol=1e-8, atol=1e-11)
    assert_allclose(fit.p_values, oracle.pvalues[shown], rtol=1e-6, atol=1e-12)
    assert_allclose(fit.intervals, oracle.conf_int()[shown], rtol=1e-7)


def test_hc1_of_2sls_is_that_of_linearmodels(database):
    panel = frame_of(PANELS["unbalanced"])
    fit = fit_of(database, panel, "y ~ x1 | unit_id + period | d ~ z1 + z2", cluster="")
    rows = pd.DataFrame(
        residuals(panel, "two", ["y", "x1", "d", "z1", "z2"]), columns=["y", "x1", "d", "z1", "z2"]
    )
    oracle = IV2SLS(rows.y, rows[["x1"]], rows[["d"]], rows[["z1", "z2"]]).fit(cov_type="robust")
    assert_allclose(fit.cr0, oracle.cov, rtol=1e-8)
    assert_allclose(fit.vcov, oracle.cov * fit.n_obs / fit.df, rtol=1e-8)


@pytest.mark.parametrize("name", ["balanced", "unbalanced", "more periods than bits"])
@pytest.mark.parametrize("effects", EFFECTS)
@pytest.mark.slow
def test_clusters_of_several_units(database, name, effects):
    panel = frame_of(PANELS[name])
    panel["province"] = "p" + (panel.unit_id % 6).astype(str)
    fit = fit_of(database, panel, f"y ~ x1 + d | {EFFECTS[effects]}", cluster="province")
    design, period_rank = dummies(panel, effects)
    columns = np.column_stack([design, panel[["x1", "d"]]])
    oracle = sm.OLS(panel.y.to_numpy(), columns).fit(
        cov_type="cluster", cov_kwds={"groups": panel.province.to_numpy()}, use_t=True
    )
    n, k = columns.shape
    shown = slice(0, None) if effects == "none" else slice(-2, None)
    factor = (n - k) / (n - 3 - period_rank)
    assert fit.df == 5
    assert fit.n_units == panel.unit_id.nunique()
    assert_allclose(fit.vcov, oracle.cov_params()[shown, shown] * factor, rtol=1e-8, atol=1e-11)

    deleted = []
    for province in sorted(panel.province.unique()):
        left = panel[panel.province != province]
        design = np.column_stack([dummies(left, effects)[0], left[["x1", "d"]]])
        coefficients = np.linalg.lstsq(design, left.y.to_numpy(), rcond=None)[0]
        deleted.append(coefficients if effects == "none" else coefficients[-2:])
    assert_allclose(fit.leave_one_out, deleted, rtol=1e-8, atol=1e-10)


def test_joint_test_is_that_of_statsmodels(database):
    panel = frame_of(PANELS["unbalanced"])
    fit = fit_of(database, panel, "y ~ x1 + x2 + d | 0")
    design = sm.add_constant(panel[["x1", "x2", "d"]])
    oracle = sm.OLS(panel.y, design).fit(
        cov_type="cluster", cov_kwds={"groups": panel.unit_id}, use_t=True
    )
    expected = oracle.f_test(np.eye(4)[1:3])
    test = wald(fit, ["x1", "x2"])
    assert (test.df1, test.df2) == (2, fit.n_clusters - 1)
    assert_allclose([test.f, test.p_value], [expected.fvalue, expected.pvalue], rtol=1e-8)
    assert wald(fit, np.eye(4)[1:3]) == test
    assert_allclose(wald(fit, "d").f, fit.statistics[3] ** 2)
    assert_allclose(wald(fit, "d").p_value, fit.p_values[3])
    assert_allclose(wald(fit, "d", fit.cr3).f, fit.coefficients[3] ** 2 / fit.cr3[3, 3])
    assert np.isnan(wald(fit, ["x1", "x1"]).f)
    with pytest.raises(ValueError, match="q has no coefficient; expected one of"):
        wald(fit, "q")
    with pytest.raises(ValueError, match=r"expected \(q, 4\)"):
        wald(fit, [[1.0, 0.0]])


def test_p_values_intervals_and_stars_agree(database):
    fit = fit_of(database, frame_of(PANELS["unbalanced"]), "y ~ x1 + x2 | unit_id + period")
    errors = np.sqrt(np.diag(fit.vcov))
    assert_allclose(fit.p_values, 2 * stats.t.sf(abs(fit.coefficients / errors), fit.df))
    half = stats.t.ppf(0.975, fit.df) * errors
    assert_allclose(fit.intervals[:, 1] - fit.coefficients, half)
    for p_value, stars in zip(fit.p_values, fit.stars, strict=True):
        expected = "***" if p_value < 0.01 else "**" if p_value < 0.05 else ""
        assert stars == (expected or ("*" if p_value < 0.1 else ""))


def test_scores_and_bread_give_the_covariance(database):
    for effects in EFFECTS.values():
        fit = fit_of(database, frame_of(PANELS["rotating"]), f"y ~ x1 + x2 | {effects} | d ~ z1")
        assert_allclose(fit.scores.sum(axis=0), 0, atol=1e-9)
        meat = fit.scores.T @ fit.scores
        assert_allclose(fit.bread @ meat @ fit.bread, fit.cr0, rtol=1e-9, atol=1e-13)


# --- published


@pytest.fixture(scope="module")
def grunfeld_ten():
    """Grunfeld's data, the ten firms of Baltagi and of R's plm (statsmodels has eleven)."""
    data = grunfeld.load_pandas().data
    return data[data.firm != "American Steel"].rename(columns={"firm": "unit_id", "year": "period"})


# Baltagi (2008), Econometric Analysis of Panel Data, Tables 2.1 and 3.1; Croissant & Millo (2008),
# Journal of Statistical Software 27(2): within 0.110124 and 0.310065. Errors are classical.
@pytest.mark.parametrize(
    ("effects", "n_effects", "coefficients", "errors"),
    [
        ("0", 1, [-42.714, 0.116, 0.231], [9.512, 0.006, 0.025]),
        ("unit_id", 10, [0.110, 0.310], [0.012, 0.017]),
        ("unit_id + period", 29, [0.118, 0.358], [0.014, 0.023]),
    ],
)
def test_grunfeld_estimates_are_as_published(
    database, grunfeld_ten, effects, n_effects, coefficients, errors
):
    fit = fit_of(database, grunfeld_ten, f"invest ~ value + capital | {effects}")
    assert (fit.n_obs, fit.n_units, fit.n_periods) == (200, 10, 20)
    assert_allclose(fit.coefficients, coefficients, atol=5.01e-4)
    classical = fit.bread * fit.rss / (200 - n_effects - 2)
    assert_allclose(np.sqrt(np.diag(classical)), errors, atol=5.01e-4)


def test_grunfeld_within_is_that_of_plm(database, grunfeld_ten):
    fit = fit_of(database, grunfeld_ten, "invest ~ value + capital | unit_id")
    assert_allclose(fit.coefficients, [0.110124, 0.310065], atol=5.01e-7)


# --- invariance


def test_order_threads_and_names_do_not_matter(database):
    for name in ("balanced", "unbalanced"):
        panel = frame_of(PANELS[name])
        fit = fit_of(database, panel, "y ~ x1 | unit_id + period | d ~ z1")
        names = {"y": "order", "x1": "union", "d": 'the "d"', "z1": "z`1: a"}
        odd = panel.sample(frac=1, random_state=9).rename(columns=names)
        odd = odd.rename(columns={"unit_id": 'unit "id"', "period": "group by"})
        odd['unit "id"'] = "it's " + odd['unit "id"'].astype(str).str.zfill(3)
        odd["group by"] = pd.to_datetime(odd["group by"].astype(str)).dt.date
        database.execute("set threads = 1")
        formula = 'order ~ union | unit_id + period | `the "d"` ~ `z``1: a`'
        same = fit_of(database, odd, formula, unit='unit "id"', period="group by")
        database.execute("set threads = 2")
        assert same.terms == ("union", '`the "d"`')
        for value in ("coefficients", "vcov", "cr3", "leave_one_out"):
            assert_allclose(getattr(same, value), getattr(fit, value), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("effects", EFFECTS)
def test_shifted_variables_have_the_same_slopes(database, effects):
    for name in ("balanced", "unbalanced"):
        panel = frame_of(PANELS[name])
        formula = f"y ~ x1 + x2 | {EFFECTS[effects]} | d ~ z1 + z2"
        fit = fit_of(database, panel, formula)
        moved = panel.copy()
        moved[["y", "x1", "x2", "d", "z1", "z2"]] += 1e6
        again = fit_of(database, moved, formula)
        assert_allclose(again.coefficients[-3:], fit.coefficients[-3:], rtol=1e-9, atol=1e-9)
        assert_allclose(again.vcov[-3:, -3:], fit.vcov[-3:, -3:], rtol=1e-8, atol=1e-9)
        assert_allclose(again.cr3[-3:, -3:], fit.cr3[-3:, -3:], rtol=1e-8, atol=1e-9)


def test_distant_levels_keep_full_precision(database):
    panel = frame_of(PANELS["unbalanced"])
    fit = fit_of(database, panel, "y ~ x1 + x2 | unit_id + period")
    for column in ("y", "x1"):
        panel[column] += 3e3 * panel.unit_id
    again = fit_of(database, panel, "y ~ x1 + x2 | unit_id + period")
    assert again.status == "ok", again.message
    assert_allclose(again.coefficients, fit.coefficients, rtol=1e-8)
    assert_allclose(again.vcov, fit.vcov, rtol=1e-7)


def test_many_rows_with_a_large_level(database):
    database.execute(
        "create table panel as select u as unit_id, t as period, 1e6 + hash(u * 7 + t) / 1e19 as x,"
        " 1e6 + 3 * x + hash(u + 31 * t) / 1e19 as y from range(20000) a(u), range(10) b(t)"
    )
    for effects in EFFECTS.values():
        level = regress(database, "panel", f"y ~ x | {effects}")
        moved = "(select unit_id, period, x - 1e6 as x, y - 4e6 as y from panel)"
        fit = regress(database, moved, f"y ~ x | {effects}")
        assert_allclose(level.coefficients[-1], fit.coefficients[-1], rtol=1e-9)
        assert_allclose(level.vcov[-1, -1], fit.vcov[-1, -1], rtol=1e-8)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(4, 9),
    st.integers(2, 6),
    st.floats(0.4, 1.0),
    st.sampled_from(sorted(EFFECTS)),
)
@settings(max_examples=25, deadline=None)
def test_any_panel_is_fitted_as_least_squares_on_rows_would(
    seed, n_units, n_periods, share, effects
):
    cells = some_cells(n_units, n_periods, share, seed)
    if not cells:
        return
    frame = frame_of(cells, seed)
    rows = residuals(frame, effects, ["y", "x1", "x2"])
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        fit = fit_of(connection, frame, f"y ~ x1 + x2 | {EFFECTS[effects]}")
    if fit.status != "ok":  # too small: not enough rows or units
        design, _ = dummies(frame, effects)
        assert len(frame) <= design.shape[1] + 2 or frame.unit_id.nunique() < 3
        return
    if np.linalg.cond(rows[:, 1:]) > 1e3:
        return
    expected = np.linalg.lstsq(rows[:, 1:], rows[:, 0], rcond=None)[0]
    assert_allclose(fit.coefficients[-2:], expected, rtol=1e-8, atol=1e-8)


# --- the moments themselves


def test_moments_are_those_of_the_rows(database):
    for name, effects in (("balanced", "two"), ("unbalanced", "two"), ("unbalanced", "none")):
        panel = frame_of(PANELS[name]).sort_values(["unit_id", "period"])
        database.register("panel", panel)
        formula = parse(f"y ~ x1 | {EFFECTS[effects]} | d ~ z1")
        found = moments(database, "panel", formula)
        rows = residuals(panel, effects, list(formula.terms))
        if effects == "none":
            rows = np.insert(rows, 1, 1.0, axis=1)
            assert found.terms == ("y", "(Intercept)", "x1", "d", "z1")
            assert (found.exogenous, found.endogenous, found.instruments) == ([1, 2], [3], [4])
        else:
            assert found.terms == ("y", "x1", "d", "z1")
            assert (found.exogenous, found.endogenous, found.instruments) == ([1], [2], [3])
        groups = panel.unit_id.to_numpy()
        expected = [rows[groups == u].T @ rows[groups == u] for u in np.unique(groups)]
        assert found.units == tuple(str(u) for u in np.unique(groups))
        assert_allclose(found.cross, expected, atol=1e-9)
        assert_allclose(found.total, rows.T @ rows, atol=1e-9)
        assert_allclose(found.counts, np.unique(groups, return_counts=True)[1])
        centred = panel[list(formula.terms)] - panel[list(formula.terms)].mean()
        kept = [0, *range(len(found.terms) - 3, len(found.terms))]
        assert_allclose(found.raw_total[np.ix_(kept, kept)], centred.T @ centred, rtol=1e-9)
        assert found.is_balanced == (name == "balanced")


@pytest.mark.parametrize(
    ("name", "rank"),
    [("balanced", 7), ("unbalanced", 8), ("disconnected", 8), ("more periods than units", 54)],
)
def test_period_rank_leaves_out_one_period_per_component(database, name, rank):
    database.register("panel", frame_of(PANELS[name]))
    found = moments(database, "panel", parse("y ~ x1 | unit_id + period"))
    assert found.period_rank == rank
    assert moments(database, "panel", parse("y ~ x1 | unit_id")).period_rank == 0
    assert moments(database, "panel", parse("y ~ x1 | period")).period_rank == found.n_periods - 1


def test_the_period_system_is_that_of_the_rows(database):
    for effects in ("two", "period"):
        panel = frame_of(PANELS["unbalanced"])
        panel["province"] = panel.unit_id % 6
        for cluster in ("unit_id", "province"):
            database.register("panel", panel)
            formula = parse(f"y ~ x1 | {EFFECTS[effects]}")
            found = moments(database, "panel", formula, cluster=cluster)
            system = found.period_system
            period = pd.get_dummies(panel.period).to_numpy(float)
            rows = residuals(panel, effects, ["y", "x1"])
            demeaned = period
            if effects == "two":
                demeaned = period - pd.DataFrame(period).groupby(panel.unit_id).transform("mean")
            assert_allclose(system.total, demeaned.T @ demeaned, atol=1e-12)
            for position, name in enumerate(sorted(panel[cluster].unique())):
                at = (panel[cluster] == name).to_numpy()
                part = np.asarray(demeaned)[at]
                assert_allclose(system.block(position), part.T @ part, atol=1e-12)
                assert_allclose(system.sums[position], part.T @ rows[at], atol=1e-9)
                assert_allclose(system.counts[position], period[at].sum(axis=0))


def test_interactions_are_products_of_columns(database):
    panel = frame_of(PANELS["balanced"])
    panel["both"] = panel.x1 * panel.x2
    fit = fit_of(database, panel, "y ~ x1*x2 | unit_id + period")
    assert fit.terms == ("x1", "x2", "x1:x2")
    again = fit_of(database, panel, "y ~ x1 + x2 + both | unit_id + period")
    assert_allclose(fit.coefficients, again.coefficients, rtol=1e-10)
    assert_allclose(fit.vcov, again.vcov, rtol=1e-10)


def test_rows_with_a_missing_value_are_left_out_and_counted(database):
    panel = frame_of(PANELS["balanced"])
    kept = panel.drop(index=range(6))
    expected = fit_of(database, kept, "y ~ x1 + x2 | unit_id + period")
    table = pa.Table.from_pandas(panel, preserve_index=False)
    columns = {name: table[name].to_pylist() for name in table.column_names}
    columns["y"][0] = None
    columns["x1"][1] = columns["y"][2] = float("nan")
    columns["x2"][3] = None
    columns["unit_id"][4] = None
    columns["period"][5] = None
    fit = fit_of(database, pa.table(columns), "y ~ x1 + x2 | unit_id + period")
    assert (fit.n_obs, fit.n_dropped) == (len(panel) - 6, 6)
    assert fit.message == "left out: 6 rows with a missing value"
    assert_allclose(fit.coefficients, expected.coefficients, rtol=1e-12)
    assert_allclose(fit.vcov, expected.vcov, rtol=1e-11)


def test_integers_decimals_and_booleans_are_numbers(database):
    database.execute(
        "create table panel as select u as unit_id, t as period, cast((u * 7 + t * t) % 5 as "
        "decimal(9, 2)) as x, (u + t) % 3 = 0 as flag, cast((u * t) % 7 as tinyint) as y "
        "from range(9) a(u), range(6) b(t)"
    )
    fit = regress(database, "panel", "y ~ x + flag | unit_id + period")
    frame = database.execute("select * from panel").df().astype(float)
    rows = residuals(frame, "two", ["y", "x", "flag"])
    expected = np.linalg.lstsq(rows[:, 1:], rows[:, 0], rcond=None)[0]
    assert_allclose(fit.coefficients, expected, rtol=1e-9)


def test_another_engine_may_quote_and_answer_in_its_own_way(database):
    class Result:
        def __init__(self, table):
            self.table = table

        def toArrow(self):
            return self.table

    class Engine:
        def sql(self, text):
            assert '"' not in text
            return Result(database.execute(text.replace("`", '"')).to_arrow_table())

    panel = frame_of(PANELS["unbalanced"])
    expected = fit_of(database, panel, "y ~ x1 | unit_id + period")

    def backticks(name):
        return f"`{name}`"

    fit = regress(Engine(), "panel", "y ~ x1 | unit_id + period", quote=backticks)
    assert_allclose(fit.coefficients, expected.coefficients, rtol=1e-12)


def test_large_panels_skip_expensive_results(database, monkeypatch):
    panel = frame_of(PANELS["unbalanced"])
    monkeypatch.setattr(moments_module, "SYSTEM_CLUSTERS", 5)
    fit = fit_of(database, panel, "y ~ x1 | unit_id + period")
    assert fit.status == "ok"
    assert fit.cr3 is None
    assert "too large for 20 clusters and 9 periods)" in fit.message
    assert fit_of(database, panel, "y ~ x1 | unit_id").cr3 is not None
    assert (
        fit_of(database, frame_of(PANELS["balanced"]), "y ~ x1 | unit_id + period").cr3 is not None
    )
    assert fit_of(database, panel, "y ~ x1 | unit_id + period", cr3=False).message == ""


# --- bad input


def refused(database, frame, formula, status, *words, **options):
    fit = fit_of(database, frame, formula, **options)
    assert fit.status == status, (fit.status, fit.message)
    for word in words:
        assert word in fit.message
    assert np.all(np.isnan(fit.coefficients))
    assert np.all(np.isnan(fit.p_values))
    assert np.all(np.isnan(fit.intervals))
    assert len(fit.stars) == len(fit.terms)
    return fit


@pytest.mark.parametrize("name", ["balanced", "unbalanced", "more periods than units"])
def test_an_absorbed_variable_is_named(database, name):
    panel = frame_of(PANELS[name])
    panel["fixed"] = 1e5 + panel.unit_id * 0.1
    panel["year"] = panel.period * 1.7
    panel["sum"] = panel.fixed + np.sin(panel.period)
    two = "unit_id + period"
    for variable in ("fixed", "year", "sum"):
        bad = ("not_identified", f"{variable} does not vary beyond the effects of unit_id and")
        refused(database, panel, f"y ~ x1 + {variable} | {two}", *bad)
        refused(database, panel, f"y ~ x1 | {two} | d ~ {variable}", *bad)
        refused(database, panel, f"y ~ x1 | {two} | {variable} ~ z1", *bad)
    refused(database, panel, "y ~ x1 + fixed | unit_id", "not_identified", "fixed does not vary")
    refused(database, panel, "y ~ x1 + year | period", "not_identified", "year does not vary")
    assert fit_of(database, panel, "y ~ x1 + fixed | period").status == "ok"
    assert fit_of(database, panel, "y ~ x1 + year | unit_id").status == "ok"
    refused(database, panel, f"fixed ~ x1 | {two}", "not_estimated", "fixed does not vary")


def test_variable_with_little_variation_is_estimated(database):
    panel = frame_of(PANELS["balanced"])
    expected = fit_of(database, panel, "y ~ x1 | unit_id + period").coefficients
    panel["density"] = 3000.0 * panel.unit_id + panel.x1 * 0.5  # within share about 1e-9
    fit = fit_of(database, panel, "y ~ density | unit_id + period")
    assert fit.status == "ok"
    assert_allclose(fit.coefficients, expected * 2, rtol=1e-6)


def test_collinear_terms_are_named(database):
    panel = frame_of(PANELS["unbalanced"])
    panel["mix"] = 2 * panel.x1 - panel.d + 4 * panel.period
    panel["copy"] = panel.x2 * 3
    panel["level"] = 1e3 * panel.unit_id + panel.x1
    two = "unit_id + period"
    words = ("not_identified", "mix is a linear combination of x1 and d beyond the effects")
    refused(database, panel, f"y ~ x1 + x2 + d + mix | {two}", *words)
    words = ("not_identified", "copy is a linear combination of x2")
    refused(database, panel, "y ~ x2 + copy | 0", *words)
    refused(database, panel, f"y ~ x2 | {two} | d ~ z1 + copy", *words)
    refused(database, panel, f"y ~ x2 | {two} | copy ~ z1 + z2", *words)
    words = ("not_identified", "level is a linear combination of x1")
    refused(database, panel, "y ~ x1 + x2 + level | unit_id", *words)


def test_constants_are_named(database):
    panel = frame_of(PANELS["unbalanced"]).assign(same=0.1, zero=0)
    for effects in EFFECTS.values():
        bad = ("not_identified", "same is constant over the")
        refused(database, panel, f"y ~ x1 + same | {effects}", *bad)
        refused(database, panel, f"y ~ zero | {effects}", "not_identified", "zero is constant")
        refused(database, panel, f"same ~ x1 | {effects}", "not_estimated", "same is constant")


def test_too_few_instruments(database):
    panel = frame_of(PANELS["balanced"])
    words = ("not_identified", "1 instrument for 2 endogenous variables")
    refused(database, panel, "y ~ 1 | unit_id | d + x1 ~ z1", *words)


def test_instruments_without_any_relevance(database):
    panel = frame_of(PANELS["balanced"])
    d, z, x = residuals(panel, "two", ["d", "z1", "x1"]).T
    others = np.column_stack([d, x])
    panel["idle"] = z - others @ np.linalg.lstsq(others, z, rcond=None)[0]
    words = (
        "not_identified",
        "the instruments do not shift d independently of the other regressors",
    )
    refused(database, panel, "y ~ x1 | unit_id + period | d ~ idle", *words)


def test_one_period_has_no_unit_effects(database):
    panel = frame_of([(i, 0) for i in range(20)])
    words = ("not_estimated", "one period only (2000)", "| 0 |")
    refused(database, panel, "y ~ x1 | unit_id + period", *words)
    refused(database, panel, "y ~ x1 | unit_id", *words)
    fit = fit_of(database, panel, "y ~ x1 | 0 | d ~ z1")
    assert fit.status == "ok"
    assert fit.k_counted == 3


def test_fewer_clusters_than_regressors(database):
    panel = frame_of(all_cells(2, 30))
    words = ("not_estimated", "2 clusters for 3 regressors")
    refused(database, panel, "y ~ x1 + x2 + d | unit_id", *words)
    refused(
        database,
        frame_of(all_cells(1, 30)),
        "y ~ x1 | 0",
        "not_estimated",
        "1 cluster for 2 regressors",
    )


def test_no_rows_or_none_complete(database):
    panel = frame_of(PANELS["balanced"])
    refused(
        database, panel[:0], "y ~ x1 | unit_id", "not_estimated", "no row of the panel has all of"
    )
    panel["x1"] = np.nan
    refused(
        database, panel, "y ~ x1 | unit_id", "not_estimated", "no row of the panel has all of y, x1"
    )


def test_as_many_parameters_as_rows(database):
    panel = frame_of(all_cells(3, 2))
    words = ("not_estimated", "6 rows for 6 parameters, effects included")
    refused(database, panel, "y ~ x1 + x2 | unit_id + period", *words)


def test_unknown_and_text_variables_are_named(database):
    panel = frame_of(PANELS["balanced"]).assign(name="a")
    words = ("not_estimated", "the panel has no column x11; it has", "did you mean x1?")
    fit = refused(database, panel, "y ~ x11 | unit_id", *words)
    assert fit.terms == ("x11",)
    refused(database, panel, "y ~ name | 0", "not_estimated", "the variable name is", "numbers")
    refused(database, panel, "y ~ x1 | 0", "not_estimated", "no column place", cluster="place")
    refused(database, panel, "y ~ ~", "not_estimated", "position 5")


def test_duplicate_rows_are_refused_under_two_way_effects(database):
    for cells in (
        [*all_cells(6, 5), (2, 3)],
        [*(c for c in all_cells(4, 4) if c not in ((0, 0), (1, 1))), (0, 1), (1, 0)],
        [*all_cells(60, 60), (2, 3)],
    ):
        panel = frame_of(cells)
        repeated = panel[panel.duplicated(["unit_id", "period"])].sort_values(["unit_id", "period"])
        first = repeated.iloc[0]
        words = (f"unit {first.unit_id:.0f} has 2 rows in period {first.period:.0f}",)
        refused(database, panel, "y ~ x1 | unit_id + period", "not_estimated", *words)
        assert fit_of(database, panel, "y ~ x1 | unit_id").status == "ok"
        assert fit_of(database, panel, "y ~ x1 | period").cr3 is not None


def test_infinite_values_are_named(database):
    panel = frame_of(PANELS["unbalanced"])
    panel.loc[3, "x2"] = np.inf
    for effects in EFFECTS.values():
        words = ("not_estimated", "x2 holds an infinite value")
        refused(database, panel, f"y ~ x1 + x2 | {effects}", *words)
    panel.loc[3, "x2"] = 1e200
    refused(database, panel, "y ~ x1 + x2 | unit_id", "not_estimated", "too large to square")


def test_a_unit_in_two_clusters_is_named(database):
    panel = frame_of(PANELS["balanced"])
    panel["province"] = (panel.period > 2003).astype(int)
    words = ("not_estimated", "unit 0 is in the clusters 0 and 1 of province")
    refused(database, panel, "y ~ x1 | unit_id + period", *words, cluster="province")
    assert fit_of(database, panel, "y ~ x1 | period", cluster="province").n_clusters == 2


def test_unidentified_deletion_leaves_cr3_out(database):
    for name in ("balanced", "unbalanced"):
        panel = frame_of(PANELS[name])
        panel["own"] = panel.x1 * (panel.unit_id == 3)  # varies in one unit only
        for effects in EFFECTS.values():
            fit = fit_of(database, panel, f"y ~ x2 + own | {effects}")
            assert fit.status == "ok"
            assert fit.cr3 is None
            assert fit.leave_one_out_range is None
            assert fit.message == "no CR3: without 3 the coefficients are not identified"
    fit = fit_of(database, panel, "y ~ 1 | unit_id | d ~ own")
    assert fit.cr3 is None


def test_moments_raise_what_regress_reports(database):
    database.register("panel", frame_of(PANELS["balanced"]))
    with pytest.raises(PanelError, match="no column x9"):
        moments(database, "panel", parse("y ~ x9 | unit_id"))
    found = moments(database, "panel", parse("y ~ x1 | unit_id"), cluster="")
    with pytest.raises(TypeError, match="HC1 needs the rows"):
        estimate(found)
    meat = estimate(found, meat=lambda b: row_meat(database, "panel", found, b))
    assert meat.status == "ok"


# --- formulas


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y ~ x", Formula("y", ("x",))),
        ("y~x1+x2|unit_id", Formula("y", ("x1", "x2"), ("unit_id",))),
        ("y ~ x | period + unit_id", Formula("y", ("x",), ("unit_id", "period"))),
        ("y ~ 1 + x | 0", Formula("y", ("x",))),
        ("y ~ x | 0 | d ~ z", Formula("y", ("x",), (), ("d",), ("z",))),
        ("y ~ x | d ~ z", Formula("y", ("x",), (), ("d",), ("z",))),
        ("y ~ 1 | unit_id | d ~ z", Formula("y", (), ("unit_id",), ("d",), ("z",))),
        ("y ~ | unit_id | d ~ z1 + z2", Formula("y", (), ("unit_id",), ("d",), ("z1", "z2"))),
        ("y ~ a*b", Formula("y", ("a", "b", "a:b"))),
        ("y ~ a*b*c", Formula("y", ("a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"))),
        ("y ~ a:b + b:a + a + a", Formula("y", ("a:b", "a"))),
        ("y ~ a:b*c", Formula("y", ("a:b", "c", "a:b:c"))),
        ("`a b` ~ `union` + 指数", Formula("`a b`", ("union", "指数"))),
        ("y ~ `x``1`:z.2", Formula("y", ("`x``1`:z.2",))),
        (
            "y ~ d:w | unit_id | d ~ z + z:w",
            Formula("y", ("d:w",), ("unit_id",), ("d",), ("z", "z:w")),
        ),
    ],
)
def test_formulas_are_read_as_fixest_reads_them(text, expected):
    assert parse(text) == expected


def test_a_formula_lists_its_terms_and_variables():
    formula = parse("y ~ a*b | unit_id | d ~ `z 1` + a:z2")
    assert formula.terms == ("y", "a", "b", "a:b", "d", "`z 1`", "a:z2")
    assert formula.regressors == ("a", "b", "a:b", "d")
    assert formula.variables == ("y", "a", "b", "d", "z 1", "z2")
    assert (formula.has_unit_effects, formula.has_period_effects) == (True, False)
    assert str(formula) == "y ~ a + b + a:b | unit_id | d ~ `z 1` + a:z2"


def test_effects_may_be_in_backticks():
    formula = parse("y ~ x | `unit_id` + period")
    assert (formula.has_unit_effects, formula.has_period_effects) == (True, True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "position 1: found the end, expected the name of a variable"),
        ("y", "position 2: found the end, expected '~' after the outcome"),
        ("y ~", "position 4: found the end, expected at least one regressor"),
        ("y ~ 1 | unit_id", "at least one regressor"),
        ("y ~ x +", "position 8: found the end, expected the name of a variable"),
        ("y ~ x x2", "position 7: found 'x2', expected an operator (+ : * ~ |) or the end"),
        ("y ~ x - 1", "position 7: found '-', expected an operator (+ : * ~ |) or the end"),
        ("y ~ 0 + x", "position 5: found '0', expected a variable or 1"),
        ("y ~ log(x)", "position 8: found '(', expected an operator (+ : * ~ |) or the end"),
        ("y ~ x | `region`", "position 9: found '`region`', expected unit_id, period or 0"),
        ("y ~ x | region", "position 9: found 'region', expected unit_id, period or 0"),
        (
            "y ~ x | unit_id + unit_id",
            "position 19: found 'unit_id', expected each fixed effect",
        ),
        ("y ~ x | unit_id^period", "position 16: found '^'"),
        ("y ~ x |", "position 8: found the end, expected unit_id, period or 0"),
        ("y ~ x | 0 | d", "position 14: found the end, expected '~' between endogenous"),
        ("y ~ x | 0 | d ~", "position 16: found the end, expected an instrument"),
        ("y ~ x | 0 | ~ z", "position 13: found '~', expected an endogenous variable"),
        (
            "y ~ x | 0 | d ~ z | w",
            "position 19: found '|', expected an operator",
        ),
        ("y:x ~ x", "position 1: found 'y', expected one variable as outcome"),
        ("y ~ x:x", "position 5: found 'x', expected different variables in x:x; for a square"),
        ("y ~ x*x", "different variables in x:x"),
        ("y ~ y", "y is the outcome and an exogenous regressor; expected every term in one place"),
        ("y ~ d | 0 | d ~ z", "d is an exogenous regressor and an endogenous regressor"),
        ("y ~ x | 0 | d ~ x", "x is an exogenous regressor and an instrument"),
        ("y ~ `x", "position 5: found '`'"),
    ],
)
def test_invalid_formula_message_has_position_and_expectation(text, message):
    with pytest.raises(FormulaError) as error:
        parse(text)
    assert message in str(error.value)


NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=6)


@given(
    st.lists(NAMES, min_size=4, max_size=9, unique=True),
    st.sampled_from([(), ("unit_id",), ("period",), ("unit_id", "period")]),
    st.booleans(),
    st.data(),
)
def test_a_formula_reads_back_as_itself(names, effects, is_instrumented, data):
    outcome, endogenous, instrument, *rest = (interaction([name]) for name in names)
    pairs = [interaction(pair) for pair in pairwise(names[3:])]
    exogenous = tuple(data.draw(st.permutations(rest + pairs)))
    formula = Formula(outcome, exogenous, effects)
    if is_instrumented:
        formula = Formula(outcome, exogenous, effects, (endogenous,), (instrument,))
    assert parse(str(formula)) == formula
    assert set(formula.variables) <= set(names)
    assert factors(interaction(names)) == tuple(names)


@given(st.text("y x1|~+:*0 `(", max_size=20))
def test_any_text_is_a_formula_or_a_formula_error(text):
    try:
        formula = parse(text)
    except FormulaError:
        return
    assert parse(str(formula)) == formula
