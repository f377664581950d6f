"""Learners of default against planted risks, published AUCs, statsmodels and scikit-learn."""

import csv
import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from credit_indices.stats.credit import discrimination, explain, learners, linear
from credit_indices.stats.credit.features import Feature

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")

FOLDER = os.environ.get("CREDIT_INDICES_REAL_PANEL")
POLISH = Path(FOLDER or ".") / "credit" / "polish_5year.arff.gz"
GERMAN = Path(__file__).parents[1] / "data" / "german_credit.csv"
TREES = ("random_forest", "gradient_boosting")
LINEAR = ("scorecard", "logistic_regression")

FEATURES = (
    Feature("age", "number"),
    Feature("income", "number"),
    Feature("housing", "category"),
    Feature("noise", "number"),
)


def loans(n=1_200, seed=0):
    """Loans whose risk depends on age, income and housing; some values are missing."""
    rng = np.random.default_rng(seed)
    age, noise = rng.uniform(18, 70, n), rng.normal(size=n)
    income = rng.lognormal(3, 1, n)
    housing = rng.choice(np.array(["own", "rent", "free", None], dtype=object), n)
    eta = -1 - 0.05 * (age - 40) - np.log(income / 20) + 1.2 * (housing == "rent")
    defaulted = rng.random(n) < 1 / (1 + np.exp(-eta))
    age[rng.random(n) < 0.1] = np.nan
    return {"age": age, "income": income, "housing": housing, "noise": noise}, defaulted


def select(columns, rows):
    return {name: values[rows] for name, values in columns.items()}


def fitted(learner, columns, defaulted, features=FEATURES, **options):
    return learners.fit(
        learner, features, columns, defaulted, **{"seed": 7, "threads": 1} | options
    )


def german():
    with open(GERMAN, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    defaulted = np.array([row.pop("creditability") == "bad" for row in rows])
    columns, features = {}, []
    for name in rows[0]:
        text = [row[name] for row in rows]
        number = all(value.isdigit() for value in text)
        columns[name] = np.array(text, dtype=float if number else object)
        features.append(Feature(name, "number" if number else "category"))
    return columns, defaulted, features


def folds(defaulted, repeat):
    rng = np.random.default_rng(repeat)
    fold = np.empty(defaulted.size, dtype=int)
    for outcome in (True, False):
        members = rng.permutation(np.flatnonzero(defaulted == outcome))
        fold[members] = np.arange(members.size) % 10
    return [fold == number for number in range(10)]


@pytest.mark.parametrize(
    ("learner", "low", "high"),
    [("logistic_regression", 0.765, 0.795), ("random_forest", 0.775, 0.805)],
)
def test_german_credit_has_the_published_auc(learner, low, high):
    columns, defaulted, features = german()
    areas = []
    for repeat in range(5 if learner in LINEAR else 2):
        for test in folds(defaulted, repeat):
            model = fitted(learner, select(columns, ~test), defaulted[~test], features)
            areas.append(discrimination.auc(defaulted[test], model.margin(select(columns, test))))
    assert low <= np.mean(areas) <= high


@pytest.fixture(scope="module")
def polish():
    if not FOLDER:
        pytest.skip("CREDIT_INDICES_REAL_PANEL does not name the folder of the real panel")
    text = gzip.decompress(POLISH.read_bytes()).decode()
    text = text.split("@data")[1].replace("?", "nan").split()
    rows = np.array([line.split(",") for line in text], dtype=float)
    columns = {f"ratio{number + 1}": rows[:, number] for number in range(64)}
    return columns, rows[:, 64] == 1, np.random.default_rng(0).random(len(rows)) < 0.3


@pytest.mark.parametrize(
    ("learner", "low", "high"),
    # Standard errors of one split are .009 (logistic, 8 splits) and .01 (boosting, 3 splits): the
    # ranges are two of them around .865 and .955. The published .966 is a lucky split.
    [("logistic_regression", 0.847, 0.892), ("gradient_boosting", 0.935, 0.976)],
)
def test_polish_bankruptcies_have_the_published_auc(polish, learner, low, high):
    columns, defaulted, test = polish
    assert_allclose(1 - defaulted.mean(), 0.931, atol=5e-4)
    if learner == "logistic_regression":  # without indicators of missing values, as published
        columns = {
            name: np.where(np.isnan(values), np.nanmedian(values), values)
            for name, values in columns.items()
        }
    features = [Feature(name, "number") for name in columns]
    model = fitted(learner, select(columns, ~test), defaulted[~test], features)
    area = discrimination.auc(defaulted[test], model.margin(select(columns, test)))
    assert low <= area <= high


@pytest.mark.parametrize("learner", TREES)
def test_auc_is_near_that_of_scikit_learn(learner):
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

    columns, defaulted = loans(4_000)
    del columns["housing"]
    columns["age"] = np.nan_to_num(columns["age"])
    features = [Feature(name, "number") for name in columns]
    test = np.arange(4_000) >= 2_000
    model = fitted(learner, select(columns, ~test), defaulted[~test], features)
    values = np.column_stack(list(columns.values()))
    other = (
        RandomForestClassifier(200, min_samples_leaf=3, random_state=1)
        if learner == "random_forest"
        else GradientBoostingClassifier(learning_rate=0.05, n_estimators=200, random_state=1)
    )
    score = other.fit(values[~test], defaulted[~test]).predict_proba(values[test])[:, 1]
    found = discrimination.auc(defaulted[test], model.margin(select(columns, test)))
    assert abs(found - discrimination.auc(defaulted[test], score)) < 0.02


@pytest.mark.parametrize("learner", learners.LEARNERS)
def test_planted_risk_is_found_and_noise_is_not(learner):
    columns, defaulted = loans(4_000)
    test = np.arange(4_000) >= 2_000
    model = fitted(learner, select(columns, ~test), defaulted[~test])
    margin = model.margin(select(columns, test))
    assert discrimination.auc(defaulted[test], margin) > 0.76  # of the planted risk: 0.80
    shares = model.gain_shares()
    assert_allclose(sum(shares.values()), 1)
    assert max(shares, key=shares.get) == "income"
    if learner in LINEAR:  # the gain of trees favours features with many values
        assert min(shares, key=shares.get) == "noise"


@pytest.mark.parametrize("learner", learners.LEARNERS)
def test_shuffled_labels_have_no_discrimination(learner):
    statistics, train = [], np.arange(2_000) < 500
    for seed in range(12):
        columns, defaulted = loans(2_000, seed)
        defaulted = np.random.default_rng(100 + seed).permutation(defaulted)
        model = fitted(learner, select(columns, train), defaulted[train])
        margin = model.margin(columns)
        result = discrimination.auc_interval(defaulted[~train], margin[~train])
        statistics.append((result.value - 0.5) / result.std_error)
        # The trees did overfit.
        assert learner in LINEAR or discrimination.auc(defaulted[train], margin[train]) > 0.8
    assert abs(np.mean(statistics)) < 2 / np.sqrt(12)


@pytest.mark.parametrize("learner", learners.LEARNERS)
def test_contributions_add_up_to_the_margin(learner):
    columns, defaulted = loans()
    model = fitted(learner, columns, defaulted)
    base, parts = model.contributions(columns)
    margin = model.margin(columns)
    assert parts.shape == (1_200, 4)
    assert_allclose(base + parts.sum(axis=1), margin, rtol=0, atol=1e-9)
    if learner in LINEAR:
        assert_allclose(parts.mean(axis=0), 0, atol=1e-9)
    assert_allclose(explain.importance(parts), np.abs(parts).mean(axis=0))


def test_scorecard_margin_is_the_log_odds_of_its_card():
    columns, defaulted = loans(8_000)
    model = fitted("scorecard", columns, defaulted)
    assert_allclose(model.margin(columns), model.card.log_odds(columns), atol=1e-9)
    assert "noise" in model.left_out


def test_logistic_equals_logit_on_percentile_ranks():
    from scipy.stats import rankdata
    from statsmodels.discrete.discrete_model import Logit

    columns, defaulted = loans(900)
    model = fitted("logistic_regression", columns, defaulted)
    gone = np.isnan(columns["age"])
    age = np.full(900, 0.5)
    age[~gone] = (rankdata(columns["age"][~gone]) - 0.5) / (~gone).sum()
    income, noise = ((rankdata(columns[name]) - 0.5) / 900 for name in ("income", "noise"))
    housing = columns["housing"]
    levels = ["free", "own", "rent", None]
    counts = [sum(value == level for value in housing) for level in levels]
    others = [level for level in levels if level != levels[int(np.argmax(counts))]]
    dummies = [np.array([value == level for value in housing], dtype=float) for level in others]
    regressors = np.column_stack([np.ones(900), age, gone, income, *dummies, noise])
    fit = Logit(defaulted.astype(float), regressors).fit(disp=0)
    assert_allclose(model.regression.coefficients, fit.params, rtol=1e-6)
    assert_allclose(model.margin(columns), regressors @ fit.params, atol=1e-6)


def test_logistic_is_invariant_to_monotone_transformations():
    columns, defaulted = loans()
    changed = columns | {"income": np.log(columns["income"])}
    first = fitted("logistic_regression", columns, defaulted).margin(columns)
    assert (first == fitted("logistic_regression", changed, defaulted).margin(changed)).all()


@pytest.mark.parametrize("learner", LINEAR)
def test_collinear_features_are_left_out_and_listed(learner):
    columns, defaulted = loans()
    columns["double"] = 2 * columns["income"]
    columns["flat"] = np.ones(defaulted.size)
    added = (*FEATURES, Feature("double", "number"), Feature("flat", "number"))
    model = fitted(learner, columns, defaulted, added)
    assert {"double", "flat"} <= set(model.left_out)
    plain = fitted(learner, columns, defaulted)
    assert_allclose(model.margin(columns), plain.margin(columns), atol=1e-9)
    with pytest.raises(ValueError, match="No feature remains"):
        fitted(learner, columns, defaulted, [Feature("flat", "number")])


def test_independent_columns_agree_with_the_rank():
    rng = np.random.default_rng(2)
    base = rng.normal(size=(300, 4))
    mixed = np.column_stack([base[:, :2], base[:, 0] - base[:, 1], base[:, 2:], np.ones(300)])
    assert linear.independent(mixed) == [0, 1, 3, 4]


def test_values_of_a_leaf_are_newton_steps_of_its_share():
    # Leaf = logit(s) + (t - s) / (s (1 - s)), so t times the loans of the leaf is an integer.
    columns, defaulted = loans(500)
    numbers = [feature for feature in FEATURES if feature.kind == "number"]
    trees = fitted("random_forest", columns, defaulted, numbers).booster.trees_to_dataframe()
    leaf = trees[trees["left_child"].isna() & (trees["tree_index"] < 20)]
    s = defaulted.mean()
    share = s + s * (1 - s) * (leaf["value"] - np.log(s / (1 - s)))
    number = share * leaf["count"]
    assert_allclose(number, np.round(number), atol=1e-4)
    assert (share > -1e-6).all() and (share < 1 + 1e-6).all()


@pytest.mark.parametrize("learner", ["scorecard", *TREES])
@pytest.mark.parametrize("trend", ["increasing", "decreasing"])
def test_trends_hold_everywhere(learner, trend):
    columns, defaulted = loans()
    features = [Feature("income", "number", trend), Feature("age", "number", "decreasing")]
    model = fitted(learner, columns, defaulted, features)
    grid = np.linspace(0, 300, 500)
    steps = np.diff(model.margin({"income": grid, "age": np.full(500, 40.0)}))
    assert (steps >= 0).all() if trend == "increasing" else (steps <= 0).all()
    assert (steps != 0).any() == (trend == "decreasing") or learner in TREES


@pytest.mark.parametrize("learner", learners.LEARNERS)
def test_unscorable_loans_are_listed_and_have_no_score(learner):
    columns, defaulted = loans()
    model = fitted(learner, columns, defaulted)
    new = {name: values[:4].copy() for name, values in columns.items()}
    new["housing"][1], new["income"][2], new["age"][3] = "yurt", np.nan, np.nan
    flags = model.unscorable(new)
    assert list(np.flatnonzero(flags["housing"])) == [1]
    assert list(np.flatnonzero(flags["income"])) == [2]
    assert not flags["age"].any()
    assert list(np.isnan(model.margin(new))) == [False, True, True, False]
    assert list(np.isnan(model.contributions(new)[1][:, 0])) == [False, True, True, False]
    none = select(new, slice(1, 3))
    assert np.isnan(model.margin(none)).all()
    with pytest.raises(ValueError, match="None of 2 loans is scorable"):
        explain.importance(model.contributions(none)[1])


def test_rare_categories_share_a_bin_that_unknown_ones_do_not():
    columns, defaulted = loans()
    columns["housing"][:30], columns["housing"][30:60] = "boat", "tent"
    card = fitted("scorecard", columns, defaulted).card
    bins = {each.feature: each for each in card.binnings}["housing"]
    labels = [each.label for each in bins.bins]
    assert labels == ["category free", "category own", "category rent", "other", "missing"]
    assert list(bins.place(["boat", "tent"])) == [3, 3]
    with pytest.raises(ValueError, match="which the fit did not contain"):
        bins.place(["yurt"])


@pytest.mark.parametrize("learner", learners.LEARNERS)
def test_partial_dependence_equals_brute_force(learner):
    columns, defaulted = loans(300)
    model = fitted(learner, columns, defaulted)
    grid, means = explain.partial_dependence(model, columns, "income", points=5)
    assert grid.size == 5 and means[0] > means[-1]
    changed = columns | {"income": np.full(300, grid[2])}
    assert_allclose(means[2], np.mean(1 / (1 + np.exp(-model.margin(changed)))))
    grid, means = explain.partial_dependence(model, columns, "housing")
    assert list(grid) == ["free", "own", "rent"] and int(np.argmax(means)) == 2


SCRIPT = """
import hashlib, sys
from test_credit_learners import fitted, learners, loans
columns, defaulted = loans(600)
for learner in learners.LEARNERS:
    model = fitted(learner, columns, defaulted, threads=int(sys.argv[1]))
    base, parts = model.contributions({name: each[:50] for name, each in columns.items()})
    found = model.margin(columns).tobytes() + parts.tobytes() + repr(base).encode()
    print(learner, hashlib.sha256(found).hexdigest())
"""


def test_scores_are_equal_under_threads_and_hash_seeds():
    printed = set()
    for threads, hash_seed in (("1", "1"), ("2", "2")):
        variables = {
            "PYTHONHASHSEED": hash_seed,
            "OPENBLAS_NUM_THREADS": threads,
            "OMP_WAIT_POLICY": "PASSIVE",
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
        }
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, threads],
            env=os.environ | variables,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        printed.add(done.stdout)
    assert len(printed) == 1


@pytest.mark.parametrize(
    ("learner", "name", "values", "message"),
    [
        ("svm", "age", None, "The learner is 'svm'; expected scorecard, logistic_regression"),
        ("scorecard", "age", np.inf, "age has 1 infinite values"),
        ("random_forest", "age", "old", "age has values that are not numbers"),
        ("random_forest", "housing", 1.5, "housing has values that are not text"),
    ],
)
def test_faults_are_named(learner, name, values, message):
    columns, defaulted = loans(200)
    if values is not None:
        columns[name] = columns[name].astype(object)
        columns[name][3] = values
    with pytest.raises(ValueError, match=message) as raised:
        fitted(learner, columns, defaulted)
    assert "old" not in str(raised.value) and "1.5" not in str(raised.value)


def test_faults_of_features_are_named():
    columns, defaulted = loans(200)
    for features, message in (
        ([], "no feature"),
        ([FEATURES[0], FEATURES[0]], "age is named more than once"),
        ([Feature("size", "number")], "Feature size is absent"),
        ([Feature("age", "number", "increasing")], "use scorecard or random_forest or gradient"),
    ):
        with pytest.raises(ValueError, match=message):
            fitted("logistic_regression", columns, defaulted, features)
    with pytest.raises(ValueError, match=r"does not support.*use scorecard"):
        fitted("random_forest", columns, defaulted, [Feature("age", "number", "either")])
    with pytest.raises(ValueError, match="cannot have the trend increasing"):
        Feature("housing", "category", "increasing")
    with pytest.raises(ValueError, match="The kind of feature x is 'text'"):
        Feature("x", "text")
    columns["leak"] = defaulted + np.linspace(0, 0.1, 200)
    with pytest.raises(ValueError, match=r"separates? defaulted from paid"):
        fitted("logistic_regression", columns, defaulted, [Feature("leak", "number")])
