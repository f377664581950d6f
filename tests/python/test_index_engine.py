"""The index engine end to end on small folders, against numbers worked out by hand."""

import math

import duckdb
import pyarrow.csv
import pyarrow.parquet
import pytest
from conftest import INDEX_COLUMNS, DataDir, rows

from credit_indices.pipeline.runner.render import CompilationError
from credit_indices.stats import pca

pytestmark = pytest.mark.marts(
    "index_scores",
    "index_node_scores",
    "index_weights",
    "scdbi",
    "cei",
    "input_warnings",
    "quarantined_observations",
)


def an_index(
    observations: dict[str, dict[tuple[str, int], float]],
    settings: str = "min_max,,,pooled,entropy,weighted_share",
    nodes: str = "",
    members: str = "",
    policy: str = "fail",
    **optional: str,
) -> DataDir:
    """An index `x` over the given values; without nodes, all indicators are under the root."""
    units = sorted({unit for values in observations.values() for unit, _ in values})
    index = rows(f"{INDEX_COLUMNS}\nx,X,X,{settings}")
    index[0].update(optional)
    return DataDir(
        {
            "observations": [
                {"unit_id": unit, "period": period, "indicator_code": code, "value": value}
                for code, values in observations.items()
                for (unit, period), value in values.items()
            ],
            "units": [
                {"unit_id": unit, "name_en": unit, "name_zh": "", "region": ""} for unit in units
            ],
            "indicators": [
                {
                    "indicator_code": code,
                    "name_en": code,
                    "name_zh": "",
                    "unit": "",
                    "source_agency": "",
                    "data_origin": "user",
                    "lower_bound": "",
                    "upper_bound": "",
                    "missing_policy": policy,
                }
                for code in observations
            ],
            "indices": index,
            "index_nodes": rows(
                "index_code,node_code,parent_code,name_en,name_zh,fixed_weight\nx,x,,,,\n" + nodes
            ),
            "index_indicators": rows(
                "index_code,indicator_code,node_code,direction,fixed_weight\n"
                + (members or "\n".join(f"x,{code},x,1," for code in observations))
            ),
        }
    )


def one_period(**values: tuple[float, ...]) -> dict[str, dict[tuple[str, int], float]]:
    """Values of units a, b, c, ... in one period; None is no observation."""
    return {
        code: {
            (unit, 2020): value
            for unit, value in zip("abcdefgh", observed, strict=False)
            if value is not None
        }
        for code, observed in values.items()
    }


def scores(result, scheme="headline", node="x") -> dict[tuple[str, int], float]:
    assert result.succeeded, result.message
    found = result.query(
        "select unit_id, period, score from marts.index_node_scores "
        f"where scheme = '{scheme}' and node_code = '{node}'"
    )
    return {(unit, period): score for unit, period, score in found}


def test_entropy_weights_and_weighted_shares_as_by_hand(build):
    # first:  x = 0, 1, 3 -> z = 0, 1/3, 1 -> p = 0, 1/4, 3/4
    #         e = (1/4 ln 4 + 3/4 ln(4/3)) / ln 3 = (0.3465736 + 0.2157616) / 1.0986123 = 0.5118595
    # second: x = 1, 1, 0 -> p = 1/2, 1/2, 0;  e = ln 2 / ln 3 = 0.6309298
    # d = 0.4881405, 0.3690702; w = 0.5694522, 0.4305478
    # a = w2 / 2, b = w1 / 4 + w2 / 2, c = 3 w1 / 4
    result = build(an_index(one_period(first=(0, 1, 3), second=(1, 1, 0))))
    expected = {("a", 2020): 0.2152739, ("b", 2020): 0.3576370, ("c", 2020): 0.4270892}
    assert scores(result) == pytest.approx(expected, abs=1e-7)
    first, second = result.query(
        "select entropy, divergence, weight from marts.index_weights "
        "where scheme = 'headline' and indicator_code is not null order by indicator_code"
    )
    assert first == pytest.approx((0.5118595, 0.4881405, 0.5694522), abs=1.5e-7)
    assert second == pytest.approx((0.6309298, 0.3690702, 0.4305478), abs=1.5e-7)
    # equal: a = 0 + 1/4, b = 1/8 + 1/4, c = 3/8
    assert scores(result, "equal") == pytest.approx(
        {("a", 2020): 0.25, ("b", 2020): 0.375, ("c", 2020): 0.375}
    )
    assert result.query(
        "select unit_id, rank from marts.index_scores where scheme = 'equal' order by 1"
    ) == [("a", 3), ("b", 1), ("c", 1)]


def test_a_rising_unit_falls_by_period_and_rises_pooled(build):
    """Every value rises; the others rise faster than a, so its share of each year falls."""
    observed = {
        code: {
            ("a", 1): 10,
            ("b", 1): 5,
            ("c", 1): 0,
            ("a", 2): 11,
            ("b", 2): 20,
            ("c", 2): 1,
        }
        for code in ("first", "second")
    }
    pooled = scores(build(an_index(observed)))
    by_period = scores(build(an_index(observed, "min_max,,,by_period,entropy,weighted_share")))
    # pooled: lo 0, hi 20; z = .5, .25, 0, .55, 1, .05, sum 2.35
    assert pooled["a", 1] == pytest.approx(0.5 / 2.35)
    assert pooled["a", 2] == pytest.approx(0.55 / 2.35)
    # 1: z = 1, 1/2, 0, so a has 2/3.  2: z = 10/19, 1, 0, so a has (10/19) / (29/19) = 10/29
    assert by_period["a", 1] == pytest.approx(2 / 3)
    assert by_period["a", 2] == pytest.approx(10 / 29)
    assert pooled["a", 2] > pooled["a", 1]
    assert by_period["a", 2] < by_period["a", 1]


def test_by_period_frame_has_entropy_weights_per_period(build):
    # 1: first p = 0, 1/4, 3/4, second p = 1/2, 1/2, 0 as above; 2: both swapped.
    first, second = (0, 1, 3), (1, 1, 0)
    observed = {
        "first": {
            (u, t): v for t, x in ((1, first), (2, second)) for u, v in zip("abc", x, strict=True)
        },
        "second": {
            (u, t): v for t, x in ((1, second), (2, first)) for u, v in zip("abc", x, strict=True)
        },
    }
    result = build(an_index(observed, "min_max,,,by_period,entropy,weighted_share"))
    assert result.succeeded, result.message
    weights = result.query(
        "select weight from marts.index_weights where scheme = 'headline' "
        "and indicator_code is not null order by period, indicator_code"
    )
    expected = [0.5694522, 0.4305478, 0.4305478, 0.5694522]
    assert [weight for (weight,) in weights] == pytest.approx(expected, abs=1.5e-7)


def test_four_levels_of_weighted_means_with_missing_cells(build):
    """Efficacy scores at the leaves, then sum(w z) / sum(w) over present children, by level."""
    # Observed bounds 0..10 in every indicator, efficacy 0..100, so a value v scores 10 v.
    #              a   b     c
    observed = one_period(
        p=(10, 4, 0, 0),
        q=(0, None, 10, 0),
        r=(10, 5, None, 0),
        s=(0, 10, None, 10),
        t=(10, 0, 5, None),
    )
    nodes = """x,left,x,,,3
        x,right,x,,,1
        x,deep,left,,,2
        x,wide,left,,,2
        x,deeper,deep,,,1"""
    members = """x,p,deeper,1,3
        x,q,deeper,1,1
        x,r,wide,1,
        x,s,wide,1,
        x,t,right,1,"""
    result = build(
        an_index(
            observed, "efficacy,0,100,pooled,fixed,weighted_mean", nodes, members, policy="skip"
        )
    )
    # a: deeper = (3 x 100 + 1 x 0) / 4 = 75 = deep; wide = (100 + 0) / 2 = 50;
    #    left = 62.5; right = 100; x = (3 x 62.5 + 100) / 4 = 71.875
    # b: deeper = 40, q absent, 3/4 of the weight is there; wide = 75; left = 57.5; right = 0;
    #    x = 43.125
    # c: deeper = (0 + 100) / 4 = 25; wide has no values, so left has only half of its weight, below
    # 0.65: no score; then x has a quarter: no score. d: deeper = 0; wide = 50; left = 25; right
    # absent; x = 25, three quarters are there.
    assert scores(result, node="deeper") == pytest.approx(
        {("a", 2020): 75, ("b", 2020): 40, ("c", 2020): 25, ("d", 2020): 0}
    )
    assert scores(result, node="left") == {
        ("a", 2020): pytest.approx(62.5),
        ("b", 2020): pytest.approx(57.5),
        ("c", 2020): None,
        ("d", 2020): pytest.approx(25),
    }
    assert scores(result) == {
        ("a", 2020): pytest.approx(71.875),
        ("b", 2020): pytest.approx(43.125),
        ("c", 2020): None,
        ("d", 2020): pytest.approx(25),
    }
    assert result.query(
        "select unit_id, rank from marts.index_scores where scheme = 'headline' order by 1"
    ) == [("a", 1), ("b", 2), ("c", None), ("d", 3)]
    # Global weights: 3/4 x 1/2 x 1 x (3/4, 1/4), 3/4 x 1/2 x (1/2, 1/2), 1/4
    assert result.query(
        "select global_weight from marts.index_weights "
        "where scheme = 'headline' and indicator_code is not null order by indicator_code"
    ) == [(0.28125,), (0.09375,), (0.1875,), (0.1875,), (0.25,)]
    ((reason,),) = result.query(
        "select reason from quality.input_warnings where rule = 'score_below_minimum_weight_share'"
    )
    assert "has no score for 1 units and periods, the first unit_id c" in reason


def test_skipped_indicator_without_data_gives_a_warning(build):
    observed = one_period(p=(10, 0, 5), q=(0, 10, 5))
    data = an_index(observed, "efficacy,60,40,pooled,fixed,weighted_mean", policy="skip")
    data.tables["indicators"].append({**data.tables["indicators"][0], "indicator_code": "none"})
    for row, weight in zip(data.tables["index_indicators"], ("3", "1"), strict=True):
        row["fixed_weight"] = weight
    data.tables["index_indicators"].append(
        {**data.tables["index_indicators"][0], "indicator_code": "none", "fixed_weight": "1"}
    )
    result = build(data)
    # 60 + 40 x (3 x 1 + 0) / 4 = 90, 60 + 40 x 1/4 = 70, 60 + 40 x 1/2 = 80
    assert scores(result) == pytest.approx({("a", 2020): 90, ("b", 2020): 70, ("c", 2020): 80})
    assert result.query(
        "select value from quality.input_warnings where rule = 'absent_indicator'"
    ) == [("none",)]


def test_shares_without_normalisation_use_raw_values(build):
    # p = 1/4, 3/4 -> e = (1/4 ln 4 + 3/4 ln(4/3)) / ln 2 = 0.8112781; one indicator, weight 1
    result = build(an_index(one_period(p=(2, 6)), "none,,,pooled,entropy,weighted_share"))
    assert scores(result) == pytest.approx({("a", 2020): 0.25, ("b", 2020): 0.75})
    assert result.value("select max(entropy) from marts.index_weights") == pytest.approx(0.8112781)


def test_negative_direction_reverses_an_indicator(build):
    members = "x,p,x,-1,"
    result = build(an_index(one_period(p=(0, 1, 4)), members=members))
    # z = 1, 3/4, 0
    assert scores(result) == pytest.approx(
        {("a", 2020): 1 / 1.75, ("b", 2020): 0.75 / 1.75, ("c", 2020): 0}
    )


def test_later_rows_do_not_change_earlier_scores(build):
    reference = {("a", 2011): 0.0, ("b", 2011): 2.0, ("a", 2012): 3.0, ("b", 2012): 4.0}
    later = {("a", 2013): 8.0, ("b", 2013): -2.0, ("city", 2013): 2.0}
    settings = {"reference_last_period": "2012"}
    before = scores(build(an_index({"p": reference, "q": reference})))
    result = build(an_index({"p": reference | later, "q": reference | later}, **settings))
    after = scores(result)
    assert {row: after[row] for row in reference} == pytest.approx(before, rel=1e-12)
    # z = 0, 1/2, 3/4, 1 with sum 9/4; later 8/4 = 2, -2/4 and 2/4 over the same sum
    assert after["a", 2013] == pytest.approx(2 / 2.25)
    assert after["b", 2013] == pytest.approx(-0.5 / 2.25)
    assert after["city", 2013] == pytest.approx(0.5 / 2.25)


def test_goalposts_replace_bounds_and_clamp_values(build):
    data = an_index(one_period(p=(2, 5, 20)), "efficacy,0,100,pooled,equal,weighted_mean")
    data.tables["index_indicators"][0].update(lower_goalpost="0", upper_goalpost="10")
    assert scores(build(data)) == pytest.approx(
        {("a", 2020): 20, ("b", 2020): 50, ("c", 2020): 100}
    )


def test_bounds_include_imputed_values(build):
    observed = {
        "p": {("a", 1): 4.0, ("b", 1): 8.0, ("a", 2): 6.0},
        "q": {("a", 1): 1.0, ("b", 1): 2.0, ("a", 2): 3.0, ("b", 2): 5.0},
    }
    result = build(an_index(observed, "efficacy,0,100,pooled,equal,weighted_mean", policy="zero"))
    # p: lo = 0 for the imputed cell of b in 2, hi = 8; q: lo 1, hi 5
    assert scores(result) == pytest.approx(
        {
            ("a", 1): (50 + 0) / 2,
            ("b", 1): (100 + 25) / 2,
            ("a", 2): (75 + 50) / 2,
            ("b", 2): (0 + 100) / 2,
        }
    )
    assert result.query(
        "select unit_id, period from marts.index_scores "
        "where scheme = 'headline' and imputed_cells = 1"
    ) == [("b", 2)]


def test_more_indicators_than_bits_of_one_block(build):
    """130 indicators take three blocks of presence bits; one missing cell in the last is found."""
    observed = {f"i{number:03d}": (number, number + 1.0) for number in range(130)}
    data = an_index(one_period(**observed), "min_max,,,pooled,equal,weighted_share")
    assert scores(build(data)) == pytest.approx({("a", 2020): 0, ("b", 2020): 1})
    data.tables["observations"] = [
        row
        for row in data.tables["observations"]
        if (row["indicator_code"], row["unit_id"]) != ("i125", "b")
    ]
    message = build(data).message
    assert "value of i125 is missing for unit_id b, period 2020" in message
    assert "1 fault(s)" in message


def test_parquet_gives_what_csv_gives(build, tmp_path):
    observed = one_period(first=(0, 1, 3), second=(1, 1, 0))
    data = an_index(observed)
    expected = scores(build(data))
    folder = data.write(tmp_path / "parquet")
    for file in folder.glob("*.csv"):
        if file.stem in ("observations", "units"):
            pyarrow.parquet.write_table(pyarrow.csv.read_csv(file), folder / f"{file.stem}.parquet")
            file.unlink()
    result = build(folder)
    assert scores(result) == expected
    parquet = pyarrow.parquet.read_schema(folder / "observations.parquet")
    assert str(parquet.field("period").type) == "int64"


def test_not_a_number_in_parquet_is_quarantined(build, tmp_path):
    data = an_index(one_period(first=(0, 1, 3), second=(1, 1, 0)), policy="zero")
    folder = data.write(tmp_path / "parquet")
    table = pyarrow.csv.read_csv(folder / "observations.csv").to_pylist()
    for row in table:
        row["value"] = float(row["value"])
    table[1]["value"] = math.nan
    table[2]["value"] = math.inf
    table[3]["value"] = None
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(table), folder / "observations.parquet")
    (folder / "observations.csv").unlink()
    result = build(folder)
    assert result.succeeded, result.message
    assert result.query(
        "select source_file, source_row, column_name, value "
        "from quality.quarantined_observations order by 2"
    ) == [
        ("observations.parquet", 2, "value", "nan"),
        ("observations.parquet", 3, "value", "inf"),
        ("observations.parquet", 4, "value", None),
    ]


def test_schemes_are_published_if_they_differ(build):
    observed = one_period(first=(0, 1, 3), second=(1, 1, 0))
    for weighting, schemes in {
        "entropy": ["equal", "headline"],
        "equal": ["entropy", "headline"],
        "fixed": ["entropy", "equal", "headline"],
    }.items():
        data = an_index(observed, f"min_max,,,pooled,{weighting},weighted_share")
        result = build(data)
        assert result.succeeded, result.message
        found = result.query("select distinct scheme from marts.index_scores order by 1")
        assert [scheme for (scheme,) in found] == schemes


def test_a_scheme_without_weights_is_left_out(build):
    """All values lie beyond the goalposts, so entropy weights do not exist; equal weights do."""
    data = an_index(one_period(p=(20, 30), q=(40, 50)), "efficacy,0,100,pooled,equal,weighted_mean")
    for row in data.tables["index_indicators"]:
        row.update(lower_goalpost="0", upper_goalpost="10")
    result = build(data)
    assert scores(result) == {("a", 2020): 100, ("b", 2020): 100}
    assert result.query("select distinct scheme from marts.index_scores") == [("headline",)]


def test_nearly_constant_raw_indicator_has_weight_zero(build):
    """Its entropy differs from 1 by less than double precision."""
    observed = one_period(flat=(1e15, 1e15 + 1, 1e15), varied=(1, 2, 6))
    result = build(an_index(observed, "none,,,pooled,entropy,weighted_share"), command="build")
    assert scores(result) == pytest.approx(
        {("a", 2020): 1 / 9, ("b", 2020): 2 / 9, ("c", 2020): 6 / 9}
    )


def test_a_weighted_mean_needs_no_shares(build):
    """All units at or beyond the bad end of a goalpost in one indicator: 0 there, not an error."""
    data = an_index(
        one_period(p=(2, 5, 8), q=(0, 1, 2)), "efficacy,60,40,pooled,equal,weighted_mean"
    )
    data.tables["index_indicators"][0].update(lower_goalpost="10", upper_goalpost="20")
    data.tables["index_indicators"][1].update(lower_goalpost="", upper_goalpost="")
    result = build(data, command="build")
    assert scores(result) == pytest.approx({("a", 2020): 60, ("b", 2020): 70, ("c", 2020): 80})


def test_node_without_weight_is_redistributed(build):
    # p is under a node of weight 0, q is constant, so the node above both has no weights.
    observed = one_period(p=(0, 10), q=(7, 7), r=(10, 0))
    nodes = """x,left,x,,,1
        x,right,x,,,1
        x,zero,left,,,0
        x,flat,left,,,1"""
    members = """x,p,zero,1,
        x,q,flat,1,
        x,r,right,1,"""
    result = build(
        an_index(observed, "efficacy,0,100,pooled,fixed,weighted_mean", nodes, members),
        command="build",
    )
    assert scores(result) == {("a", 2020): 100, ("b", 2020): 0}


def test_whole_float_periods_of_parquet_are_read(build, tmp_path):
    data = an_index(one_period(first=(0, 1, 3), second=(1, 1, 0)))
    folder = data.write(tmp_path / "parquet")
    table = pyarrow.csv.read_csv(folder / "observations.csv").to_pylist()
    for row in table:
        row["period"] = float(row["period"])
    table.append({**table[0], "period": 2020.5})
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(table), folder / "observations.parquet")
    (folder / "observations.csv").unlink()
    result = build(folder)
    assert set(scores(result)) == {("a", 2020), ("b", 2020), ("c", 2020)}
    assert result.query("select column_name, value from quality.quarantined_observations") == [
        ("period", "2020.5")
    ]


@pytest.mark.parametrize("policy", ["fail", "skip"])
def test_goalposts_score_a_value_that_all_units_share(policy, build):
    """A value of 75 between the goalposts 0 and 100 is .75, or .25, regardless of other units."""
    data = an_index(one_period(same=(75, 75, 75), other=(0, 50, 100)), policy=policy)
    names = ["index_code", "frame", "direction"]
    cases = [
        dict(zip(names, (f"{frame}{sign}", frame, sign), strict=True))
        for frame in ("pooled", "by_period")
        for sign in ("1", "-1")
    ]
    index, node, same, other = (
        data.tables["indices"][0],
        data.tables["index_nodes"][0],
        *data.tables["index_indicators"],
    )
    index |= {"weighting": "equal", "aggregation": "weighted_mean", "normalization": "min_max"}
    goalposts = {"lower_goalpost": "0", "upper_goalpost": "100"}
    data.tables["indices"] = [
        index | {"index_code": case["index_code"], "frame": case["frame"]} for case in cases
    ]
    data.tables["index_nodes"] = [
        node | {"index_code": case["index_code"], "node_code": case["index_code"]} for case in cases
    ]
    data.tables["index_indicators"] = [
        row
        | goalposts
        | {"index_code": case["index_code"], "node_code": case["index_code"], "direction": sign}
        for case in cases
        for row, sign in ((same, case["direction"]), (other, "1"))
    ]
    result = build(data)
    for case in cases:
        value = 0.75 if case["direction"] == "1" else 0.25
        assert scores(result, node=case["index_code"]) == pytest.approx(
            {("a", 2020): value / 2, ("b", 2020): (value + 0.5) / 2, ("c", 2020): (value + 1) / 2}
        )
    assert result.query(
        "select rule, value, count(*) from quality.input_warnings group by all"
    ) == [("indicator_does_not_vary", "same", 4)]
    # The entropy of equal shares is 1, so only the other indicator has an entropy weight.
    assert result.query(
        "select distinct indicator_code, weight from marts.index_weights "
        "where scheme = 'entropy' and indicator_code is not null order by indicator_code"
    ) == [("other", 1), ("same", 0)]


@pytest.mark.parametrize("weighting", ["entropy", "equal"])
def test_a_range_within_rounding_is_constant(weighting, build):
    result = build(
        an_index(
            one_period(share=(0.1 + 0.2, 0.3, 0.3), other=(1, 2, 4)),
            f"min_max,,,pooled,{weighting},weighted_share",
        )
    )
    # z of other: 0, 1/3, 1, whose shares are 0, 1/4, 3/4
    assert scores(result) == pytest.approx({("a", 2020): 0, ("b", 2020): 0.25, ("c", 2020): 0.75})
    assert result.query("select rule, value from quality.input_warnings") == [
        ("constant_indicator", "share")
    ]


def test_rounding_beside_a_goalpost_is_the_goalpost(build):
    # z of near: 0, 0, 0, not 1 for the first; z of other: 0, 1/3, 1
    data = an_index(
        one_period(near=(0.1 + 0.2, 0.3, 0.3), other=(1, 2, 4)),
        "efficacy,0,1,pooled,equal,weighted_mean",
    )
    near, other = data.tables["index_indicators"]
    near |= {"lower_goalpost": "0.3", "upper_goalpost": "1"}
    other |= {"lower_goalpost": "", "upper_goalpost": ""}
    result = build(data)
    assert scores(result) == pytest.approx(
        {("a", 2020): 0, ("b", 2020): 1 / 6, ("c", 2020): 1 / 2}, abs=1e-11
    )


def test_one_unit_over_several_periods_is_an_index(build):
    observed = {"first": {("a", 2018): 1, ("a", 2019): 2, ("a", 2020): 5}}
    result = build(an_index(observed, "min_max,,,pooled,equal,weighted_share"))
    # z: 0, 1/4, 1
    assert scores(result) == pytest.approx({("a", 2018): 0, ("a", 2019): 0.2, ("a", 2020): 0.8})
    ((value, reason),) = result.query("select value, reason from quality.input_warnings")
    assert value == "x"
    assert "has observations of one unit only (unit_id a): its scores compare the unit" in reason


def test_one_unit_by_period_needs_goalposts(build):
    data = an_index(
        {"first": {("a", 2019): 20, ("a", 2020): 50, ("b", 2020): 100}},
        "efficacy,0,100,by_period,equal,weighted_mean",
    )
    for row in data.tables["index_indicators"]:
        row |= {"lower_goalpost": "0", "upper_goalpost": "100"}
    result = build(data)
    assert scores(result) == {("a", 2019): 20, ("a", 2020): 50, ("b", 2020): 100}
    ((reason,),) = result.query("select reason from quality.input_warnings where value = 'x'")
    assert "of one unit only (unit_id a) in the period 2019" in reason


@pytest.mark.parametrize("policy", ["minimum", "skip"])
def test_units_with_few_own_values_are_named(policy, build):
    observed = one_period(p=(1, 2, 3), q=(1, 2, None), r=(1, 2, None))
    data = an_index(observed, "efficacy,0,1,pooled,equal,weighted_mean", policy=policy)
    data.tables["units"].append({**data.tables["units"][0], "unit_id": "z"})
    result = build(data)
    found = result.query(
        "select rule, value, reason from quality.input_warnings "
        "where column_name = 'unit_id' order by 1"
    )
    assert [row[:2] for row in found] == [
        ("unit_has_few_values_of_its_own", "c"),
        ("unit_without_observations", "z"),
    ]
    assert "has values of its own for 33 % of the weight of the index x" in found[0][2]


def test_value_without_a_branch_stops_the_compilation(runner):
    template = "select {{ case_by_value('indices.frame', 'frame', {'pooled': '1'}) }} as x"
    with pytest.raises(
        CompilationError, match=r"branches of indices\.frame do not match"
    ) as raised:
        runner.rendered(template)
    assert "no branch for by_period" in str(raised.value)


def test_an_enumeration_that_is_not_listed_is_named(runner):
    with pytest.raises(CompilationError, match=r"'indices\.colour' is not an enumeration"):
        runner.rendered("select {{ is_allowed_value('indices.colour', 'x') }} as x")


def test_unknown_value_stops_the_query(runner):
    branches = "{'pooled': '1', 'by_period': '2'}"
    case = runner.rendered("{{ case_by_value('indices.frame', 'frame', " + branches + ") }}")
    frames = "(select 'rolling' as frame union all select 'pooled' union all select null)"
    with pytest.raises(duckdb.Error, match="is 'rolling'; expected one of pooled, by_period"):
        duckdb.sql(f"select {case} as x from {frames} as frames").fetchall()
    duckdb.sql(f"select {case} as x from {frames} where frame <> 'rolling'").fetchall()


def test_python_and_sql_list_the_same_matrices(runner):
    listed = runner.rendered("{{ allowed_values('pca_analyses.matrix') | join(' ') }}")
    assert listed.split() == list(pca.KINDS)
