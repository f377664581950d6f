"""Instrument diagnostics against rows and dummies, linearmodels, and published examples."""

from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from linearmodels.datasets import card, mroz
from linearmodels.iv import IVGMM
from linearmodels.iv.common import (
    cragg_donald_f,
    kleibergen_paap,
    kleibergen_paap_f,
)
from scipy import stats

from credit_indices.stats.panel import instruments as iv
from credit_indices.stats.panel.formula import parse
from credit_indices.stats.panel.moments import moments


class Rows:
    """A generated unbalanced panel with two-way effects, as rows and as moments."""

    def __init__(self, seed=0, units=25, periods=8, x=2, w=1, z=3, strength=1.0, effect=0.5):
        draw = np.random.default_rng(seed)
        keep = draw.random((units, periods)) < 0.8
        self.unit, self.period = np.nonzero(keep)
        n = self.unit.size
        shocks = draw.normal(size=(units, 1 + w))[self.unit] + draw.normal(size=(n, 1 + w))
        self.x = draw.normal(size=(n, x)) + draw.normal(size=(units, x))[self.unit]
        self.z = draw.normal(size=(n, z)) * np.exp(draw.normal(size=(units, 1))[self.unit] / 2)
        self.z += draw.normal(size=(units, z))[self.unit] + 0.3 * self.x[:, :1]
        first = draw.normal(size=(z, w)) * strength
        self.w = self.z @ first + self.x.sum(1, keepdims=True) + shocks[:, 1:] + shocks[:, :1]
        self.y = self.w.sum(1) * effect + self.x[:, 0] + shocks[:, 0] + self.period
        self.dummies = np.hstack([np.eye(units)[self.unit], np.eye(periods)[self.period][:, 1:]])
        self.n, self.units, self.period_rank = n, units, periods - 1

    @property
    def exogenous(self):
        return np.hstack([self.x, self.dummies])

    @property
    def blocks(self):
        values = np.column_stack([self.y, self.x, self.w, self.z])
        values = annihilate(values, self.dummies)
        cross = np.stack([g.T @ g for g in groups(values, self.unit)])
        return iv.partial_out(
            cross,
            n_exogenous=self.x.shape[1],
            n_endogenous=self.w.shape[1],
            n_obs=self.n,
            n_units=self.units,
            period_rank=self.period_rank,
            has_unit_effects=True,
        )

    @property
    def k_counted(self):
        """First-stage parameters without the nested unit effects."""
        return self.x.shape[1] + self.z.shape[1] + 1 + self.period_rank


def annihilate(values, x):
    return values - x @ np.linalg.lstsq(x, values)[0]


def groups(values, codes):
    return [values[codes == code] for code in np.unique(codes)]


def clustered_f(rows, outcome, tested, others, df=None):
    """Wald F of `tested` in a regression by rows, CR1, the unit effects not counted."""
    z = annihilate(tested, others)
    slopes = np.linalg.lstsq(z, outcome)[0]
    residual = annihilate(outcome, np.hstack([tested, others]))
    scores = np.stack([g.sum(0) for g in groups(z * residual[:, None], rows.unit)])
    bread = np.linalg.inv(z.T @ z)
    n, clusters = rows.n, rows.units
    factor = (n - 1) / (n - rows.k_counted) * clusters / (clusters - 1)
    vcov = factor * bread @ scores.T @ scores @ bread
    return slopes @ np.linalg.solve(vcov, slopes) / (df or tested.shape[1])


def cross_section(frame, y, x, w, z):
    """Blocks of a cross-section with every row a cluster: CR1 is then HC1."""
    values = frame[[y, *x, *w, *z]].dropna().to_numpy(float)
    values -= values.mean(axis=0)
    return iv.partial_out(
        values[:, :, None] * values[:, None, :],
        n_exogenous=len(x),
        n_endogenous=len(w),
        n_obs=len(values),
        n_units=len(values),
        period_rank=0,
        has_unit_effects=False,
    )


def as_if_homoskedastic(blocks):
    """Scores whose CR1 variance is the classical one, on n - K + 1 clusters: classical tests."""
    free = blocks.n_obs - blocks.n_parameters
    residual = (blocks.cross - blocks.coefficients.T @ blocks.coefficients) / free
    size, width = blocks.coefficients.shape
    scores = np.zeros((free + 1, size, width))
    root = np.linalg.cholesky(residual)
    scores[: size * width] = np.einsum("il,aj->ijla", np.eye(size), root).reshape(-1, size, width)
    classical = replace(blocks, scores=scores, n_clusters=free + 1)
    return replace(classical, scores=scores / np.sqrt(classical.cr1_factor))


REGIONS = [f"reg66{region}" for region in range(2, 10)]
CARD = "lwage", ["exper", "expersq", "black", "smsa", "south", "smsa66", *REGIONS], ["educ"]


@pytest.fixture(scope="module")
def women():
    everyone = mroz.load()
    return everyone[everyone["inlf"] == 1]


def test_card_1995_one_instrument():
    # R package ivreg2r, introduction: F 13.26, robust F 14.14, rk LM 14.03, robust AR F 5.76;
    # R package ivmodel, its tests: AR set 0.02480484 to 0.28482359 (classical errors).
    blocks = cross_section(card.load(), *CARD, ["nearc4"])
    assert iv.two_stage(blocks)[0] == pytest.approx(0.1315038, abs=1e-7)
    assert iv.cragg_donald(blocks) == pytest.approx(13.26, abs=0.005)
    assert iv.sanderson_windmeijer(blocks)[0].statistic == pytest.approx(14.14, abs=0.005)
    assert iv.kleibergen_paap(blocks) == pytest.approx(14.14, abs=0.005)
    assert iv.kleibergen_paap_lm(blocks).statistic == pytest.approx(14.03, abs=0.005)
    assert iv.anderson_rubin(blocks, [0.0]).statistic == pytest.approx(5.76, abs=0.005)
    classical = iv.anderson_rubin_set(as_if_homoskedastic(blocks))
    assert classical.type == "interval"
    assert classical.segments[0] == pytest.approx((0.02480484, 0.28482359), abs=1e-6)


def test_card_1995_two_instruments():
    # ivreg2r: Cragg-Donald 7.89, AR F(2, 2993) 5.24, p 0.0053; ivmodel: AR set 0.0536 to 0.3620.
    blocks = cross_section(card.load(), *CARD, ["nearc2", "nearc4"])
    assert iv.cragg_donald(blocks) == pytest.approx(7.89, abs=0.005)
    classical = as_if_homoskedastic(blocks)
    test = iv.anderson_rubin(classical, [0.0])
    assert (test.df, test.df_denominator) == (2, 2993)
    assert test.statistic == pytest.approx(5.24, abs=0.005)
    assert test.p_value == pytest.approx(0.0053, abs=5e-5)
    segments = iv.anderson_rubin_set(classical).segments
    assert segments[0] == pytest.approx((0.0536002610, 0.3619807913), abs=1e-6)


def test_mroz_1987_one_endogenous_variable(women):
    # Wooldridge (2020), example 15.5: first-stage F 55.40. Stata, vce(robust): first-stage
    # F(2, 423) 49.5266; estat overid, score chi2(1) = .443461 (p = 0.5055).
    blocks = cross_section(women, "lwage", ["exper", "expersq"], ["educ"], ["motheduc", "fatheduc"])
    found = iv.diagnose_blocks(blocks, ["educ"])
    assert found.status == "ok" and found.message == ""
    assert found.cragg_donald == pytest.approx(55.40, abs=0.005)
    assert found.f_first_stage == pytest.approx(49.5266, abs=5e-5)
    assert found.kleibergen_paap == pytest.approx(49.5266, abs=5e-5)
    assert found.hansen_j.statistic == pytest.approx(0.443461, abs=5e-7)
    assert found.hansen_j.p_value == pytest.approx(0.5055, abs=5e-5)


def test_mroz_1987_two_endogenous_variables(women):
    # R package OneSampleMR, vignette: single F 4.466 and 55.044, Sanderson-Windmeijer F(2, 424)
    # 6.69425 and 81.81237.
    names = ["educ", "exper"]
    blocks = cross_section(women, "lwage", [], names, ["age", "kidslt6", "kidsge6"])
    tests = iv.sanderson_windmeijer(as_if_homoskedastic(blocks))
    assert [test.statistic for test in tests] == pytest.approx([6.69425, 81.81237], abs=5e-6)
    assert (tests[0].df, tests[0].df_denominator) == (2, 424)
    assert tests[0].p_value == pytest.approx(0.001373, abs=5e-7)
    found = iv.diagnose_blocks(blocks, names)
    assert found.status == "weak_instrument"
    assert found.message.startswith("clustered Sanderson-Windmeijer F of educ is 7.68, below 10")
    assert found.effective_f is None and found.anderson_rubin_set is None


@pytest.mark.parametrize(("endogenous", "instruments"), [(1, 1), (1, 3), (2, 2), (2, 4), (3, 4)])
def test_rank_statistics_are_those_of_linearmodels(endogenous, instruments):
    rows = Rows(seed=instruments, w=endogenous, z=instruments)
    blocks = rows.blocks
    arrays = rows.w, rows.z, rows.exogenous
    clustered = {"cov_type": "clustered", "cov_config": {"clusters": rows.unit}}
    assert iv.cragg_donald(blocks) == pytest.approx(cragg_donald_f(*arrays), rel=1e-8)
    # linearmodels counts the unit effects, that are nested in the clusters
    free = rows.n - rows.k_counted
    counted = free - (rows.units - 1)
    theirs = kleibergen_paap_f(*arrays, **clustered) * free / counted
    assert iv.kleibergen_paap(blocks) == pytest.approx(theirs, rel=1e-8)
    theirs = kleibergen_paap(*arrays, **clustered)
    ours = iv.kleibergen_paap_lm(blocks)
    assert ours.statistic == pytest.approx(theirs.stat, rel=1e-8)
    assert (ours.df, ours.p_value) == (theirs.df, pytest.approx(theirs.pval, rel=1e-8))


@pytest.mark.parametrize(("endogenous", "instruments"), [(1, 3), (2, 5)])
def test_hansen_j_and_coefficients_are_those_of_linearmodels(endogenous, instruments):
    rows = Rows(seed=7, w=endogenous, z=instruments)
    y, w, z = (annihilate(a, rows.exogenous) for a in (rows.y[:, None], rows.w, rows.z))
    model = IVGMM(y, None, w, z, weight_type="clustered", clusters=rows.unit)
    theirs = model.fit(iter_limit=2).j_stat
    ours = iv.hansen_j(rows.blocks)
    assert ours.statistic == pytest.approx(theirs.stat, rel=1e-8)
    assert ours.df == theirs.df == instruments - endogenous
    assert ours.p_value == pytest.approx(theirs.pval, rel=1e-8)
    assert iv.hansen_j(Rows(z=1).blocks) is None


@pytest.mark.parametrize("instruments", [1, 2, 4])
def test_first_stage_and_anderson_rubin_agree_with_rows(instruments):
    rows = Rows(seed=3, z=instruments)
    blocks = rows.blocks
    test = iv.sanderson_windmeijer(blocks)[0]
    first = clustered_f(rows, rows.w[:, 0], rows.z, rows.exogenous)
    assert test.statistic == pytest.approx(first, rel=1e-9)
    assert test.p_value == pytest.approx(stats.f.sf(first, instruments, rows.units - 1), rel=1e-9)
    for null in (-0.7, 0.0, 0.5):
        outcome = rows.y - null * rows.w[:, 0]
        expected = clustered_f(rows, outcome, rows.z, rows.exogenous)
        assert iv.anderson_rubin(blocks, null).statistic == pytest.approx(expected, rel=1e-9)


def test_conditional_f_by_rows():
    rows = Rows(seed=5, w=3, z=4)
    exogenous = rows.exogenous
    instruments = np.hstack([rows.z, exogenous])
    for j, test in enumerate(iv.sanderson_windmeijer(rows.blocks)):
        others = np.delete(rows.w, j, axis=1)
        fitted = others - annihilate(others, instruments)
        projected = np.hstack([fitted, exogenous])
        slopes = np.linalg.lstsq(projected, rows.w[:, j])[0][: others.shape[1]]
        residual = rows.w[:, j] - others @ slopes
        expected = clustered_f(rows, residual, rows.z[:, :2], projected)
        assert test.df == 2
        assert test.statistic == pytest.approx(expected, rel=1e-8)
        # ivreg2 tests all four coefficients, referred to the same two degrees of freedom
        assert clustered_f(rows, residual, rows.z, exogenous, df=2) >= test.statistic


def test_strong_first_stages_do_not_imply_identification():
    # The design of OneSampleMR's example: both variables depend on the same mix of instruments.
    draw = np.random.default_rng(12345)
    n = 4000
    z, u = draw.normal(size=(n, 2)), draw.normal(size=n)
    w = z @ np.array([[1, 1], [1, 0.94]]) + np.c_[0.2 * u, -0.3 * u] + draw.normal(size=(n, 2))
    values = np.column_stack([w.sum(1) + u, w, z])
    values -= values.mean(axis=0)
    clusters = np.arange(n) // 40
    cross = np.stack([g.T @ g for g in groups(values, clusters)])

    def blocks(keep, endogenous):
        return iv.partial_out(
            cross[:, keep][:, :, keep],
            n_exogenous=0,
            n_endogenous=endogenous,
            n_obs=n,
            n_units=100,
            period_rank=0,
            has_unit_effects=False,
        )

    for j in (1, 2):
        assert iv.sanderson_windmeijer(blocks([0, j, 3, 4], 1))[0].statistic > 1_000
    found = iv.diagnose_blocks(blocks([0, 1, 2, 3, 4], 2), ["a", "b"])
    assert found.status == "weak_instrument"
    assert found.f_first_stage < 10 and found.cragg_donald < 10 and found.kleibergen_paap < 10


def test_effective_f():
    # one instrument: the first-stage F; classical errors: the ordinary F
    blocks = Rows(z=1).blocks
    single = iv.effective_f(blocks)
    assert single.statistic == pytest.approx(iv.sanderson_windmeijer(blocks)[0].statistic)
    assert single.df == pytest.approx(1)
    classical = as_if_homoskedastic(Rows(z=3).blocks)
    ordinary = iv.sanderson_windmeijer(classical)[0].statistic
    assert iv.effective_f(classical).statistic == pytest.approx(ordinary)
    assert iv.effective_f(classical).df == pytest.approx(3)
    # tr(W) = 6, tr(W^2) = 14, largest 3, x = 10: 36 x 21 / (14 + 20 x 6 x 3) = 756 / 374
    assert iv.effective_degrees_of_freedom(np.diag([1.0, 2, 3])) == pytest.approx(756 / 374)
    with pytest.raises(ValueError, match="one endogenous variable; there are 2"):
        iv.effective_f(Rows(w=2).blocks)


@pytest.mark.parametrize(
    ("bias", "published"), [(0.05, 37.418), (0.1, 23.109), (0.2, 15.062), (1 / 3.33, 12.039)]
)
def test_effective_f_critical_values_agree_with_weakivtest(bias, published):
    # Pflueger & Wang (2015), one instrument, 30 % as x = 3.33; by hand (sqrt(x) + 1.645)^2
    assert iv.effective_f_critical_value(1.0, bias) == pytest.approx(published, abs=5e-4)


def accepted(blocks, values, level=0.05):
    return np.array([iv.anderson_rubin(blocks, value).p_value >= level for value in values])


def set_cases():
    for instruments in (1, 2, 3, 5):
        for strength in (2.0, 0.3, 0.1, 0.0):
            for seed in range(2):
                yield Rows(seed=seed, units=12, z=instruments, strength=strength).blocks


@pytest.mark.slow
def test_anderson_rubin_sets_are_those_of_a_grid():
    seen = set()
    angles = np.linspace(-np.pi / 2, np.pi / 2, 202)[1:-1]
    for blocks in set_cases():
        found = iv.anderson_rubin_set(blocks)
        seen.add(found.type)
        ends = np.unique([end for segment in found.segments for end in segment if np.isfinite(end)])
        for scale in (0.1, 1.0, 30.0):
            grid = 0.5 + scale * np.tan(angles)
            clear = np.ones(grid.size, dtype=bool)
            for end in ends:
                clear &= np.abs(grid - end) > 1e-9 * max(1, abs(end))
            inside = np.array([value in found for value in grid])
            assert (inside == accepted(blocks, grid))[clear].all()
        for end in ends:
            assert iv.anderson_rubin(blocks, end).p_value == pytest.approx(0.05, abs=1e-7)
        bounded = (
            not found.segments or np.isfinite([found.segments[0][0], found.segments[-1][1]]).all()
        )
        assert bounded == (iv.sanderson_windmeijer(blocks)[0].p_value < 0.05)
    assert seen >= {"interval", "two_rays", "all"}


def with_scores(reduced_form, first_stage, scores):
    """Blocks with given coefficients (L,) and cluster scores (N, L, 2)."""
    coefficients = np.column_stack([reduced_form, first_stage])
    return iv.Blocks(
        coefficients=coefficients,
        scores=scores,
        raw_scores=scores,
        cross=np.eye(2),
        slope_units=np.ones(1),
        n_clusters=len(scores),
        n_obs=10_000,
        n_parameters=3,
        n_nested=0,
    )


def test_contradicting_instruments_give_an_empty_set():
    # Independent scores of variance v for the reduced form and the first stage of each of two
    # instruments: AR = sum of (a - b w)^2 / (v (1 + b^2)) over them, by hand.
    scores = np.zeros((40, 2, 2))
    for i, (instrument, variable) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        scores[10 * i : 10 * (i + 1), instrument, variable] = np.tile([1, -1], 5) / np.sqrt(10)
    disagreeing = with_scores([40.0, -40.0], [40.0, 40.0], scores)
    assert iv.anderson_rubin_set(disagreeing) == iv.AndersonRubinSet("empty", (), 0.05)


def test_a_union_is_found_and_its_segments_are_disjoint():
    draw = np.random.default_rng(4)
    unions = 0
    for _ in range(400):
        scores = draw.normal(size=(8, 3, 2)) * draw.exponential(size=(1, 3, 2)) ** 2
        blocks = with_scores(*draw.normal(size=(2, 3)) * 6, scores)
        found = iv.anderson_rubin_set(blocks)
        if found.type != "union":
            continue
        unions += 1
        ends = np.array(found.segments).ravel()
        assert len(found.segments) > 1 and (np.diff(ends) > 0).all()
        finite = ends[np.isfinite(ends)]
        probes = np.r_[finite[0] - 1, (finite[1:] + finite[:-1]) / 2, finite[-1] + 1]
        assert [probe in found for probe in probes] == accepted(blocks, probes).tolist()
    assert unions >= 5


def test_one_instrument_set_solves_a_quadratic():
    for seed in range(5):
        blocks = Rows(seed=seed, z=1, strength=0.4).blocks
        reduced, first = blocks.coefficients[0]
        variance = np.einsum("gli,glj->ij", blocks.scores, blocks.scores) * blocks.cr1_factor
        q = stats.f.isf(0.05, 1, blocks.n_clusters - 1)
        # (reduced - b first)^2 <= q (v00 - 2 b v01 + b^2 v11)
        roots = np.roots(
            [
                first**2 - q * variance[1, 1],
                -2 * (first * reduced - q * variance[0, 1]),
                reduced**2 - q * variance[0, 0],
            ]
        )
        found = iv.anderson_rubin_set(blocks)
        ends = [end for segment in found.segments for end in segment if np.isfinite(end)]
        if found.type == "all":
            assert np.iscomplex(roots).all()
        else:
            expected = np.sort(roots.real) * blocks.slope_units[0]
            assert np.sort(ends) == pytest.approx(expected, rel=1e-9)


def test_strong_instruments_give_a_narrow_set():
    blocks = Rows(units=200, strength=1e5).blocks
    ((low, high),) = iv.anderson_rubin_set(blocks).segments
    assert low < iv.two_stage(blocks)[0] < high
    assert high - low < 1e-5
    assert iv.anderson_rubin(blocks, low).p_value == pytest.approx(0.05, abs=1e-6)


def test_units_order_and_scale_do_not_matter():
    rows = Rows(seed=2, w=1, z=3)
    before = iv.diagnose_blocks(rows.blocks, ["w"])
    rows.w *= 1e6
    rows.z[:, 1] = 1e-3 * rows.z[:, 1] + 1e6
    rows.x[:, 0] += 1e6
    rows.unit = rows.units - 1 - rows.unit
    after = iv.diagnose_blocks(rows.blocks, ["w"])
    assert after.f_first_stage == pytest.approx(before.f_first_stage, rel=1e-5)
    assert after.hansen_j.statistic == pytest.approx(before.hansen_j.statistic, rel=1e-5)
    assert after.kleibergen_paap == pytest.approx(before.kleibergen_paap, rel=1e-5)
    scaled = np.array(after.anderson_rubin_set.segments) * 1e6
    assert scaled == pytest.approx(np.array(before.anderson_rubin_set.segments), rel=1e-5)


def test_moments_from_sql_give_what_the_rows_give():
    rows = Rows(seed=4, w=2, z=3)
    names = ["y", "x1", "x2", "w1", "w2", "z1", "z2", "z3"]
    values = np.column_stack([rows.y, rows.x, rows.w, rows.z]).T
    table = pa.table(
        {"unit_id": rows.unit, "period": rows.period} | dict(zip(names, values, strict=True))
    )
    connection = duckdb.connect()
    connection.register("panel", table)

    def found(text):
        formula = parse(text)
        return iv.diagnose(moments(connection, "panel", formula), formula)

    two_way = found("y ~ x1 + x2 | unit_id + period | w1 + w2 ~ z1 + z2 + z3")
    expected = iv.diagnose_blocks(rows.blocks, ["w1", "w2"])
    assert two_way.f_first_stage == pytest.approx(expected.f_first_stage, rel=1e-9)
    assert two_way.cragg_donald == pytest.approx(expected.cragg_donald, rel=1e-9)
    assert two_way.hansen_j.p_value == pytest.approx(expected.hansen_j.p_value, rel=1e-9)
    # without effects the moments have a column of ones, that is one parameter all the same
    pooled = found("y ~ x1 + x2 | 0 | w1 ~ z1 + z2")
    exogenous = np.c_[np.ones(rows.n), rows.x]
    rows.z, rows.period_rank = rows.z[:, :2], 0
    first = clustered_f(rows, rows.w[:, 0], rows.z, exogenous)
    assert pooled.f_first_stage == pytest.approx(first, rel=1e-9)


def test_as_many_instruments_as_clusters_is_weak():
    found = iv.diagnose_blocks(Rows(units=4, periods=30, z=4).blocks, ["w"])
    assert np.isnan(found.f_first_stage)
    assert found.status == "weak_instrument"
    assert "cannot be computed: 4 instruments, 4 clusters" in found.message
    assert found.anderson_rubin_set is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: setattr(rows, "w", np.empty((rows.n, 0))), "no endogenous variable"),
        (lambda rows: setattr(rows, "z", np.empty((rows.n, 0))), "0 instruments cannot identify 1"),
        (lambda rows: setattr(rows, "z", rows.z @ np.ones((3, 2))), "collinear"),
        (lambda rows: setattr(rows, "z", rows.x[:, :1] * 2), "combination of the exogenous"),
    ],
)
def test_invalid_instruments_are_an_error(change, message):
    rows = Rows()
    change(rows)
    with pytest.raises(ValueError, match=message):
        _ = rows.blocks
