"""The regressions of the catalog end to end, against linearmodels, statsmodels and pandas."""

import csv

import duckdb
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from conftest import PROJECT, rows
from linearmodels.iv import IV2SLS
from linearmodels.panel import PanelOLS
from test_index_engine import an_index

pytestmark = pytest.mark.marts(
    "panel_estimates",
    "panel_fits",
    "ar_set_pieces",
    "descriptive_statistics",
    "input_warnings",
    tested=True,
)

CONTROLS = ["ln_pgdp", "fin", "rd", "gov"]


@pytest.fixture(scope="module")
def frame(shipped) -> pd.DataFrame:
    with duckdb.connect(str(shipped.warehouse), read_only=True) as connection:
        return connection.execute("from intermediate.int_panel__frame").df()


def estimates(shipped, spec: str, column: str = "estimate") -> dict[str, float]:
    return dict(
        shipped.query(
            f"select term, {column} from marts.panel_estimates where spec_code = '{spec}'"
        )
    )


def fit(shipped, spec: str, *columns: str) -> tuple:
    return shipped.query(
        f"select {', '.join(columns)} from marts.panel_fits where spec_code = '{spec}'"
    )[0]


def linearmodels_fit(data: pd.DataFrame, outcome: str, terms: list[str]):
    """Two-way fixed effects; errors with the factor of fixest instead of linearmodels'."""
    indexed = data.set_index(["unit_id", "period"])[[outcome, *terms]].dropna()
    result = PanelOLS(indexed[outcome], indexed[terms], entity_effects=True, time_effects=True).fit(
        cov_type="clustered",
        cluster_entity=True,
        debiased=False,
        auto_df=False,
        count_effects=False,
    )
    n, units, periods = (
        len(indexed),
        indexed.index.get_level_values(0).nunique(),
        indexed.index.get_level_values(1).nunique(),
    )
    factor = (n - 1) / (n - len(terms) - periods) * units / (units - 1)
    return result.params, result.std_errors * np.sqrt(factor)


@pytest.mark.parametrize(
    ("spec", "outcome", "regions"),
    [
        ("baseline", "fr", ["east", "central", "west"]),
        ("east", "fr", ["east"]),
        ("central_west", "fr", ["central", "west"]),
        ("comprehensive_risk", "comprehensive_risk", ["east", "central", "west"]),
    ],
)
@pytest.mark.parametrize("regressor", ["scdbi_ex_npl", "scdbi"])
def test_two_way_regressions_are_those_of_linearmodels(
    shipped, frame, spec, outcome, regions, regressor
):
    spec += "" if regressor == "scdbi_ex_npl" else "_replication"
    terms = [regressor, *CONTROLS]
    coefficients, errors = linearmodels_fit(frame[frame.region.isin(regions)], outcome, terms)
    assert estimates(shipped, spec) == pytest.approx(dict(coefficients), rel=1e-8)
    assert estimates(shipped, spec, "std_error") == pytest.approx(dict(errors), rel=1e-8)


def test_the_planted_coefficients_are_found(shipped):
    with open(PROJECT / "seeds/catalog/planted_effects.csv", encoding="utf-8") as stream:
        planted = {row["term"]: float(row["coefficient"]) for row in csv.DictReader(stream)}
    planted["scdbi_ex_npl"] = planted.pop("scdbi_ex_npl_x100")
    for term, low, high in shipped.query(
        "select term, ci_low_cr3, ci_high_cr3 from marts.panel_estimates "
        "where spec_code = 'baseline'"
    ):
        assert low <= planted.pop(term) <= high
    assert not planted


def test_the_interaction_and_its_missing_year(shipped, frame):
    data = frame.assign(**{"scdbi_ex_npl:cycle": frame.scdbi_ex_npl * frame.cycle})
    terms = ["scdbi_ex_npl", "scdbi_ex_npl:cycle", *CONTROLS]
    coefficients, errors = linearmodels_fit(data, "fr", terms)
    assert estimates(shipped, "business_cycle") == pytest.approx(dict(coefficients), rel=1e-8)
    assert estimates(shipped, "business_cycle", "std_error") == pytest.approx(
        dict(errors), rel=1e-8
    )
    assert fit(shipped, "business_cycle", "n_obs", "n_dropped") == (279, 31)


def test_sample_difference_equals_the_interacted_model(shipped, frame):
    data = frame.assign(
        east=(frame.region == "east").astype(int),
        cell=(frame.region == "east").astype(str) + frame.period.astype(str),
    )
    interacted = " + ".join(f"{term} + east:{term}" for term in ["scdbi_ex_npl", *CONTROLS])
    result = smf.ols(f"fr ~ {interacted} + C(unit_id) + C(cell)", data).fit(
        cov_type="cluster",
        cov_kwds={"groups": data.unit_id.astype("category").cat.codes, "use_correction": False},
    )
    found = estimates(shipped, "east_vs_central_west")
    errors = estimates(shipped, "east_vs_central_west", "std_error")
    # K: ten coefficients, the constant, and nine periods in either sample.
    factor = (310 - 1) / (310 - 29) * 31 / 30
    for term in ["scdbi_ex_npl", *CONTROLS]:
        name = next(n for n in result.params.index if "east" in n and n.endswith(term))
        assert found[term] == pytest.approx(result.params[name], rel=1e-6)
        assert errors[term] == pytest.approx(result.bse[name] * np.sqrt(factor), rel=1e-6)
    assert fit(shipped, "east_vs_central_west", "k_counted", "df") == (29, 30)


def test_instrument_of_the_paper_is_marked_weak(shipped, frame):
    columns = ["fr", "scdbi_ex_npl", "density", *CONTROLS]
    within = frame[columns] - frame.groupby("unit_id")[columns].transform("mean")
    within -= within.groupby(frame.period).transform("mean")
    reference = IV2SLS(within.fr, within[CONTROLS], within.scdbi_ex_npl, within.density).fit(
        cov_type="clustered", clusters=frame.unit_id.astype("category").cat.codes
    )
    found = estimates(shipped, "iv_density")
    assert found["scdbi_ex_npl"] == pytest.approx(reference.params["scdbi_ex_npl"], rel=1e-6)
    status, message, f, ar_type, share, term = fit(
        shipped,
        "iv_density",
        "status",
        "message",
        "f_first_stage",
        "ar_type",
        "smallest_within_share",
        "smallest_within_share_term",
    )
    assert status == "weak_instrument"
    assert "first-stage F of scdbi_ex_npl" in message
    assert f < 10
    assert ar_type == "all"
    assert (share < 0.001, term) == (True, "density")
    assert shipped.query(
        "select low, high from marts.ar_set_pieces where spec_code = 'iv_density'"
    ) == [(-np.inf, np.inf)]


def test_descriptive_statistics_are_those_of_pandas(shipped, frame):
    for sample, data in (
        ("all", frame),
        ("east", frame[frame.region == "east"]),
        ("last_period", frame[frame.period == 2020]),
    ):
        for variable in ("fr", "scdbi", "pgdp", "fin"):
            found = shipped.query(
                "select n, mean, sd, minimum, maximum, coefficient_of_variation, "
                "correlation_with_index, index_variable_code from marts.descriptive_statistics "
                f"where variable_code = '{variable}' and sample = '{sample}'"
            )[0]
            values = data[variable]
            *found, correlation, index = found
            if variable == "scdbi":  # the index itself
                assert (correlation, index) == (None, None)
            else:
                assert correlation == pytest.approx(values.corr(data.scdbi), rel=1e-9)
                assert index == "scdbi"
            assert found == pytest.approx(
                [
                    len(values),
                    values.mean(),
                    values.std(),
                    values.min(),
                    values.max(),
                    values.std() / values.mean(),
                ],
                rel=1e-9,
            )
    assert shipped.query(
        "select n, round(mean, 2), round(sd, 2), round(minimum, 2), round(maximum, 2) "
        "from marts.descriptive_statistics where variable_code = 'fr' and sample = 'all'"
    ) == [(310, 1.87, 0.65, 0.92, 3.54)]


def test_every_estimate_names_its_convention(shipped):
    assert fit(shipped, "baseline", "vcov_type", "k_counted", "df") == ("CR1", 15, 30)
    columns = ("bootstrap_draws", "bootstrap_seed", "bootstrap_weights")
    assert fit(shipped, "baseline", *columns) == (9999, 1731, "webb")


# A user's own panel ------------------------------------------------------------------------------

VARIABLES = """
    variable_code,source_kind,source_code,transform,scale,label_en
    y,indicator,a,identity,1,Y
    x,indicator,b,identity,1,X
    ln_x,indicator,b,log,1,log X
    twice,indicator,b,identity,2,Twice X
    fixed,indicator,c,identity,1,Does not move
    score,index_score,x,identity,100,Index
    never,indicator,d,identity,1,Has no data
    doubled,indicator,a,identity,2,Twice Y
    trend,period,,identity,1,Period
"""


def own_panel(*specs: str, variables: str = VARIABLES, periods=(1, 2, 3)):
    """Six units in three periods; c is constant within units, one value of b is not positive."""
    generator = np.random.default_rng(3)
    observed = {
        code: {
            (unit, period): round(float(value), 3)
            for (unit, period), value in zip(
                [(unit, period) for unit in "abcdef" for period in periods],
                generator.uniform(1, 9, 6 * len(periods)),
                strict=True,
            )
        }
        for code in "ab"
    }
    observed["b"]["b", periods[-1]] = 0
    observed["c"] = {(unit, period): ord(unit) for unit in "abcdef" for period in periods}
    data = an_index(observed, "efficacy,0,1,pooled,equal,weighted_mean")
    data.tables["indicators"].append({**data.tables["indicators"][0], "indicator_code": "d"})
    for number, unit in enumerate(data.tables["units"]):
        unit["region"] = "north" if number < 4 else "south"
    data.tables["panel_variables"] = rows(variables)
    data.tables["panel_specs"] = rows(
        "spec_code,table_code,title,formula,sample_region,cluster\n" + "\n".join(specs)
    )
    return data


def test_a_users_own_panel_with_and_without_effects(build):
    result = build(
        own_panel(
            "two_way,,,y ~ x | unit_id + period,,unit_id",
            "pooled,,,y ~ x | 0 |,,",
            "north,,,y ~ x | unit_id,north,unit_id",
        ),
        command="build",
    )
    assert result.succeeded, result.message
    frame = result.query("select y, x from intermediate.int_panel__frame")
    y, x = np.array(frame, dtype=float).T
    reference = smf.ols("y ~ x", pd.DataFrame({"y": y, "x": x})).fit(cov_type="HC1", use_t=True)
    found = result.query(
        "select term, estimate, std_error, p_value, vcov_type, df from marts.panel_estimates "
        "where spec_code = 'pooled' order by term_number"
    )
    assert [row[0] for row in found] == ["(Intercept)", "x"]
    for row, name in zip(found, ["Intercept", "x"], strict=True):
        assert row[1:4] == pytest.approx(
            (reference.params[name], reference.bse[name], reference.pvalues[name]), rel=1e-8
        )
        assert row[4:] == ("HC1", 16)
    assert result.query(
        "select spec_code, status, n_obs, n_clusters from marts.panel_fits "
        "where spec_code <> 'pooled' order by 1"
    ) == [("north", "ok", 12, 4), ("two_way", "ok", 18, 6)]


FAULTS = {
    "unknown variable": ("y ~ zzz | unit_id + period", "not_estimated", "zzz is unknown"),
    "outcome inside": ("y ~ x + x:y | unit_id", "not_estimated", "is part of the term"),
    "an identity": ("doubled ~ y | unit_id | x ~ trend", "ok", "diagnostics of the instruments"),
    "no data": ("y ~ never | unit_id", "not_estimated", "the data lack the variable never"),
    "does not parse": ("y ~ x | unit_id + firm", "not_estimated", "firm"),
    "no tilde": ("y x", "not_estimated", "~"),
    "collinear": ("y ~ x + twice | unit_id", "not_identified", "twice"),
    "absorbed": ("y ~ fixed + x | unit_id", "not_identified", "fixed"),
    "instrument does not move": (
        "y ~ 1 | unit_id + period | x ~ fixed",
        "not_identified",
        "fixed",
    ),
    "no logarithm": ("y ~ ln_x | unit_id", "not_estimated", "unit_id b, period 3"),
    "few clusters": ("y ~ x + score + x:score | unit_id", "not_estimated", "cluster"),
    "empty": ("", "not_estimated", "the formula is empty"),
}


def test_failed_regressions_have_a_message_and_stop_nothing(build):
    specs = [f'"{fault}",,,"{formula}",,unit_id' for fault, (formula, _, _) in FAULTS.items()]
    specs = [
        spec.replace(",,unit_id", ",south,unit_id") if spec.startswith('"few') else spec
        for spec in specs
    ]
    specs.append("elsewhere,,,y ~ x | unit_id,overseas,unit_id")
    result = build(own_panel(*specs), command="build")
    assert result.succeeded, result.message
    found = {
        spec: (status, message)
        for spec, status, message in result.query(
            "select spec_code, status, message from marts.panel_fits"
        )
    }
    for fault, (_, status, words) in FAULTS.items():
        assert found[fault][0] == status, (fault, found[fault])
        assert words in found[fault][1], (fault, found[fault])
    assert found["elsewhere"][0] == "not_estimated"
    assert "overseas" in found["elsewhere"][1]
    # Their rows exist, without numbers.
    assert result.query(
        "select term, estimate, p_value from marts.panel_estimates where spec_code = 'absorbed' "
        "order by term_number"
    ) == [("fixed", None, None), ("x", None, None)]


def test_one_period_is_enough_without_unit_effects(build):
    result = build(
        own_panel(
            "cross_section,,,y ~ x | 0 |,,",
            "with_effects,,,y ~ x | unit_id,,unit_id",
            periods=(3,),
        )
    )
    assert result.query("select spec_code, status from marts.panel_fits order by 1") == [
        ("cross_section", "ok"),
        ("with_effects", "not_estimated"),
    ]
    assert "period" in result.value(
        "select message from marts.panel_fits where spec_code = 'with_effects'"
    )


def test_faults_of_the_variables_stop_the_build(build):
    result = build(
        own_panel(
            "twice,,,y ~ x,,unit_id",
            "twice,,,y ~ x,,firm",
            variables="""
                variable_code,source_kind,source_code,transform,scale,label_en
                y,indicator,zzz,identity,1,Y
                period,indicator,a,identity,1,P
                x,indicators,b,square,one,X
                s,node_score,x,identity,1,S
                X,indicator,a,identity,1,Capital
            """,
        )
    )
    assert not result.succeeded
    for message in (
        "panel_variables.csv row 2: source_code 'zzz' is not a source of the kind",
        "panel_variables.csv row 3: variable_code 'period' cannot be the name of a variable",
        "panel_variables.csv row 4: source_kind 'indicators' is not one of indicator,",
        "panel_variables.csv row 4: transform 'square' is not one of identity, log",
        "panel_variables.csv row 4: scale 'one' is not a number",
        "panel_variables.csv row 5: source_code 'x' is not a source of the kind "
        "node_score; write index_code/node_code",
        "panel_variables.csv row 6: variable_code 'X' differs from another variable_code only by",
        "panel_specs.csv row 3: spec_code 'twice' is already in row 2",
        "panel_specs.csv row 3: cluster 'firm' is not unit_id",
    ):
        assert message in result.message
