"""The synthetic seeds of the CEI reproduce their targets, fit the catalog and are reproducible.

Expected values are those of Lin & Gu (2015): Table 2, equation (5), section III and the weights of
section IV, typed from the paper. Ranks, components and consistency are recomputed here.
"""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthetic import cities

ROOT = Path(__file__).parents[2]
RAW = ROOT / "seeds" / "raw"
CATALOG = ROOT / "seeds" / "catalog"
CATEGORIES = [
    "credit_launch",
    "enterprise_risk_management",
    "credit_reporting_system",
    "government_credit_monitoring",
    "dishonesty",
    "credit_education",
]
TABLE_2 = [
    [1.0000, 0.1576, 0.1933, 0.1539, 0.0849, 0.1654],
    [0.1576, 1.0000, -0.0149, -0.1805, -0.1170, -0.2306],
    [0.1933, -0.0149, 1.0000, 0.3502, 0.2343, 0.4114],
    [0.1539, -0.1805, 0.3502, 1.0000, 0.2306, 0.4438],
    [0.0849, -0.1170, 0.2343, 0.2306, 1.0000, 0.0847],
    [0.1654, -0.2306, 0.4114, 0.4438, 0.0847, 1.0000],
]
EQUATION_5 = [0.244189, -0.210139, 0.496945, 0.526149, 0.310926, 0.525120]
WEIGHTS = {
    "credit_launch": 0.304075,
    "enterprise_risk_management": 0.141675,
    "credit_reporting_system": 0.068975,
    "government_credit_monitoring": 0.1253,
    "dishonesty": 0.1853,
    "credit_education": 0.082475,
    "corporate_experience": 0.0922,
}
FOSHAN, SHANGHAI, NANTONG, BEIJING = "4406", "3100", "3206", "1100"
SAATY_1980 = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32}
EXPERTS = [f"synthetic_expert_{k}" for k in (1, 2, 3, 4)]


def city_table(name: str) -> pd.DataFrame:
    """A row per city code."""
    table = pd.read_csv(RAW / name, dtype={"city_code": str})
    assert (table.pop("edition") == 2012).all()
    return table.set_index("city_code")


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    table = city_table("synthetic_cei_categories.csv")
    assert list(table) == [f"category_{name}" for name in CATEGORIES]
    return table.set_axis(CATEGORIES, axis=1)


@pytest.fixture(scope="module")
def ranks(values) -> pd.DataFrame:
    """1 is the highest value; a tie would give a half."""
    return values.rank(ascending=False)


@pytest.fixture(scope="module")
def indicators() -> pd.DataFrame:
    return city_table("synthetic_cei_indicators.csv")


@pytest.fixture(scope="module")
def hierarchy() -> pd.DataFrame:
    """The edges of cei_full: node or indicator, its parent, and the direction of indicators."""
    nodes = pd.read_csv(CATALOG / "index_nodes.csv").query("index_code == 'cei_full'")
    leaves = pd.read_csv(CATALOG / "index_indicators.csv").query("index_code == 'cei_full'")
    edges = [
        nodes[["node_code", "parent_code"]].dropna().set_axis(["item", "parent"], axis=1),
        leaves[["indicator_code", "node_code", "direction"]].set_axis(
            ["item", "parent", "direction"], axis=1
        ),
    ]
    return pd.concat(edges).set_index("item")


@pytest.fixture(scope="module")
def judgements() -> pd.DataFrame:
    return pd.read_csv(CATALOG / "ahp_judgements.csv")


# The files --------------------------------------------------------------------------------------


def test_a_second_run_writes_the_committed_bytes(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    cities.main(["--out-raw", str(tmp_path), "--out-catalog", str(tmp_path)])
    committed = [*RAW.glob("synthetic_cei_*.csv"), CATALOG / "ahp_judgements.csv"]
    assert len(committed) == 3
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in committed}
    assert not any(b"\r" in content for content in written.values())


def test_cities_are_the_284_of_the_catalog(values, indicators):
    units = pd.read_csv(CATALOG / "units.csv", dtype=str)["unit_id"]
    cities = sorted(units[units.str.len() == 4])
    assert len(cities) == 284
    assert list(values.index) == cities
    assert list(indicators.index) == cities


# The targets ------------------------------------------------------------------------------------


def test_no_two_cities_share_a_rank(ranks):
    for category in CATEGORIES:
        assert sorted(ranks[category]) == list(range(1, 285))


def test_ranks_correlate_as_in_table_2_to_its_last_digit(ranks):
    assert np.corrcoef(ranks.T).round(4).tolist() == TABLE_2


def test_first_component_is_equation_5_with_the_leaders(ranks):
    standardized = (ranks - ranks.mean()) / ranks.std()
    _, vectors = np.linalg.eigh(standardized.cov())
    first = vectors[:, -1] * np.sign(vectors[0, -1])
    assert first == pytest.approx(EQUATION_5, abs=0.001)
    best = (standardized @ first).nsmallest(5)
    assert list(best.index[:4]) == [FOSHAN, SHANGHAI, NANTONG, BEIJING]
    assert best.diff().dropna().min() > 0.1


# The values -------------------------------------------------------------------------------------


def test_indicators_are_the_catalogs_without_questionnaire(indicators, hierarchy):
    leaves = hierarchy["direction"].dropna().drop("satisfaction_questionnaire")
    assert list(indicators) == list(leaves.index)


def test_values_vary_within_the_bounds_of_the_catalog(values, indicators):
    catalog = pd.read_csv(CATALOG / "indicators.csv").set_index("indicator_code")
    frame = values.add_prefix("category_").join(indicators)
    bounds = catalog.loc[list(frame)]
    assert (frame.min() >= bounds["lower_bound"]).all()
    assert (frame.max() <= bounds["upper_bound"].fillna(np.inf)).all()
    assert (frame.nunique() > 1).all()
    counted = ["enterprises", "persons", "types", "agencies", "documents", "standards"]
    counted += ["cases", "events"]
    whole = bounds.index[bounds["unit"].isin(counted)]
    assert len(whole) == 13
    assert (frame[whole] % 1 == 0).all(axis=None)
    yes_or_no = bounds.index[bounds["unit"] == "1 = yes, 0 = no"]
    assert len(yes_or_no) == 3
    assert frame[yes_or_no].isin([0, 1]).all(axis=None)


def test_only_themis_has_gaps_and_none_at_a_capital(indicators):
    gaps = indicators.isna()
    unlisted = gaps.pop("themis_index")
    assert not gaps.any(axis=None)
    assert unlisted.mean() == pytest.approx(0.4, abs=0.01)
    assert not unlisted[unlisted.index.str.endswith(("00", "01"))].any()


def test_indicators_follow_their_category_by_direction(indicators, values, hierarchy):
    for name, column in indicators.items():
        category = hierarchy.loc[hierarchy.loc[name, "parent"], "parent"]
        correlation = column.corr(values[category], method="spearman")
        assert 0.5 < correlation * hierarchy.loc[name, "direction"] < 0.95, name


def test_municipalities_and_capitals_rank_above_others(values):
    seats = values.index.str.endswith(("00", "01"))
    mean_score = values @ [WEIGHTS[category] for category in CATEGORIES]
    assert mean_score[seats].mean() > mean_score[~seats].quantile(0.75)


# Judgements -------------------------------------------------------------------------------------


def matrix(items: list[str], judged: pd.DataFrame) -> np.ndarray:
    """Reciprocal matrix, geometric means over experts; NaN where nobody answered."""
    position = {item: i for i, item in enumerate(items)}
    a, b = judged["item_a"].map(position), judged["item_b"].map(position)
    logs, counts = np.zeros((2, len(items), len(items)))
    np.add.at(logs, (a, b), np.log(judged["judgement"]))
    np.add.at(logs, (b, a), -np.log(judged["judgement"]))
    np.add.at(counts, (a, b), 1)
    np.add.at(counts, (b, a), 1)
    np.fill_diagonal(counts, 1)
    return np.exp(np.divide(logs, counts, out=np.full_like(logs, np.nan), where=counts > 0))


def weights_and_ratio(answered: np.ndarray) -> tuple[np.ndarray, float]:
    """Principal eigenvector and consistency ratio; gaps are imputed by ratios of the weights."""
    n = len(answered)
    weights = np.ones(n)
    for _ in range(500):
        filled = np.where(np.isnan(answered), weights[:, None] / weights, answered)
        weights = filled @ weights
        weights /= weights.sum()
    gaps = int(np.isnan(answered).sum()) // 2
    random_index = SAATY_1980[n] * (1 - 2 * gaps / ((n - 1) * (n - 2)))
    eigenvalue = ((filled @ weights) / weights).mean()
    return weights, (eigenvalue - n) / (n - 1) / random_index


def test_every_expert_judges_every_pair_once_but_two_of_the_root(judgements, hierarchy):
    assert (judgements["index_code"] == "cei_full").all()
    children = hierarchy.groupby("parent").groups
    wanted = {
        (parent, expert, frozenset(pair))
        for parent, items in children.items()
        for expert in EXPERTS
        for pair in combinations(items, 2)
    }
    pairs = [frozenset(pair) for pair in judgements[["item_a", "item_b"]].itertuples(index=False)]
    given = list(zip(judgements["parent_code"], judgements["expert_id"], pairs, strict=True))
    assert len(given) == len(set(given))
    assert set(given) <= wanted
    assert [missing[:2] for missing in wanted - set(given)] == 2 * [
        ("cei_full", "synthetic_expert_4")
    ]


def test_judgements_are_on_saatys_scale(judgements):
    assert judgements["judgement"].between(1, 9).all()
    whole = judgements["judgement"] % 1 == 0
    assert set(judgements.loc[~whole, "expert_id"]) == {"synthetic_expert_3"}


def test_experts_and_group_are_consistent_but_not_perfect(judgements, hierarchy):
    root = []
    for parent, items in hierarchy.groupby("parent").groups.items():
        if len(items) < 3:
            continue
        judged = judgements[judgements["parent_code"] == parent]
        by_expert = [judged[judged["expert_id"] == expert] for expert in EXPERTS]
        ratios = [weights_and_ratio(matrix(list(items), j))[1] for j in [*by_expert, judged]]
        assert max(ratios) < 0.10, parent
        root = ratios if parent == "cei_full" else root
    assert min(root[:4]) > 0.01
    assert len({round(ratio, 3) for ratio in root}) == 5


def test_the_groups_weights_are_near_the_published(judgements):
    judged = judgements[judgements["parent_code"] == "cei_full"]
    weights, _ = weights_and_ratio(matrix(list(WEIGHTS), judged))
    assert weights == pytest.approx(list(WEIGHTS.values()), abs=0.03)


# Faults, and the report -------------------------------------------------------------------------


def test_an_indicator_without_recipe_is_an_error(monkeypatch):
    recipes = {k: v for k, v in cities.RECIPES.items() if k != "blacklist_system"}
    monkeypatch.setattr(cities, "RECIPES", recipes)
    with pytest.raises(ValueError, match=r"recipes differ: \['blacklist_system'\]"):
        cities.generate(cities.read_catalog(ROOT / "seeds"))


def test_report_shows_targets_and_other_results(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    cities.main(["--report"])
    printed = capsys.readouterr().out
    assert "| credit_launch, enterprise_risk_management | 0.1576 | 0.1576" in printed
    assert "| eigenvalue 1 | 2.0534 | 2.053" in printed
