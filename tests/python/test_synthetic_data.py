"""The synthetic seeds reproduce their targets and planted effects, and are reproducible.

Expected values are those of Song & Liu (2025, Table 2), of the national totals published by the
National Bureau of Statistics, of `planted_effects.csv` and of `planted_credit_gain.csv`. The index
and the logit of the loans are recomputed here from the committed files.
"""

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from sklearn.metrics import roc_auc_score

from credit_indices.stats.credit.discrimination import auc_difference
from synthetic import coverage as coverage_files
from synthetic import enterprises as enterprise_files
from synthetic import links as link_files
from synthetic import loans as loan_files
from synthetic import provinces

ROOT = Path(__file__).parents[2]
RAW = ROOT / "seeds" / "raw"
PLANTED = ROOT / "seeds" / "catalog" / "planted_effects.csv"
SYNTHETIC = [RAW / name for name in sorted(provinces.FILES)]
KEY = ["province_code", "year"]
EAST = [11, 12, 13, 21, 31, 32, 33, 35, 37, 44, 46]
WEST = [15, 45, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65]
NEGATIVE = ["npl_ratio_percent", "loan_approval_days"]
SYNTHETIC_IN_THE_INDEX = [
    "internet_domain_names_10k",
    "internet_users_10k_persons",
    "optical_cable_length_10k_km",
    "broadband_access_ports_10k",
    "broadband_subscribers_10k_households",
    "mobile_base_stations_10k",
    "mobile_penetration_per_100_persons",
    "ecommerce_sales_100m_yuan",
    "open_government_datasets",
    "joint_punishment_memoranda",
    "credit_repair_rate_percent",
    "npl_ratio_percent",
    "sme_credit_coverage_percent",
    "loan_approval_days",
    "financing_satisfaction_percent",
    "credit_report_queries_10k",
    "digital_payment_volume_100m_yuan",
    "local_credit_regulations",
]
OFFICIAL_IN_THE_INDEX = [
    "invention_patents_granted",
    "patents_granted",
    "invention_patent_applications",
    "tech_market_turnover_100m_yuan",
    "science_technology_expenditure_100m_yuan",
]


def synthetic_columns() -> list[str]:
    return [c for path in SYNTHETIC for c in pd.read_csv(path, nrows=0) if c not in KEY]


def entropy_weighted_scores(table: pd.DataFrame) -> pd.Series:
    """Sum over indicators of weight x share; shares over all rows, weights from entropy."""
    best = table.copy()
    for column in best.columns.intersection(NEGATIVE):
        best[column] = best[column].max() - best[column]
    z = (best - best.min()) / (best.max() - best.min())
    p = z / z.sum()
    entropy = -(p * np.log(p.where(p > 0, 1))).sum() / np.log(len(p))
    weights = (1 - entropy) / (1 - entropy).sum()
    return p @ weights


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """All committed values, joined, with the variables of the planted regression."""
    table = pd.read_csv(RAW / "nbs.csv").set_index(KEY)
    for path in SYNTHETIC:
        table = table.join(pd.read_csv(path).set_index(KEY), validate="one_to_one")
    gdp = table["gdp_as_published_100m_yuan"]
    indicators = SYNTHETIC_IN_THE_INDEX + OFFICIAL_IN_THE_INDEX
    assert len(indicators) == 23
    cells = table[indicators].fillna(0)
    return table.assign(
        population_10k=10_000 * gdp / table["gdp_per_capita_yuan"],
        scdbi=entropy_weighted_scores(cells),
        scdbi_ex_npl_x100=100 * entropy_weighted_scores(cells.drop(columns="npl_ratio_percent")),
        fr=table["npl_ratio_percent"],
        ln_pgdp=np.log(table["gdp_per_capita_yuan"]),
        fin=np.log(table["aggregate_financing_100m_yuan"]),
        rd=100 * table["rd_expenditure_100m_yuan"] / gdp,
        gov=100 * table["fiscal_expenditure_100m_yuan"] / gdp,
    ).reset_index()


def two_way_fit(table: pd.DataFrame):
    formula = "fr ~ scdbi_ex_npl_x100 + ln_pgdp + fin + rd + gov + C(province_code) + C(year)"
    groups = {"groups": table["province_code"]}
    return smf.ols(formula, table).fit(cov_type="cluster", cov_kwds=groups, use_t=True)


# The files --------------------------------------------------------------------------------------


def test_a_second_run_writes_the_committed_bytes(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    provinces.main(["--out", str(tmp_path)])
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in SYNTHETIC}


@pytest.mark.parametrize("path", SYNTHETIC, ids=lambda path: path.stem)
def test_a_file_has_every_province_and_year_once_and_no_blank(path):
    text = pd.read_csv(path, dtype=str, keep_default_na=False)
    official = pd.read_csv(RAW / "nbs.csv", dtype=str)
    assert text[KEY].equals(official[KEY])
    assert text.map(lambda cell: np.isfinite(float(cell))).all(axis=None)
    assert b"\r" not in path.read_bytes()


def test_official_values_are_as_published(table):
    assert len(table) == 310
    rows = table.set_index(KEY)
    assert rows.loc[(11, 2011), "gdp_as_published_100m_yuan"] == 16251.93
    assert rows.loc[(11, 2013), "gdp_per_capita_yuan"] == 94647.8813
    assert rows.loc[(44, 2020), "gdp_as_published_100m_yuan"] == 110760.94
    assert rows.loc[(44, 2020), "patents_granted"] == 709_725
    assert table["gdp_per_capita_yuan"].std() == pytest.approx(27_191, abs=1)
    assert table["gdp_per_capita_yuan"].max() == pytest.approx(164_889, abs=1)
    gaps = table[table["tech_market_turnover_100m_yuan"].isna()]
    assert set(gaps["province_code"]) == {54}
    assert list(gaps["year"]) == [2011, 2012, 2013, 2014, 2015, 2016]
    area = pd.read_csv(RAW / "nbs_land_area.csv")["land_area_10k_km2"]
    assert len(area) == 31
    assert area.sum() == pytest.approx(960, rel=0.02)


# The targets ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "totals"),
    [
        ("optical_cable_length_10k_km", {2011: 1_212, 2015: 2_486, 2020: 5_169}),
        ("broadband_access_ports_10k", {2013: 35_900, 2015: 57_700, 2020: 94_600}),
        ("broadband_subscribers_10k_households", {2011: 15_000, 2015: 25_950, 2020: 48_360}),
        ("mobile_subscribers_10k", {2011: 98_600, 2015: 127_100, 2020: 159_400}),
        ("rd_expenditure_100m_yuan", {2011: 8_687, 2015: 14_170, 2020: 24_393}),
    ],
)
def test_provinces_add_up_to_the_published_national_totals(table, column, totals):
    subscribers = table["mobile_penetration_per_100_persons"] * table["population_10k"] / 100
    sums = table.assign(mobile_subscribers_10k=subscribers).groupby("year")[column].sum()
    assert sums[list(totals)].to_dict() == pytest.approx(totals, rel=0.001)
    growth = sums / sums.shift()
    assert growth.dropna().between(1.0, 1.3).all()


@pytest.mark.parametrize(
    ("variable", "mean", "sd", "minimum", "maximum"),
    [("fr", 1.87, 0.65, 0.92, 3.54), ("fin", 8.48, 0.85, 3.40, 10.67)],
)
def test_moments_are_those_of_table_2(table, variable, mean, sd, minimum, maximum):
    achieved = table[variable].agg(["mean", "std", "min", "max"])
    assert list(achieved) == pytest.approx([mean, sd, minimum, maximum], abs=0.005)


def test_risk_in_east_and_west_is_that_of_table_2(table):
    by_province = table.groupby("province_code")["fr"].mean()
    assert by_province[EAST].mean() == pytest.approx(1.52, abs=0.005)
    assert by_province[WEST].mean() == pytest.approx(2.13, abs=0.005)


def test_financing_correlates_with_the_index_as_in_table_2(table):
    assert table["fin"].corr(table["scdbi"]) == pytest.approx(0.68, abs=0.005)


# Planted effects --------------------------------------------------------------------------------


def test_the_planted_effects_are_those_of_table_3_and_two_zeros():
    planted = pd.read_csv(PLANTED).set_index(["outcome", "term"])["coefficient"]
    assert planted["fr"].to_dict() == {
        "scdbi_ex_npl_x100": -0.72,
        "ln_pgdp": -0.35,
        "fin": -0.28,
        "rd": 0,
        "gov": 0,
    }


def test_planted_effects_are_within_two_standard_errors(table):
    planted = pd.read_csv(PLANTED).set_index("term")["coefficient"]
    fit = two_way_fit(table)
    distance = (fit.params[planted.index] - planted) / fit.bse[planted.index]
    assert distance.abs().max() < 2
    assert fit.bse["scdbi_ex_npl_x100"] < 0.15


def test_planted_effects_are_exact_without_noise(table, monkeypatch):
    monkeypatch.setattr(provinces, "FR_NOISE_SD", 0.0)
    planted = provinces.read_planted(PLANTED)
    panel = provinces.generate(provinces.read_official(RAW / "nbs.csv"), planted)
    columns = {name: grid.ravel() for name, grid in provinces.regressors(panel).items()}
    fit = two_way_fit(table.assign(**columns, fr=panel["npl_ratio_percent"].ravel()))
    assert fit.params[list(planted)].to_dict() == pytest.approx(planted, abs=0.0005)


# Plausibility -----------------------------------------------------------------------------------


def test_nothing_is_clipped(table):
    measured = [name for name, decimals in provinces.DECIMALS.items() if decimals]
    assert measured
    assert set(measured) <= set(synthetic_columns())
    for column in measured:
        values = table[column]
        # Clipped values pile up at a bound; two may meet there by rounding.
        assert (values == values.min()).sum() <= 2, column
        assert (values == values.max()).sum() <= 2, column


def test_no_value_doubles_or_halves_within_a_year(table):
    columns = synthetic_columns()
    values = table.set_index(KEY)[columns]
    growth = (values / values.groupby("province_code").shift()).dropna()
    doubling = (growth.max() >= 2) | (growth.min() <= 0.5)
    # The minimum of FIN in Table 2 is six standard deviations below its mean: a province in that
    # tail must leave it quickly.
    assert list(doubling[doubling].index) == ["aggregate_financing_100m_yuan"]
    assert growth["aggregate_financing_100m_yuan"].between(0.5, 3).all()


def test_magnitudes_are_those_of_china(table):
    assert table["mobile_penetration_per_100_persons"].between(50, 190).all()
    assert (table["internet_users_10k_persons"] < table["population_10k"]).all()
    assert table["rd"].between(0.2, 7).all()
    assert table["financing_satisfaction_percent"].between(50, 95).all()
    assert table["sme_credit_coverage_percent"].between(0, 100).all()
    assert table["credit_repair_rate_percent"].between(0, 100).all()
    assert table["loan_approval_days"].between(1, 30).all()
    assert (table.groupby("year")["loan_approval_days"].mean().diff().dropna() < 0).all()
    assert (table.groupby("year")["local_credit_regulations"].mean().diff().dropna() > 0).all()


# Faults -----------------------------------------------------------------------------------------


def test_a_missing_row_of_the_official_file_is_an_error(tmp_path):
    incomplete = tmp_path / "nbs.csv"
    pd.read_csv(RAW / "nbs.csv").iloc[1:].to_csv(incomplete, index=False)
    with pytest.raises(ValueError, match=r"nbs\.csv: expected one row for each of 31 provinces"):
        provinces.read_official(incomplete)


def test_an_unknown_planted_term_is_an_error(monkeypatch):
    official = provinces.read_official(RAW / "nbs.csv")
    with pytest.raises(ValueError, match="planted terms of fr are"):
        provinces.generate(official, {"weather": 1.0})


def test_report_shows_every_target(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    provinces.main(["--report"])
    printed = capsys.readouterr().out
    assert "| FR, mean | 1.87 | 1.8700 |" in printed
    assert "| scdbi_ex_npl_x100 | -0.72 |" in printed


# Loans ------------------------------------------------------------------------------------------

LOANS = ROOT / "seeds" / "loans"
CATALOG = ROOT / "seeds" / "catalog"
ENTERPRISES = ROOT / "seeds" / "enterprises"
ALTERNATIVE = ["utility_arrears_months", "platform_sales_growth", "tax_paid_on_time"]


def dates(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column, format="%Y-%m-%d")


COVERAGE = ("coverage_records", "ratings")


@pytest.fixture(scope="module")
def truth() -> pd.Series:
    return pd.read_csv(CATALOG / "planted_credit_gain.csv", index_col="quantity")["value"]


@pytest.fixture(scope="module")
def loans() -> pd.DataFrame:
    table = pd.read_csv(LOANS / "synthetic_loans.csv", dtype=str, index_col="loan_id")
    days = ["decided_at", "matures_at", "outcome_known_at"]
    return table.assign(**{name: dates(table[name]) for name in days})


@pytest.fixture(scope="module")
def known(loans) -> pd.DataFrame:
    return loans[loans.outcome.isin(["paid", "defaulted"])]


@pytest.fixture(scope="module")
def features() -> pd.DataFrame:
    return pd.read_csv(LOANS / "synthetic_loan_features.csv", dtype=str)


@pytest.fixture(scope="module")
def design(features, truth) -> pd.DataFrame:
    """Constant, dummies of the sectors and distances from the references, by loan."""
    wide = features.pivot(index="loan_id", columns="feature", values="value")
    x = pd.get_dummies(wide.pop("sector"), dtype=float).drop(columns="manufacturing")
    x = x.add_prefix("sector=")
    for name in wide:
        reference = truth[f"reference_{name}"]
        x[name] = pd.to_numeric(wide[name]).fillna(reference) - reference
    return sm.add_constant(x)


def planted_coefficients(truth: pd.Series, x: pd.DataFrame) -> pd.Series:
    names = ["intercept", *("coefficient_" + x.columns[1:])]
    return truth[names].set_axis(x.columns)


def logit(known: pd.DataFrame, x: pd.DataFrame, **options):
    return sm.Logit((known.outcome == "defaulted").astype(float), x).fit(disp=0, **options)


def test_loans_links_consents_have_the_committed_bytes(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    loan_files.main(["--out", str(tmp_path), "--out-catalog", str(tmp_path)])
    enterprise_files.main(["--out", str(tmp_path)])
    coverage_files.main(["--out", str(tmp_path)])
    link_files.main(["--out", str(tmp_path)])
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = [
        CATALOG / "planted_credit_gain.csv",
        *LOANS.glob("*.csv"),
        *ENTERPRISES.glob("*.csv"),
    ]
    assert written == {path.name: path.read_bytes() for path in committed}


def test_loans_have_the_planned_size_and_shares(loans, known, truth):
    assert (LOANS / "synthetic_loans.csv").stat().st_size < 500_000
    assert (LOANS / "synthetic_loan_features.csv").stat().st_size < 3_000_000
    assert len(loans) == pytest.approx(6_000, rel=0.1)
    assert loans.enterprise_id.notna().mean() == pytest.approx(0.5, abs=0.05)
    assert (loans.decision == "refused").mean() == pytest.approx(0.15, abs=0.02)
    defaulted = known.outcome == "defaulted"
    assert defaulted.mean() == pytest.approx(truth["default_rate"], abs=0.01)
    sample = pd.cut(known.decided_at.dt.year, [2011, 2016, 2017, 2019])
    assert defaulted.groupby(sample, observed=True).sum().gt(70).all()


def test_loans_belong_to_an_enterprise_or_to_a_province(loans):
    of_enterprise = loans.enterprise_id.notna()
    enterprises = pd.read_csv(ENTERPRISES / "synthetic_enterprises.csv", dtype=str)
    assert (loans.unit_id.isna() == of_enterprise).all()
    assert set(loans.unit_id.dropna()) == set(provinces.PROVINCES.astype(str))
    assert set(loans.enterprise_id.dropna()) == set(enterprises.enterprise_id)
    assert (loans.decided_at[of_enterprise] >= "2019-01-01").all()
    assert loans.decided_at.is_monotonic_increasing
    assert loans.decided_at.between("2012-01-01", "2019-12-31").all()


def test_outcomes_of_loans_are_consistent(loans, known):
    last = pd.Timestamp("2021-12-31")
    refused = loans[loans.decision == "refused"]
    assert refused[["matures_at", "outcome", "outcome_known_at"]].isna().all(axis=None)
    approved = loans.drop(refused.index)
    assert approved[["matures_at", "outcome"]].notna().all(axis=None)
    is_open = approved.outcome == "open"
    assert (approved.outcome_known_at.isna() == is_open).all()
    assert is_open[approved.matures_at > last].all()
    paid, defaulted = (known[known.outcome == word] for word in ("paid", "defaulted"))
    assert (paid.outcome_known_at == paid.matures_at).all()
    assert (defaulted.outcome_known_at > defaulted.decided_at).all()
    delay = defaulted.outcome_known_at - defaulted.matures_at
    assert delay.max() <= pd.Timedelta(90, "D")
    assert (known.outcome_known_at <= last).all()


def test_features_of_loans_are_known_at_the_decision(loans, features):
    decided = loans.decided_at[features.loan_id].reset_index(drop=True)
    assert (dates(features.known_at) <= decided).all()
    assert not features.duplicated(["loan_id", "feature"]).any()
    sources = features.groupby("source").feature.unique().map(set)
    assert sources["alternative"] == set(ALTERNATIVE)
    assert len(sources["bank"]) == 5
    counts = features.feature.value_counts()
    assert counts["platform_sales_growth"] == pytest.approx(0.7 * len(loans), rel=0.03)


def test_sector_of_a_loan_is_the_industry_of_the_enterprise(loans, features):
    sector = features[features.feature == "sector"].set_index("loan_id").value
    industry = pd.read_csv(ENTERPRISES / "synthetic_enterprises.csv", dtype=str)
    industry = industry.set_index("enterprise_id").industry
    own = loans.enterprise_id.dropna().map(industry).reindex(sector.index).dropna()
    assert (sector[own.index] == own).all()


def test_some_loans_of_enterprises_lack_consent(loans):
    table = pd.read_csv(ENTERPRISES / "synthetic_enterprise_consents.csv", dtype=str)
    consents = table[table.data_class == "credit"].set_index("enterprise_id")
    assert consents.index.is_unique
    rows = loans.dropna(subset="enterprise_id").join(consents, on="enterprise_id")
    late = pd.to_datetime(rows.granted_at) > rows.decided_at
    withdrawn = pd.to_datetime(rows.withdrawn_at) <= rows.decided_at
    assert rows.granted_at.isna().sum() > 50
    assert late.sum() > 50
    assert withdrawn.sum() > 30
    assert (rows.granted_at.notna() & ~late & ~withdrawn).mean() > 0.8


def test_coverage_and_ratings_are_small_and_overlap():
    sizes = [(ENTERPRISES / f"synthetic_{name}.csv").stat().st_size for name in COVERAGE]
    assert sum(sizes) < 300_000
    records, ratings = (
        pd.read_csv(ENTERPRISES / f"synthetic_{name}.csv", dtype=str) for name in COVERAGE
    )
    same = records.groupby(["enterprise_id", "source"])
    later = records.first_day <= same.last_day.shift()
    assert later.any(), "no records of one source overlap"
    assert records.groupby("kind").size().min() > 100
    assert set(ratings.grade) == set(coverage_files.GRADES)
    rated = ratings.groupby("region").enterprise_id.agg(set)
    assert len(rated["31"] & rated["3301"]) > 100


def test_closed_enterprises_have_no_later_events():
    table = pd.read_csv(ENTERPRISES / "synthetic_enterprises.csv", dtype=str)
    events = pd.read_csv(ENTERPRISES / "synthetic_enterprise_events.csv", dtype=str)
    last = table.enterprise_id.map(events.groupby("enterprise_id").recorded_at.max())
    assert table.closed_on.notna().sum() > 10
    assert not (last > table.closed_on).any()
    assert (table.registered_on < "2018-12-01").all()


def test_links_have_two_circles_of_guarantees():
    links = pd.read_csv(ENTERPRISES / "synthetic_enterprise_links.csv", dtype=str)
    assert len(links) == pytest.approx(800, abs=20)
    assert (ENTERPRISES / "synthetic_enterprise_links.csv").stat().st_size < 400_000
    known = set(pd.read_csv(ENTERPRISES / "synthetic_enterprises.csv", dtype=str).enterprise_id)
    ends = links[["from_enterprise_id", "to_enterprise_id"]]
    assert ends.isin(known).all(axis=None)
    pairs = ends[links.kind == "guarantee"].itertuples(index=False)
    circles = nx.strongly_connected_components(nx.DiGraph(list(pairs)))
    assert sorted(len(circle) for circle in circles if len(circle) > 1) == [3, 4]
    assert links.share.notna().equals(links.kind == "shareholding")
    assert links.amount.isna().mean() == pytest.approx(0.08, abs=0.02)


def test_planted_logit_is_recovered(known, design, truth):
    fit = logit(known, design.loc[known.index])
    distance = fit.params - planted_coefficients(truth, design)
    assert (distance / fit.bse).abs().max() < 2.5
    wald = distance @ np.linalg.solve(fit.cov_params(), distance)
    assert wald < 26.2  # quantile 0.99 of chi-squared with 12 degrees of freedom
    assert fit.bse["debt_to_income"] < 0.3


def test_planted_gain_is_recovered_out_of_time(known, design, truth):
    train, test = known[known.decided_at < "2017"], known[known.decided_at >= "2018"]
    scores = [
        x.loc[test.index] @ logit(train, x.loc[train.index]).params
        for x in (design, design.drop(columns=ALTERNATIVE))
    ]
    estimate = auc_difference(test.outcome == "defaulted", *scores).difference
    assert estimate.low <= truth["gain"] <= estimate.high
    assert estimate.low > 0


def test_planted_auc_is_that_of_the_planted_score(known, design, truth):
    test = known[known.decided_at >= "2018"].index
    coefficients = planted_coefficients(truth, design)
    defaulted = known.outcome[test] == "defaulted"
    for quantity, names in {
        "auc_all": design.columns,
        "auc_bank": design.columns.drop(ALTERNATIVE),
    }.items():
        score = design.loc[test, names] @ coefficients[names]
        # Two of DeLong's standard errors, about 0.015.
        assert roc_auc_score(defaulted, score) == pytest.approx(truth[quantity], abs=0.03)


def test_expected_auc_is_that_of_weighted_outcomes():
    rng = np.random.default_rng(7)
    score = rng.standard_normal(2_000)
    p = rng.uniform(0.01, 0.3, 2_000) ** np.exp(-score)
    outcomes = np.repeat([1, 0], 2_000)
    weighted = roc_auc_score(outcomes, np.tile(score, 2), sample_weight=np.r_[p, 1 - p])
    assert loan_files.expected_auc(p, score) == pytest.approx(weighted, abs=1e-12)


def test_gain_is_not_biased_over_seeds(monkeypatch, truth):
    table = pd.read_csv(ENTERPRISES / "synthetic_enterprises.csv", dtype=str)
    gains = []
    for seed in range(50):
        monkeypatch.setattr(provinces, "SEED", seed)
        made, firm = loan_files.history(table)
        outcome = loan_files.loans(made, firm, table).outcome
        test = (made.decided >= loan_files.TEST_STARTS) & outcome.isin(["paid", "defaulted"])
        defaulted = outcome[test] == "defaulted"
        both = [roc_auc_score(defaulted, s[test]) for s in (made.probability, made.bank)]
        gains.append(both[0] - both[1])
    assert np.mean(gains) == pytest.approx(truth["gain"], abs=2.5 * np.std(gains) / 50**0.5)


def test_index_of_the_province_has_no_effect(known, design, table):
    enterprises = pd.read_csv(ENTERPRISES / "synthetic_enterprises.csv", dtype=str)
    own = known.enterprise_id.map(enterprises.set_index("enterprise_id").province_code)
    province = known.unit_id.fillna(own).astype(int)
    # The index of the year before the decision, in standard deviations.
    index = table.set_index(KEY)["scdbi"]
    before = index.reindex(pd.MultiIndex.from_arrays([province, known.decided_at.dt.year - 1]))
    index_x = ((before - index.mean()) / index.std()).to_numpy()
    x = design.loc[known.index].assign(index=index_x)
    cluster = {"cov_type": "cluster", "cov_kwds": {"groups": province.to_numpy()}}
    fit = logit(known, x, **cluster)
    assert abs(fit.params["index"] / fit.bse["index"]) < 2
