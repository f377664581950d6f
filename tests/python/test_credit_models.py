"""The part credit_models on small loans with a planted logit, as a user builds it."""

from datetime import date

import credit_folder as folder
import numpy as np
import pandas as pd
import pytest
from conftest import PROJECT, DataDir
from credit_folder import MODEL, Warehouses

from credit_indices.stats.credit.evaluation import compare
from credit_indices.stats.credit.features import Feature
from credit_indices.stats.credit.learners import fit
from synthetic import loans

CLASSES = ("train", "calibration", "out_of_time")
ENDS = [folder.TRAIN_UNTIL, folder.CALIBRATE_UNTIL, folder.TEST_UNTIL]

MODELS = [
    {"model_code": "card", "learner": "scorecard"},
    {"model_code": "forest", "learner": "random_forest"},
    {"model_code": "boosting", "learner": "gradient_boosting"},
    {},
    {"model_code": "at_split", "outcomes": "known_at_split"},
    {"model_code": "isotonic", "calibration": "isotonic"},
    {"model_code": "own_index", "features": "debt late sector index:by_period"},
    {"model_code": "pooled_index", "features": "debt late sector index:pooled"},
    {"model_code": "early_index", "features": "debt late sector index:early"},
]
MODELS = [{"outcomes": "", "calibration": ""} | model for model in MODELS]
ESTIMATED = ["card", "forest", "boosting", "logit", "at_split", "isotonic"]


@pytest.fixture(scope="module")
def warehouses(runner, seeded_warehouse, tmp_path_factory):
    return Warehouses(runner, seeded_warehouse, tmp_path_factory.mktemp("credit"))


@pytest.fixture(scope="module")
def made():
    """Loans with a case of every kind, and a column `case` that names it."""
    made = folder.planted(1_800)
    loans, features = made.loans, made.features
    loans["case"] = "used"
    firms = [row["enterprise_id"] for row in folder.enterprises(6)]
    names = ("consented", "granted after", "withdrawn before", "other class", "no consent", "gap")
    for place, (firm, name) in enumerate(zip(firms, names, strict=True)):
        chosen = loans.index[100 + place : 1_500 : 60]
        loans.loc[chosen, ["enterprise_id", "case"]] = firm, name
    refused, still_open = loans.index[20:1_800:40], loans.index[21:1_800:60]
    loans.loc[refused, ["decision", "outcome", "outcome_known_at", "matures_at"]] = (
        "refused",
        *3 * [""],
    )
    loans.loc[still_open, ["outcome", "outcome_known_at"]] = "open", ""
    # A sector of the test loans that no training loan has.
    last = loans.decided_at > folder.CALIBRATE_UNTIL
    features.loc[features.index[last][::50], "sector"] = "fishing"
    return made


CONSENTS = [
    (0, "credit", "2014-01-01", ""),
    (1, "credit", "2020-06-01", ""),
    (2, "credit", "2014-01-01", "2014-12-31"),
    (3, "tax", "2014-01-01", ""),
    (5, "credit", "2014-01-01", "2016-01-01"),
    (5, "credit", "2017-01-01", "2018-01-01"),
]


@pytest.fixture(scope="module")
def data(made):
    firms = folder.enterprises(6)
    tables = folder.index_tables() | folder.Loans(
        made.loans.drop(columns="case"), made.features
    ).tables(MODELS)
    tables["enterprises"] = firms
    tables["enterprise_consents"] = [
        {
            "enterprise_id": firms[place]["enterprise_id"],
            "data_class": name,
            "granted_at": granted,
            "withdrawn_at": withdrawn,
        }
        for place, name, granted, withdrawn in CONSENTS
    ]
    return DataDir(tables)


@pytest.fixture(scope="module")
def built(warehouses, data):
    built = warehouses.build(data, *folder.WHOLE_PART, "index_scores", tested=True)
    assert built.succeeded, built.message
    return built


@pytest.fixture(scope="module")
def fits(built):
    return folder.frame(built, "from marts.credit_model_fits").set_index("model_code")


@pytest.fixture(scope="module")
def scores(built, made):
    """Scores by model and loan, with the outcome of the folder."""
    keys = made.loans.assign(loan_key=made.loans.loan_id.map(folder.key_of))
    found = folder.frame(built, "from restricted.credit_scores")
    return found.merge(keys.merge(made.features, on="loan_id"), on="loan_key", validate="m:1")


def value(built, model, metric, sample="out_of_time", features="all"):
    return built.value(f"""
        select value from marts.credit_model_performance where model_code = '{model}'
        and metric = '{metric}' and sample = '{sample}' and features = '{features}'
    """)


def is_used(loans):
    """Return which loans may be used by the consents, by hand."""
    gap = (loans.decided_at < "2016-01-01") | (
        (loans.decided_at >= "2017-01-01") & (loans.decided_at < "2018-01-01")
    )
    return loans.case.isin(["used", "consented"]) | ((loans.case == "gap") & gap)


def test_counts_of_loans_agree_with_a_count_by_hand(fits, made):
    loans = made.loans
    used = loans[is_used(loans)]
    sample = np.searchsorted(np.array(ENDS), used.decided_at.to_numpy(str))
    approved = used.decision == "approved"
    resolved = approved & (used.outcome != "open")
    end = np.array([*ENDS, ENDS[-1]])[sample]
    later = resolved & (sample < 2) & ((used.outcome_known_at > end) | (used.matures_at > end))
    of = {
        "n_read": len(loans),
        "n_without_consent": len(loans) - len(used),
        "n_refused": (~approved).sum(),
        "n_open": (approved & (used.outcome == "open")).sum(),
        "n_known_later": later.sum(),
        "n_after_test": (resolved & (sample == 3)).sum(),
    }
    assert min(of.values()) > 20
    assert (fits[[*of]] == pd.Series(of)).all(axis=None)
    names = ["n_train", "n_calibration", "n_test"]
    for model, counted in (("logit", resolved), ("at_split", resolved & ~later)):
        by_hand = [(counted & (sample == place)).sum() for place in range(3)]
        assert fits.loc[model, names].tolist() == by_hand
    strange = (used.merge(made.features, on="loan_id").sector == "fishing").sum()
    assert strange > 5
    assert (fits.loc[ESTIMATED, "n_unscored"] == strange).all()


def test_loans_without_consent_have_no_score(scores, made):
    used = made.loans[is_used(made.loans)]
    for _, of_model in scores.groupby("model_code"):
        assert sorted(of_model.loan_id) == sorted(used.loan_id)


@pytest.mark.parametrize("model", ESTIMATED)
def test_metrics_agree_with_scikit_learn(built, scores, model):
    from sklearn.metrics import brier_score_loss, roc_auc_score

    scored = scores[(scores.model_code == model) & scores.probability.notna()]
    for sample in CLASSES:
        of = scored[scored["sample"] == sample]
        outcome = (of.outcome == "defaulted").to_numpy()
        expected = {
            "auc": roc_auc_score(outcome, of.probability),
            "brier": brier_score_loss(outcome, of.probability),
            "accuracy": ((of.probability >= 0.5) == outcome).mean(),
            "majority": max(outcome.mean(), 1 - outcome.mean()),
        }
        found = {metric: value(built, model, metric, sample) for metric in expected}
        assert found == pytest.approx(expected, rel=1e-9)


def test_logit_agrees_with_scikit_learn(scores):
    """A logit of ranks without penalty, and Platt's scaling of its margins."""
    from scipy.stats import rankdata
    from sklearn.linear_model import LogisticRegression

    of = scores[(scores.model_code == "logit") & scores.probability.notna()]
    settings = {"C": np.inf, "tol": 1e-10, "max_iter": 10_000}
    train, rest = of[of["sample"] == "train"], of[of["sample"] == "calibration"]
    numbers = train[["debt", "late", "sales"]].astype(float)
    present = numbers.notna()
    ranks = numbers.apply(rankdata, nan_policy="omit").sub(0.5) / present.sum()
    columns = [ranks.fillna(0.5), ~present[["sales"]], pd.get_dummies(train.sector).iloc[:, 1:]]
    design = pd.concat(columns, axis=1).to_numpy(float)
    fitted = LogisticRegression(**settings).fit(design, train.outcome == "defaulted")
    assert train.margin.to_numpy() == pytest.approx(fitted.decision_function(design), abs=2e-3)
    scaled = LogisticRegression(**settings)
    scaled.fit(rest[["margin"]].to_numpy(), rest.outcome == "defaulted")
    expected = scaled.predict_proba(of[["margin"]].to_numpy())[:, 1]
    assert of.probability.to_numpy() == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("model", ESTIMATED)
def test_reasons_add_up_to_the_margin(built, model):
    found = folder.frame(
        built,
        f"""
        select sum(contribution) as total, count(*) as n, any_value(margin) as margin
        from restricted.credit_score_reasons
        join restricted.credit_scores using (model_code, loan_key)
        where model_code = '{model}' group by loan_key
        """,
    )
    assert len(found) >= 400
    assert (found.n == 5).all()  # four features and the base
    assert found.total.to_numpy() == pytest.approx(found.margin.to_numpy(), abs=1e-9)


def test_points_of_bins_add_up_to_the_points_of_loans(built, scores):
    bins = folder.frame(built, "from marts.scorecard_points")
    assert set(bins.feature) == {"debt", "late", "sector", "sales"}
    scored = scores[(scores.model_code == "card") & scores.points.notna()]
    total = np.zeros(len(scored))
    for feature, of in bins.groupby("feature"):
        ranges = of[of.lower.notna() | of.upper.notna()]
        by_label = of.set_index("bin").points
        if feature == "sector":
            total += ("category " + scored.sector).map(by_label).to_numpy()
            continue
        x = scored[feature].astype(float).to_numpy()
        inside = np.zeros(x.size)
        for row in ranges.fillna({"lower": -np.inf, "upper": np.inf}).itertuples():
            inside[(x > row.lower) & (x <= row.upper)] = row.points
        total += np.where(np.isnan(x), by_label.get("missing", np.nan), inside)
    assert scored.points.to_numpy() == pytest.approx(total, abs=1e-6)
    # More points, less risk.
    assert np.corrcoef(scored.points, scored.margin)[0, 1] == pytest.approx(-1, abs=1e-6)


def test_alternative_features_add_to_the_bank(built):
    for model in ("card", "forest", "boosting", "logit"):
        gain = built.query(f"""
            select value, ci_low, bootstrap_low from marts.credit_model_performance
            where metric = 'auc' and features = 'all_minus_bank' and model_code = '{model}'
        """)
        ((size, low, drawn),) = gain
        both = [value(built, model, "auc", features=name) for name in ("all", "bank")]
        assert size == pytest.approx(both[0] - both[1], abs=1e-9)
        assert size > 0 and min(low, drawn) > -0.05


def test_planted_gain_of_alternative_features_is_recovered():
    """60,000 applications of the synthetic generator, half of them of the years of the test."""
    rng, n = np.random.default_rng(1), 30_000
    days, _ = loans.decision_days(rng)
    is_late = days >= loans.TEST_STARTS
    decided = np.concatenate([rng.choice(days[~is_late], n), rng.choice(days[is_late], n)])
    sector = rng.integers(len(loans.SECTORS), size=2 * n)
    made = loans.applications(rng, decided, np.arange(2 * n), sector)
    defaulted = rng.random(2 * n) < made.probability
    names = np.array([*loans.SECTORS, None], dtype=object)
    columns = {**made.features, "sector": names[made.sector]}
    features = [Feature(name, "number") for name in loans.FEATURES] + [
        Feature("sector", "category")
    ]
    bank = [
        each
        for each in features
        if each.kind == "category" or loans.FEATURES[each.name].source == "bank"
    ]
    train, test = (
        np.flatnonzero(made.approved & (is_test == (decided >= loans.TEST_STARTS)))
        for is_test in (False, True)
    )
    truth = pd.read_csv(PROJECT / "seeds/catalog/planted_credit_gain.csv", index_col="quantity")
    planted = float(truth.value["gain"])
    gains = {}
    for learner in ("gradient_boosting", "logistic_regression", "scorecard"):
        margins = [
            fit(
                learner,
                kept,
                {name: values[train] for name, values in columns.items()},
                defaulted[train],
                seed=1,
            ).margin({name: values[test] for name, values in columns.items()})
            for kept in (features, bank)
        ]
        p = [1 / (1 + np.exp(-margin)) for margin in margins]
        gains[learner] = compare(defaulted[test], *p, np.full(test.size, -1), draws=2, seed=1)[0]
    boosting = gains["gradient_boosting"]
    assert boosting.ci_low < planted < boosting.ci_high
    # Ranks and bins lose a part of a logit of values: they find most of the gain, not all.
    for learner in ("logistic_regression", "scorecard"):
        assert planted * 0.75 < gains[learner].value < boosting.ci_high


def test_random_split_stands_beside_the_split_in_time(built):
    for metric in ("auc", "accuracy", "brier"):
        split, in_time, difference = (
            value(built, "logit", metric, sample)
            for sample in ("random_split", "out_of_time", "random_minus_out_of_time")
        )
        assert difference == pytest.approx(split - in_time, abs=1e-9)


def test_index_of_later_periods_leaks(built, fits):
    assert fits.status.to_dict() == dict.fromkeys(
        [*ESTIMATED, "own_index", "early_index"], "ok"
    ) | {"pooled_index": "leaking"}
    message = fits.message["pooled_index"]
    assert message.startswith("index:pooled is leaking: 1800 scores depend on periods that ended")
    assert (
        built.value(
            "select count(*) from marts.credit_model_performance where model_code = 'pooled_index'"
        )
        == 0
    )
    ((code, severity),) = built.query(
        "select code, severity from marts.credit_model_findings where model_code = 'pooled_index'"
    )
    assert (code, severity) == ("leaking", "stop")


def test_index_is_that_of_the_period_before_the_decision(built, made):
    scores = folder.frame(
        built,
        "select unit_id, period, score from marts.index_scores where index_code = 'by_period' "
        "and scheme = 'headline'",
    )
    found = folder.frame(
        built, "from restricted.int_credit__index_values where feature = 'index:by_period'"
    )
    loans = made.loans.assign(
        loan_key=made.loans.loan_id.map(folder.key_of),
        period=made.loans.decided_at.str[:4].astype(int) - 1,
    )
    both = found.merge(loans, on="loan_key").merge(scores, on=["unit_id", "period"])
    assert len(both) == len(loans)
    assert both.value.astype(float).to_numpy() == pytest.approx(both.score.to_numpy(), rel=1e-9)


def test_unseen_category_has_no_score_and_is_named(built, scores):
    of = scores[(scores.model_code == "boosting") & (scores.sector == "fishing")]
    assert of.probability.isna().all()
    assert set(of.message) == {"sector has a value that no training loan has"}
    ((n, message),) = built.query(
        "select n, message from marts.credit_model_findings "
        "where model_code = 'boosting' and code = 'unseen_value'"
    )
    assert n == len(of)
    assert message.startswith(
        f"For {n} loan(s), sector has a category that no training loan has, or is missing"
    )


def test_order_of_rows_and_form_of_features_change_nothing(warehouses, built, data, made):
    """The same loans in another order, and the features in wide form."""
    again = data.copy()
    rng = np.random.default_rng(3)
    del again.tables["loan_features"]
    wide = made.features.rename(columns={"known_at": "day"})
    again.tables["loan_features_wide"] = folder.records(wide)
    again.tables["credit_features"] = [
        {"feature": name, "known_at": "day", "source": "alternative" if name == "sales" else ""}
        for name in ("debt", "late", "sector", "sales")
    ]
    for table in again.tables.values():
        rng.shuffle(table)
    other = warehouses.build(again)
    assert other.succeeded, other.message
    query = "from restricted.credit_model_results order by all"
    first, second = (each.query(query) for each in (built, other))
    assert len(first) > 10_000
    assert [str(row) for row in first] == [str(row) for row in second]


def test_shuffled_outcomes_have_an_auc_of_one_half(warehouses):
    made = folder.planted(2_400, seed=11)
    columns = ["outcome", "outcome_known_at", "matures_at"]
    order = np.random.default_rng(12).permutation(len(made.loans))
    # Outcomes move with their delays, so that none is known before its decision.
    decided = pd.to_datetime(made.loans.decided_at)
    for column in columns[1:]:
        delay = (pd.to_datetime(made.loans[column]) - decided).to_numpy()[order]
        made.loans[column] = (decided + delay).dt.strftime("%Y-%m-%d").to_numpy()
    made.loans["outcome"] = made.loans.outcome.to_numpy()[order]
    learners = ["scorecard", "logistic_regression", "random_forest", "gradient_boosting"]
    models = [{"model_code": name, "learner": name} for name in learners]
    tables = folder.index_tables() | made.tables(models)
    built = warehouses.build(DataDir(tables), "credit_model_performance", "credit_model_fits")
    assert built.succeeded, built.message
    found = built.query(
        "select model_code, sample, value, n_loans, n_defaults from marts.credit_model_performance "
        "where metric = 'auc' and features = 'all' and sample in ('out_of_time', 'random_split')"
    )
    for model, sample, auc, n, bad in found:
        # The variance of the AUC of scores that are independent of the outcome (Mann & Whitney).
        error = np.sqrt((n + 1) / (12 * bad * (n - bad)))
        assert abs(auc - 0.5) < 2 * error, (model, sample)


def test_models_are_dated_as_in_the_catalog(fits):
    days = ["train_until", "calibrate_until", "test_until"]
    expected = [date.fromisoformat(MODEL[name]) for name in days]
    assert [day.date() for day in fits.loc["logit", days]] == expected
    assert (fits.data_origin == "user").all()
