"""Decomposition by blocks, against least squares with dummies and linearmodels."""

from itertools import combinations, permutations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import rows
from linearmodels.panel import PanelOLS
from scipy import stats
from test_panel_core import all_cells, frame_of, some_cells
from test_panel_specs import CONTROLS, own_panel

from credit_indices.stats.panel import parse
from credit_indices.stats.panel.decomposition import (
    MAX_BLOCKS,
    DecompositionError,
    decompose,
    decompositions_table,
)
from credit_indices.stats.panel.estimate import estimate
from credit_indices.stats.panel.moments import moments

pytestmark = pytest.mark.marts(
    "dimension_decomposition", "panel_estimates", "input_warnings", tested=True
)

BLOCKS = [["x1"], ["z1", "z2"], ["d"], ["w"]]
TERMS = ["x1", "x2", "z1", "z2", "d", "w"]  # x2 is a control
EFFECTS = {"two": "unit_id + period", "unit": "unit_id", "period": "period", "none": "0"}


def a_panel(cells=None, seed=3) -> pd.DataFrame:
    frame = frame_of(some_cells(20, 9, 0.6, 1) if cells is None else cells, seed)
    frame["w"] = frame.x1 * 0.5 + np.random.default_rng(seed).normal(size=len(frame))
    return frame


def moments_of(frame, formula, **options):
    with duckdb.connect() as connection:
        connection.register("panel", frame)
        return moments(connection, "panel", parse(formula), **options)


def residuals(frame, terms, effects):
    """Residuals of the least-squares fit on terms and dummies; coefficients of the terms."""
    dummies = [pd.get_dummies(frame[column], dtype=float) for column in effects]
    x = np.column_stack([frame[terms].to_numpy(), *dummies, np.ones(len(frame))])
    solution = np.linalg.lstsq(x, frame.y, rcond=None)[0]
    return frame.y - x @ solution, solution[: len(terms)]


def r2(frame, terms, effects) -> float:
    left = residuals(frame, terms, effects)[0]
    return 1 - (left**2).sum() / (residuals(frame, [], effects)[0] ** 2).sum()


def names_of(effects: str) -> list[str]:
    return [] if effects == "0" else effects.split(" + ")


@pytest.mark.parametrize("effects", EFFECTS.values(), ids=EFFECTS)
def test_gains_are_those_of_least_squares_with_dummies(effects):
    frame, columns = a_panel(), names_of(effects)
    found = decompose(moments_of(frame, f"y ~ {' + '.join(TERMS)} | {effects}"), BLOCKS)
    entered = ["x2"]
    expected = [r2(frame, entered, columns)]
    for block in BLOCKS:
        entered = entered + block
        expected.append(r2(frame, entered, columns))
    np.testing.assert_allclose(found.r2, expected, rtol=1e-9)
    last = [
        expected[-1] - r2(frame, [term for term in TERMS if term not in block], columns)
        for block in BLOCKS
    ]
    np.testing.assert_allclose(found.last_gains, last, rtol=1e-7)


def test_shapley_values_are_the_mean_gains_over_all_orders():
    frame, columns = a_panel(), ["unit_id", "period"]
    found = decompose(moments_of(frame, f"y ~ {' + '.join(TERMS)} | unit_id + period"), BLOCKS)
    known = {
        chosen: r2(frame, ["x2", *(term for b in chosen for term in BLOCKS[b])], columns)
        for size in range(5)
        for chosen in combinations(range(4), size)
    }
    gains = np.zeros(4)
    for order in permutations(range(4)):
        for place, b in enumerate(order):
            before = tuple(sorted(order[:place]))
            gains[b] += known[tuple(sorted([*before, b]))] - known[before]
    np.testing.assert_allclose(found.shapley_values, gains / 24, rtol=1e-9)
    np.testing.assert_allclose(found.shapley_shares, gains / gains.sum(), rtol=1e-9)
    assert found.shapley_values.sum() == pytest.approx(found.r2[-1] - found.r2[0], rel=1e-12)


def test_only_the_gains_at_entry_depend_on_the_order():
    found = moments_of(a_panel(), f"y ~ {' + '.join(TERMS)} | unit_id + period")
    one, other = decompose(found, BLOCKS), decompose(found, BLOCKS[::-1])
    for name in ("shapley_shares", "last_gains", "effects", "effect_shares"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name)[::-1], rtol=1e-9)
    assert one.total_effect == pytest.approx(other.total_effect, rel=1e-12)
    assert np.abs(one.gains - other.gains[::-1]).max() > 0.01


@pytest.mark.parametrize("effects", EFFECTS.values(), ids=EFFECTS)
def test_effects_add_up_to_the_coefficient_of_the_sum(effects):
    frame, columns = a_panel(), names_of(effects)
    found = decompose(moments_of(frame, f"y ~ {' + '.join(TERMS)} | {effects}"), BLOCKS)
    inside = [term for block in BLOCKS for term in block]
    frame["total"] = frame[inside].sum(axis=1)
    total = residuals(frame, ["total", "x2"], columns)[1][0]
    assert found.total_effect == pytest.approx(total, rel=1e-9)
    # Each by hand: the coefficient of a block's terms times their slope on the sum.
    assert found.variance_shares.sum() == pytest.approx(1, rel=1e-12)
    slopes = dict(zip(TERMS, residuals(frame, TERMS, columns)[1], strict=True))
    for block, effect in zip(BLOCKS, found.effects, strict=True):
        expected = sum(
            slopes[term] * residuals(frame.assign(y=frame[term]), ["total", "x2"], columns)[1][0]
            for term in block
        )
        assert effect == pytest.approx(expected, rel=1e-8)


def test_wald_tests_at_entry_are_those_of_linearmodels():
    frame = a_panel()
    found = decompose(moments_of(frame, f"y ~ {' + '.join(TERMS)} | unit_id + period"), BLOCKS)
    indexed = frame.set_index(["unit_id", "period"])
    n, units, periods = len(frame), frame.unit_id.nunique(), frame.period.nunique()
    entered = ["x2"]
    for block, test in zip(BLOCKS, found.walds, strict=True):
        entered = entered + block
        fit = PanelOLS(indexed.y, indexed[entered], entity_effects=True, time_effects=True).fit(
            cov_type="clustered",
            cluster_entity=True,
            debiased=False,
            auto_df=False,
            count_effects=False,
        )
        factor = (n - 1) / (n - len(entered) - periods) * units / (units - 1)
        b, v = fit.params[block].to_numpy(), factor * fit.cov.loc[block, block].to_numpy()
        f = b @ np.linalg.solve(v, b) / len(block)
        assert test.f == pytest.approx(f, rel=1e-8)
        assert (test.df1, test.df2) == (len(block), units - 1)
        assert test.p_value == pytest.approx(stats.f.sf(f, len(block), units - 1), rel=1e-7)


@pytest.mark.parametrize("effects", EFFECTS.values(), ids=EFFECTS)
@pytest.mark.parametrize("cells", [None, all_cells(15, 8)], ids=["unbalanced", "balanced"])
def test_restricted_moments_are_those_of_the_smaller_formula(effects, cells):
    frame = a_panel(cells)
    whole = moments_of(frame, f"y ~ {' + '.join(TERMS)} | {effects}")
    kept = ["z1", "w", "x2"]
    one = whole.restricted_to(kept)
    other = moments_of(frame, f"y ~ x2 + z1 + w | {effects}")
    assert one.terms == other.terms
    assert one.formula == other.formula
    for name in ("total", "raw_total", "means", "period_effects", "cross"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)
    fits = estimate(one), estimate(other)
    np.testing.assert_allclose(fits[0].coefficients, fits[1].coefficients, rtol=1e-8)
    np.testing.assert_allclose(fits[0].std_errors_cr3, fits[1].std_errors_cr3, rtol=1e-8)


def test_all_subsets_use_the_rows_of_the_full_formula():
    frame = a_panel()
    frame.loc[frame.index[:30], "w"] = np.nan
    whole = moments_of(frame, f"y ~ {' + '.join(TERMS)} | unit_id")
    found = decompose(whole, BLOCKS)
    complete = frame.dropna()
    assert found.r2[1] == pytest.approx(r2(complete, ["x2", "x1"], ["unit_id"]), rel=1e-9)
    assert "left out: 30 rows" in found.message


def test_blocks_without_controls_start_from_zero():
    frame = a_panel()
    found = decompose(moments_of(frame, "y ~ x1 + d | unit_id"), [["x1"], ["d"]])
    assert found.r2[0] == pytest.approx(0, abs=1e-12)
    assert found.r2[-1] == pytest.approx(r2(frame, ["x1", "d"], ["unit_id"]), rel=1e-9)


def test_shares_of_a_zero_total_are_missing():
    frame = a_panel(all_cells(15, 8))
    frame["y"] = 2.0 * frame.x2  # a perfect fit before any block enters
    found = decompose(moments_of(frame, "y ~ x2 + x1 + d | unit_id"), [["x1"], ["d"]])
    assert np.isnan(found.shapley_shares).all()
    assert np.isnan(found.walds[0].f)


def test_blocks_of_a_function_call_are_checked():
    two_stage = moments_of(a_panel(), "y ~ x1 | unit_id | d ~ z1")
    with pytest.raises(DecompositionError, match="2SLS has no R2 to divide"):
        decompose(two_stage, [["x1"]])
    robust = moments_of(a_panel(), "y ~ x1 + d | unit_id", cluster="")
    with pytest.raises(DecompositionError, match=r"cluster is empty \(HC1\)"):
        decompose(robust, [["x1"]])
    plain = moments_of(a_panel(), "y ~ x1 + d | unit_id")
    with pytest.raises(DecompositionError, match="z1 is not a regressor"):
        decompose(plain, [["x1"], ["z1"]])
    with pytest.raises(DecompositionError, match="x1 is in the blocks twice"):
        decompose(plain, [["x1"], ["x1"]])
    with pytest.raises(DecompositionError, match="0 blocks: expected 1 to 12"):
        decompose(plain, [])


# The table ---------------------------------------------------------------------------------------

SPECS = {
    # spec: formula, sample_region, cluster, blocks, status, words of the message
    "fine": ("y ~ x1 + x2 + d | unit_id", "", "unit_id", "x1 d", "ok", None),
    "with a product of controls": (
        "y ~ x1 + x2*w | unit_id", "", "unit_id", "x1", "ok", None,
    ),
    "one sample": ("y ~ x1 + x2 | unit_id", "a", "unit_id", "x1 x2", "ok", None),
    "two samples": (
        "y ~ x1 + x2 | unit_id", "a vs b", "unit_id", "x1 x2",
        "not_estimated", "a difference of two samples",
    ),
    "robust": ("y ~ x1 + x2 | unit_id", "", "", "x1 x2", "not_estimated", "HC1"),
    "two stages": (
        "y ~ x1 | unit_id | d ~ z1", "", "unit_id", "x1 d", "not_estimated", "2SLS",
    ),
    "interaction": (
        "y ~ x1*x2 | unit_id", "", "unit_id", "x1 x1:x2",
        "not_estimated", "x1 is part of the interaction x1:x2",
    ),
    "no such term": (
        "y ~ x1 + x2 | unit_id", "", "unit_id", "x1 z9",
        "not_estimated", "block b2: z9 is not a regressor of the formula; expected one of x1, x2",
    ),
    "no such variable": (
        "y ~ x1 + z9 | unit_id", "", "unit_id", "x1", "not_estimated", "z9 is unknown",
    ),
    "no such region": (
        "y ~ x1 + x2 | unit_id", "c", "unit_id", "x1", "not_estimated", "no unit lies in",
    ),
    "does not parse": ("y x1", "", "unit_id", "x1", "not_estimated", "~"),
    "empty": ("", "", "unit_id", "x1", "not_estimated", "the formula is empty"),
    "collinear": (
        "y ~ x1 + x2 + twice | unit_id", "", "unit_id", "x1 twice", "not_identified", "twice",
    ),
    "too many": (
        "y ~ " + " + ".join(f"n{j}" for j in range(13)) + " | unit_id", "", "unit_id",
        " ".join(f"n{j}" for j in range(13)),
        "not_estimated", f"13 blocks: expected 1 to {MAX_BLOCKS}",
    ),
}  # fmt: skip


def table_of(frame, specs):
    names = [name for name in frame.columns if name not in ("unit_id", "period", "region")]
    labels = [f"Label of {name}" if name != "x2" else None for name in names]
    blocks = [
        {"spec_code": code, "block_code": f"b{k}", "block_number": k, "term": term}
        for code, spec in specs.items()
        for k, term in enumerate(spec[3].split(), start=1)
    ]
    logs = [(name, pa.string()) for name in ("variable_code", "unit_id", "region", "period")]
    with duckdb.connect() as connection:
        connection.register("panel", frame)
        return decompositions_table(
            connection,
            "panel",
            pa.Table.from_pylist(
                [
                    {"spec_code": code, "formula": f, "sample_region": sample, "cluster": cluster}
                    for code, (f, sample, cluster, *_) in specs.items()
                ]
            ),
            pa.Table.from_pylist(blocks[::-1]),
            pa.table({"variable_code": names, "label_en": labels}),
            pa.schema(logs).empty_table(),
        ).to_pylist()


def test_failed_decompositions_have_a_message_on_every_row():
    frame = a_panel(all_cells(20, 8))
    frame["region"] = np.where(frame.unit_id < 10, "a", "b")
    frame["twice"] = 2 * frame.x1
    generator = np.random.default_rng(1)
    for j in range(13):
        frame[f"n{j}"] = generator.normal(size=len(frame))
    found = table_of(frame, SPECS)
    for code, (*_, listed, status, words) in SPECS.items():
        of_spec = [row for row in found if row["spec_code"] == code]
        assert [row["block_number"] for row in of_spec] == list(range(1, 1 + len(listed.split())))
        for row in of_spec:
            assert row["status"] == status, (code, row["message"])
            if words:
                assert words in row["message"], (code, row["message"])
            else:
                assert row["message"] is None
            numbers = [value for value in row.values() if isinstance(value, float)]
            assert len(numbers) == (12 if status == "ok" else 0), code
    fine = [row for row in found if row["spec_code"] == "fine"]
    assert [row["label"] for row in fine] == ["Label of x1", "Label of d"]
    assert [row["term"] for row in fine] == ["x1", "d"]


def test_terms_of_a_block_follow_the_order_of_the_formula():
    frame = a_panel().rename(columns={"d": "share of loans"})
    formula = "y ~ x1 + z1 + `share of loans` | unit_id"
    logs = [(name, pa.string()) for name in ("variable_code", "unit_id", "region", "period")]
    with duckdb.connect() as connection:
        connection.register("panel", frame)
        found = decompositions_table(
            connection,
            "panel",
            pa.table(
                {"spec_code": ["s"], "formula": [formula], "sample_region": [""]}
                | {"cluster": ["unit_id"]}
            ),
            pa.table(
                {
                    "spec_code": ["s"] * 2,
                    "block_code": ["b"] * 2,
                    "block_number": [1] * 2,
                    "term": ["share of loans", "x1"],
                }
            ),
            pa.table(
                {"variable_code": [c for c in frame.columns], "label_en": [None] * frame.shape[1]}
            ),
            pa.schema(logs).empty_table(),
        ).to_pylist()
    assert len(found) == 1
    assert found[0]["terms"] == "x1 + `share of loans`"
    assert found[0]["label"] == "x1; share of loans"
    assert found[0]["term"] is None
    assert (found[0]["status"], found[0]["wald_df1"]) == ("ok", 2)


# The shipped data --------------------------------------------------------------------------------

DIMENSIONS = [
    "data_infrastructure",
    "digital_technology",
    "credit_efficiency",
    "user_application",
    "policy_coordination",
]
VARIABLES = ["infrastructure", "technology", "efficiency", "application", "policy"]


@pytest.fixture(scope="module")
def frame(shipped) -> pd.DataFrame:
    with duckdb.connect(str(shipped.warehouse), read_only=True) as connection:
        return connection.execute("from intermediate.int_panel__frame").df()


def decomposition(shipped, spec: str, *columns: str) -> list[tuple]:
    return shipped.query(
        f"select {', '.join(columns)} from marts.dimension_decomposition "
        f"where spec_code = '{spec}' order by block_number"
    )


@pytest.mark.parametrize(
    ("spec", "suffix", "index", "baseline"),
    [
        ("dimensions", "_ex_npl", "scdbi_ex_npl", "baseline"),
        ("dimensions_replication", "", "scdbi", "baseline_replication"),
    ],
)
def test_the_dimensions_of_the_shipped_index(shipped, frame, spec, suffix, index, baseline):
    terms = [variable + suffix for variable in VARIABLES]
    assert decomposition(shipped, spec, "block_code", "terms", "status", "message") == [
        (dimension, term, "ok", None) for dimension, term in zip(DIMENSIONS, terms, strict=True)
    ]
    # The dimensions sum to the index, so their total effect is its coefficient.
    np.testing.assert_allclose(frame[terms].sum(axis=1), frame[index], rtol=1e-9)
    coefficient = shipped.value(
        "select estimate from marts.panel_estimates "
        f"where spec_code = '{baseline}' and term = '{index}'"
    )
    found = decomposition(
        shipped, spec, "effect", "effect_share", "total_effect", "estimate", "variance_share"
    )
    for effect, share, total, estimate_of_term, variance_share in found:
        assert total == pytest.approx(coefficient, rel=1e-7)
        assert effect == pytest.approx(share * total, rel=1e-9)
        assert effect == pytest.approx(estimate_of_term * variance_share, rel=1e-9)
    assert sum(row[1] for row in found) == pytest.approx(1, rel=1e-9)
    assert sum(row[4] for row in found) == pytest.approx(1, rel=1e-9)

    indexed = frame.set_index(["unit_id", "period"])
    reference = [
        PanelOLS(
            indexed.fr,
            indexed[[*CONTROLS, *terms[:entered]]],
            entity_effects=True,
            time_effects=True,
        )
        .fit()
        .rsquared
        for entered in range(6)
    ]
    r2 = decomposition(shipped, spec, "r2_within_before", "r2_within_after", "r2_within_gain")
    np.testing.assert_allclose([row[0] for row in r2], reference[:-1], rtol=1e-8)
    np.testing.assert_allclose([row[1] for row in r2], reference[1:], rtol=1e-8)
    np.testing.assert_allclose([row[2] for row in r2], np.diff(reference), rtol=1e-5)
    values = decomposition(shipped, spec, "shapley_value", "shapley_share")
    assert sum(row[0] for row in values) == pytest.approx(reference[-1] - reference[0], rel=1e-8)
    assert sum(row[1] for row in values) == pytest.approx(1, rel=1e-9)

    estimates = shipped.query(
        "select term, estimate, std_error, std_error_cr3, p_value_wild, stars "
        f"from marts.panel_estimates where spec_code = '{spec}' order by term_number limit 5"
    )
    columns = ("terms", "estimate", "std_error", "std_error_cr3", "p_value_wild", "stars")
    assert decomposition(shipped, spec, *columns) == estimates


# A user's own blocks -----------------------------------------------------------------------------


def blocks(*lines: str) -> list[dict[str, str]]:
    return rows("spec_code,block_code,block_number,term\n" + "\n".join(lines))


def test_a_users_own_blocks(build):
    data = own_panel(
        "two,,,y ~ x + trend | unit_id,,unit_id",
        "product,,,y ~ x*trend | unit_id,,unit_id",
    )
    data.tables["panel_blocks"] = blocks(
        "two,second,2,x", "two,first,1,trend", "product,x,1,x", "product,other,7,x:trend"
    )
    result = build(data, command="build")
    assert result.succeeded, result.message
    found = result.query(
        "select block_code, label, status, shapley_share, estimate "
        "from marts.dimension_decomposition where spec_code = 'two' order by block_number"
    )
    assert [row[:3] for row in found] == [("first", "Period", "ok"), ("second", "X", "ok")]
    assert sum(row[3] for row in found) == pytest.approx(1)
    estimates = result.query(
        "select term, estimate from marts.panel_estimates where spec_code = 'two'"
    )
    assert [row[4] for row in found] == [dict(estimates)["trend"], dict(estimates)["x"]]
    refused = result.query(
        "select distinct status, shapley_share, estimate, message "
        "from marts.dimension_decomposition where spec_code = 'product'"
    )
    assert [row[:3] for row in refused] == [("not_estimated", None, None)]
    assert "x is part of the interaction x:trend" in refused[0][3]


def test_shipped_blocks_do_not_apply_to_user_regressions(build):
    result = build(own_panel("dimensions,,,y ~ x | unit_id,,unit_id"), command="build")
    assert result.succeeded, result.message
    assert result.value("select count(*) from marts.dimension_decomposition") == 0


def test_faults_of_the_blocks_stop_the_build(build):
    data = own_panel("two,,,y ~ x + trend | unit_id,,unit_id")
    data.tables["panel_blocks"] = blocks(
        "two,a,1,x",
        "two,b,first,trend",
        "two,b,0,twice",
        "two,,2,score",
        "three,a,1,x",
        "two,c,1,ln_x",
        "two,a,2,fixed",
        "two,a,1,x",
        "two,d,2.5,",
    )
    result = build(data)
    assert not result.succeeded
    for message in (
        "panel_blocks.csv row 3: block_number 'first' is not a whole number of 1 or more",
        "panel_blocks.csv row 4: block_number '0' is not a whole number of 1 or more",
        "panel_blocks.csv row 5: block_code is empty",
        "panel_blocks.csv row 6: spec_code 'three' is not a spec_code of panel_specs",
        "panel_blocks.csv row 7: block_number '1' is inconsistent: a block has the same number",
        "panel_blocks.csv row 8: block_number '2' is inconsistent: a block has the same number",
        "panel_blocks.csv row 9: term 'x' is already in row 2 with the same spec_code",
        "panel_blocks.csv row 10: term is empty",
        "panel_blocks.csv row 10: block_number '2.5' is not a whole number of 1 or more",
    ):
        assert message in result.message, result.message
