"""Invalid loans, features and models: each message names what, where and what to do."""

import credit_folder as folder
import pytest
from conftest import PROJECT, DataDir, environment
from credit_folder import KEY, Warehouses

from credit_indices.pipeline import check, enterprise_codes

QUARANTINE = ("quarantined_loans", "int_credit__loans", "int_credit__values")

EMPTY_MODEL = dict.fromkeys(
    ("outcomes", "calibration", "loss_given_default", "interest_margin"), ""
)
EMPTY_FEATURE = dict.fromkeys(("source", "kind", "trend", "known_at"), "")

TIME = "is not a day such as 2020-02-29, with or without a time"
REFUSED = {"decision": "refused", "outcome": "", "outcome_known_at": "", "matures_at": ""}
OPEN = {"outcome": "open", "outcome_known_at": ""}

LOAN_FAULTS = [
    ({"loan_id": ""}, "loan_id", "loan_id is empty"),
    (
        {"loan_id": "L0100"},
        "loan_id",
        "loan_id is already in an earlier row; keep the correct record",
    ),
    ({"decided_at": "2016-02-30"}, "decided_at", f"decided_at {TIME}"),
    ({"decided_at": ""}, "decided_at", f"decided_at {TIME}"),
    ({"decided_at": "31.12.2016"}, "decided_at", f"decided_at {TIME}"),
    ({"decision": "accepted"}, "decision", "decision is not one of approved, refused"),
    ({"decision": ""}, "decision", "decision is not one of approved, refused"),
    ({"outcome": "late"}, "outcome", "outcome is not one of paid, defaulted, open"),
    (OPEN | {"outcome": ""}, "outcome", "outcome is not one of paid, defaulted, open"),
    (
        REFUSED | {"outcome": "paid"},
        "outcome",
        "outcome is given for a refused application; leave it empty",
    ),
    ({"outcome_known_at": "soon"}, "outcome_known_at", f"outcome_known_at {TIME}"),
    (
        {"outcome_known_at": "2001-01-01"},
        "outcome_known_at",
        "outcome_known_at is before decided_at",
    ),
    (
        {"outcome": "open", "outcome_known_at": "2031-01-01"},
        "outcome_known_at",
        "outcome_known_at is given for a loan without an outcome; leave it empty",
    ),
    (
        REFUSED | {"outcome_known_at": "2031-01-01"},
        "outcome_known_at",
        "outcome_known_at is given for a loan without an outcome; leave it empty",
    ),
    ({"matures_at": "never"}, "matures_at", f"matures_at {TIME}"),
    ({"matures_at": "2001-01-01"}, "matures_at", "matures_at is before decided_at"),
    ({"amount": "0"}, "amount", "amount is not a number above 0"),
    ({"amount": "-5"}, "amount", "amount is not a number above 0"),
    ({"amount": ""}, "amount", "amount is not a number above 0"),
    ({"amount": "1,000"}, "amount", "amount is not a number above 0"),
    ({"amount": "inf"}, "amount", "amount is not a number above 0"),
    (REFUSED | {"amount": "x"}, "amount", "amount is not a number above 0"),
    (
        {"decision": "x", "amount": "0"},
        "decision",
        "decision is not one of approved, refused; amount is not a number above 0",
    ),
]

FEATURE_FAULTS = [
    ({"loan_id": ""}, "loan_id", "loan_id is empty"),
    ({"loan_id": "L9999"}, "loan_id", "loan_id is unknown: loans are listed in loans"),
    ({"feature": ""}, "feature", "feature is empty"),
    (
        {"feature": "two words"},
        "feature",
        "feature contains a space, which separates features",
    ),
    (
        {"feature": "index:scdbi"},
        "feature",
        "feature begins with index:, which is reserved for scores of indices",
    ),
    (
        {},
        "feature",
        "feature is already in an earlier row of this loan; keep the correct record",
    ),
    ({"known_at": "2016-13-01"}, "known_at", f"known_at {TIME}"),
    ({"source": "friends"}, "source", "source is not one of bank, alternative"),
]

MODEL_FAULTS = [
    ({"model_code": ""}, "model_code is empty"),
    (
        {"learner": "boosting"},
        "learner 'boosting' is not one of scorecard, logistic_regression, random_forest, "
        "gradient_boosting",
    ),
    (
        {"learner": ""},
        "learner is empty; expected one of scorecard, logistic_regression, random_forest, "
        "gradient_boosting",
    ),
    ({"features": ""}, "features is empty; list the features, separated by spaces"),
    ({"train_until": "2017"}, "train_until '2017' is not a day such as 2020-02-29"),
    ({"calibrate_until": ""}, "calibrate_until is not a day such as 2020-02-29"),
    ({"test_until": "2019-02-29"}, "test_until '2019-02-29' is not a day such as 2020-02-29"),
    (
        {"calibrate_until": "2017-06-30"},
        "calibrate_until '2017-06-30' is not after train_until (2017-06-30); the loans between "
        "them calibrate the model",
    ),
    (
        {"test_until": "2017-01-01"},
        "test_until '2017-01-01' is not after calibrate_until (2018-06-30); the loans between "
        "them test the model",
    ),
    ({"seed": ""}, "seed is not an integer from 0 to 2147483647"),
    ({"seed": "-1"}, "seed '-1' is not an integer from 0 to 2147483647"),
    ({"seed": "1.5"}, "seed '1.5' is not an integer from 0 to 2147483647"),
    (
        {"outcomes": "known"},
        "outcomes 'known' is not one of final, known_at_split; it may be empty",
    ),
    (
        {"calibration": "beta"},
        "calibration 'beta' is not one of platt, isotonic; it may be empty",
    ),
    (
        {"loss_given_default": "45"},
        "loss_given_default '45' is not a share of the amount above 0 and at most 1, such as 0.45",
    ),
    (
        {"interest_margin": "0"},
        "interest_margin '0' is not a share of the amount above 0 and at most 1, such as 0.45",
    ),
    ({"interest_margin": "8 %"}, "interest_margin '8 %' is not a number"),
]

CATALOG_FAULTS = [
    ({"feature": ""}, "feature is empty"),
    ({"source": "public"}, "source 'public' is not one of bank, alternative; it may be empty"),
    ({"kind": "text"}, "kind 'text' is not one of number, category; it may be empty"),
    (
        {"trend": "up"},
        "trend 'up' is not one of none, increasing, decreasing; it may be empty",
    ),
]


@pytest.fixture(scope="module")
def warehouses(runner, seeded_warehouse, tmp_path_factory):
    return Warehouses(runner, seeded_warehouse, tmp_path_factory.mktemp("credit"))


@pytest.fixture
def made():
    return folder.planted(1_500)


def tables(made, *models):
    """Return the tables of a folder, to which a test adds faults."""
    return folder.index_tables() | made.tables([EMPTY_MODEL | model for model in models or ({},)])


def cells(built, file):
    return {
        row: (column, reason)
        for row, column, reason in built.query(
            f"select source_row, column_name, reason from quality.quarantined_loans "
            f"where source_file = '{file}'"
        )
    }


def test_invalid_loans_and_features_are_quarantined(warehouses, made):
    given = tables(made)
    loans, features = given["loans"], given["loan_features"]
    for place, (fault, _, _) in enumerate(LOAN_FAULTS):
        loans[200 + place] |= fault
    unknown_unit = 300
    loans[unknown_unit]["unit_id"] = "atlantis"
    first = len(features)
    # Of other loans, so that only the row without a fault of its own repeats a feature.
    features += [
        dict(features[n]) | ({"feature": "more"} if fault else {}) | fault
        for n, (fault, _, _) in enumerate(FEATURE_FAULTS)
    ]
    given["loan_features_wide"] = [
        {"loan_id": name, "rooms": 3} for name in ("L0000", "L0000", "L9999", "")
    ]
    built = warehouses.build(DataDir(given), *QUARANTINE)
    assert built.succeeded, built.message
    expected = {202 + n: (column, why) for n, (_, column, why) in enumerate(LOAN_FAULTS)}
    expected[unknown_unit + 2] = (
        "unit_id",
        "unit_id is not in the table units; values by region exclude the loan",
    )
    assert cells(built, "loans.csv") == expected
    known = {n + first + 2: (column, why) for n, (_, column, why) in enumerate(FEATURE_FAULTS)}
    found = cells(built, "loan_features.csv")
    assert {row: found[row] for row in known} == known
    # The features of the loans whose id is now another are of no loan.
    assert len(found) > len(known)
    assert cells(built, "loan_features_wide.csv") == {
        3: ("loan_id", "loan_id is already in an earlier row; keep the correct record"),
        4: ("loan_id", "loan_id is unknown: loans are listed in loans"),
        5: ("loan_id", "loan_id is empty"),
    }
    n = built.value("select count(*) from restricted.int_credit__loans")
    assert n == len(loans) - len(LOAN_FAULTS)
    # A published reason contains no cell.
    assert built.query("select distinct value from quality.quarantined_loans") == [(None,)]


def test_invalid_models_stop_the_build(warehouses, made, tmp_path, monkeypatch):
    given = tables(
        made, *({"model_code": f"m{n}"} | each for n, (each, _) in enumerate(MODEL_FAULTS))
    )
    given["credit_models"].append(given["credit_models"][1])
    given["credit_features"] = [
        EMPTY_FEATURE | {"feature": f"f{n}"} | fault for n, (fault, _) in enumerate(CATALOG_FAULTS)
    ]
    given["credit_features"].append(given["credit_features"][1])
    expected = [
        f"credit_models.csv row {n}: {message}" for n, (_, message) in enumerate(MODEL_FAULTS, 2)
    ] + [f"credit_features.csv row {n}: {why}" for n, (_, why) in enumerate(CATALOG_FAULTS, 2)]
    expected += [
        f"credit_models.csv row {len(MODEL_FAULTS) + 2}: model_code 'm1' is already in row 3; keep "
        "the correct record",
        f"credit_features.csv row {len(CATALOG_FAULTS) + 2}: feature 'f1' is already in row 3; "
        "keep the correct record",
    ]
    built = warehouses.build(DataDir(given))
    assert not built.succeeded
    for line in expected:
        assert f"\n  - {line}" in built.message, line
    assert "The input of the models of credit risk is not valid" in built.message
    assert "No model was estimated." in built.message
    # The command `check` says the same.
    monkeypatch.chdir(PROJECT)
    place = DataDir(given).write(tmp_path / "data")
    key = environment(**{enterprise_codes.KEY_VARIABLE: KEY})
    with key, pytest.raises(check.InputFault) as error:
        check.check(str(place), tmp_path / "credit_indices.duckdb")
    assert str(error.value).strip() in built.message


def test_loans_need_a_key_for_pseudonyms(warehouses, made):
    built = warehouses.build(DataDir(tables(made)), "int_credit__loans", key="")
    assert not built.succeeded
    (line,) = [line for line in built.message.splitlines() if line.startswith("  - ")]
    assert line == (
        "  - loans.csv row 2: loans need a secret of your own: set the environment variable "
        "CREDIT_INDICES_PSEUDONYM_KEY to a long random text and keep it; without it, "
        "anyone who knows the ids could identify the loans"
    )
    assert "Traceback" not in built.message


STATUSES = {
    "features names debt twice; name it once.": {"features": "debt late debt"},
    "features has salary, which has no values. The features are: ": {"features": "debt salary"},
    "features has index:gdp, which has no values. An index of the table indices has scores for ": {
        "features": "index:gdp"
    },
    "mixed has 1000 numbers and 500 other values (first: loan ": {"features": "mixed"},
    "endless has 1 infinite value(s) (first: loan ": {"features": "endless debt"},
    "both is a feature of loan_features and a column of loan_features_wide; keep one.": {
        "features": "both"
    },
    "torn has the source bank in some rows and alternative in others; keep one.": {
        "features": "torn"
    },
    "words is a number by credit_features, but 1500 of 1500 values are no numbers (first: loan ": {
        "features": "words"
    },
    "ranked is a category, which cannot be increasing; leave its trend in credit_features empty, "
    "or supply numbers.": {"features": "ranked"},
    "dated has a known_at in credit_features, which is for loan_features_wide only; leave it "
    "empty, and give the times in the column known_at of loan_features.": {"features": "dated"},
    "undated has known_at 'day' in credit_features; expected a column of loan_features_wide, or "
    "one of decided_at, matures_at, outcome_known_at.": {"features": "undated"},
    "vague has known_at 'season' in credit_features, a column of loan_features_wide with 1500 "
    "value(s) that are not times such as 2020-02-29; correct them.": {"features": "vague"},
    "Feature void has no value in the training sample. Remove the feature.": {
        "features": "debt void"
    },
    "Feature new has no value in the training sample. Remove the feature.": {
        "features": "debt new"
    },
    "Sample out_of_time has 0 defaulted and 0 paid loan(s) with a score; expected at least 50 and "
    "2. The other ": {"features": "debt era", "learner": "gradient_boosting"},
    "No feature remains for the model. Left out: same (": {"features": "same"},
    "Sample train has no defaulted loan among 0; expected both outcomes. Move the dates of the "
    "split.": {
        "train_until": "2010-12-31",
        "calibrate_until": "2011-12-31",
        "test_until": "2012-12-31",
    },
    "Sample train has 12 defaulted loans; expected at least 50. Lengthen the period.": {
        "train_until": "2015-02-28"
    },
    "Sample out_of_time has 3 defaulted loans; expected at least 50. Lengthen the period.": {
        "test_until": "2018-07-31"
    },
    "Sample calibration has no defaulted loan among 0; expected both outcomes. Move the dates of "
    "the split.": {"train_until": "2018-06-29", "calibrate_until": "2018-06-30"},
}


@pytest.fixture(scope="module")
def statuses(warehouses):
    """Models that cannot be estimated, and two that can."""
    made = folder.planted(1_500)
    models = {message: f"m{n:02d}" for n, message in enumerate(STATUSES)}
    few = {"model_code": "few", "calibrate_until": "2017-08-31"}
    late = {"model_code": "late", "features": "debt late ending"}
    given = tables(
        made,
        *({"model_code": models[message]} | model for message, model in STATUSES.items()),
        few,
        late,
        {"model_code": "named", "features": "debt name", "learner": "gradient_boosting"},
    )
    values = {
        "mixed": lambda n: n if n % 3 else "unknown",
        "endless": lambda n: "inf" if n == 7 else n % 10,
        "both": lambda n: n % 9,
        "torn": lambda n: n % 9,
        "words": lambda n: f"word {n % 3}",
        "ranked": lambda n: f"rank {n % 3}",
        "dated": lambda n: n % 9,
        "new": lambda n: n % 9 if n > 1_400 else None,
        "name": lambda n: f"name {n}",
        "era": lambda n: f"era {n // 200}",
        "same": lambda n: 1,
        "ending": lambda n: n % 9 if n < 1_300 else None,
    }
    given["loan_features"] += [
        {
            "loan_id": loan["loan_id"],
            "feature": name,
            "value": value(n),
            "known_at": loan["decided_at"],
            "source": "alternative" if name == "torn" else "",
        }
        for name, value in values.items()
        for n, loan in enumerate(given["loans"])
        if value(n) is not None
    ]
    given["loan_features_wide"] = [
        {
            "loan_id": loan["loan_id"],
            "both": 1,
            "undated": n % 7,
            "vague": n % 7,
            "season": "summer",
            "void": "",
        }
        for n, loan in enumerate(given["loans"])
    ]
    given["credit_features"] = [
        EMPTY_FEATURE | row
        for row in (
            {"feature": "torn", "source": "bank"},
            {"feature": "words", "kind": "number"},
            {"feature": "ranked", "kind": "category", "trend": "increasing"},
            {"feature": "dated", "known_at": "decided_at"},
            {"feature": "undated", "known_at": "day"},
            {"feature": "vague", "known_at": "season"},
            {"feature": "salary", "kind": "number"},
        )
    ]
    built = warehouses.build(DataDir(given))
    assert built.succeeded, built.message
    found = built.query("select model_code, status, message from marts.credit_model_fits")
    return built, models, {code: (status, message) for code, status, message in found}


@pytest.mark.parametrize("message", STATUSES)
def test_model_without_estimates_says_why(statuses, message):
    built, models, found = statuses
    status, why = found[models[message]]
    assert status == "not_estimated"
    assert why.startswith(message)
    for mart in ("credit_model_performance", "credit_feature_importance", "scorecard_points"):
        query = f"select count(*) from marts.{mart} where model_code = '{models[message]}'"
        assert built.value(query) == 0


def test_few_defaults_for_the_calibration_are_a_warning(statuses):
    built, _, found = statuses
    assert found["few"] == ("ok", None)
    ((severity, subject, message),) = built.query(
        "select severity, subject, message from marts.credit_model_findings "
        "where model_code = 'few' and code = 'few_defaults'"
    )
    assert (severity, subject) == ("warning", "calibration")
    assert message.endswith("defaulted loans; expected at least 50. Lengthen the period.")


def test_many_categories_are_a_warning(statuses):
    built, _, _ = statuses
    found = built.query(
        "select subject, message from marts.credit_model_findings where code = 'many_categories'"
    )
    ((subject, message),) = found
    assert subject == "name"
    assert message.endswith(
        "training loans. If it is a number, write it as 0.12 or 1000, not as 12 % or 1,000. Else "
        "group its categories."
    )


def test_missing_value_that_no_training_loan_has_is_named(statuses):
    built, _, found = statuses
    assert found["late"] == ("ok", None)
    ((n, message),) = built.query(
        "select n, message from marts.credit_model_findings "
        "where model_code = 'late' and code = 'unseen_value'"
    )
    assert n == 200
    assert message.startswith(
        "ending is missing for 200 loan(s), but for no training loan (first: loan "
        f"{min(map(folder.key_of, last_ids()))}). These "
    )
    scored = "select count(*) from restricted.credit_scores where model_code = 'late' and "
    assert built.value(f"{scored} probability is null") == 200
    assert built.value(f"{scored} message = 'ending has a value that no training loan has'") == 200


def last_ids():
    return [f"L{n}" for n in range(1_300, 1_500)]


def test_findings_contain_no_value_of_a_loan(statuses):
    built, _, found = statuses
    listed = [why for _, why in found.values() if why]
    listed += [why for (why,) in built.query("select message from marts.credit_model_findings")]
    for why in listed:
        assert "word 1" not in why and "name 1" not in why and "L0" not in why


UNKNOWN = "features has debt, which has no values. "
NO_LOANS = f"{UNKNOWN}No loan is valid: supply loans; quality.quarantined_loans lists invalid ones."
NO_FEATURES = f"{UNKNOWN}No feature has values: supply loan_features or loan_features_wide."


@pytest.mark.parametrize("has_models", [True, False])
def test_folder_without_loans_builds_empty_marts(warehouses, made, has_models):
    given = folder.index_tables()
    if has_models:
        given["credit_models"] = tables(made)["credit_models"]
    built = warehouses.build(DataDir(given))
    assert built.succeeded, built.message
    fits = built.query("select status, message, data_origin from marts.credit_model_fits")
    assert fits == ([("not_estimated", NO_LOANS, "none")] if has_models else [])


def test_header_without_loans_is_no_fault(warehouses, made):
    given = tables(made)
    header = ",".join(given["loans"][0]) + "\n"
    del given["loans"]
    data = DataDir(given, {"loans.csv": header.encode()})
    built = warehouses.build(data, "credit_model_fits")
    assert built.succeeded, built.message
    found = built.query("select status, message from marts.credit_model_fits")
    assert found == [("not_estimated", NO_LOANS)]


def test_loans_without_features_are_no_fault(warehouses, made):
    given = tables(made)
    del given["loan_features"]
    built = warehouses.build(DataDir(given), "credit_model_fits")
    assert built.succeeded, built.message
    found = built.query("select status, message, n_read from marts.credit_model_fits")
    assert found == [("not_estimated", NO_FEATURES, 1_500)]


def test_times_are_compared_to_the_second_and_days_as_days(warehouses, made):
    times = {
        "2016-03-01 10:00:00": False,
        "2016-03-01 10:00:01": True,
        "2016-03-01": False,
        "2016-03-02": True,
    }
    given = tables(made)
    wide = []
    later = {"matures_at": "2018-01-01", "outcome_known_at": "2018-01-01"}
    for n, time in enumerate(times):
        given["loans"][n] |= later | {"decided_at": "2016-03-01 10:00:00"}
        of_loan = [row for row in given["loan_features"] if row["loan_id"] == f"L000{n}"]
        of_loan[0] |= {"known_at": time, "feature": "long"}
        wide.append({"loan_id": f"L000{n}", "wide": 1, "day": time})
    given["loan_features_wide"] = wide
    given["credit_features"] = [EMPTY_FEATURE | {"feature": "wide", "known_at": "day"}]
    built = warehouses.build(DataDir(given), "int_credit__frame")
    assert built.succeeded, built.message
    at = dict(built.query("select feature, position from restricted.int_credit__features"))
    query = (
        f"select loan_id, late_{at['long']}, late_{at['wide']} from restricted.int_credit__frame"
    )
    found = {loan: late for loan, *late in built.query(query)}
    for n, is_late in enumerate(times.values()):
        assert found[f"L000{n}"] == [is_late, is_late]


def test_reserved_names_of_columns_are_ordinary_features(warehouses, made):
    """Columns of a wide table may have the names of the columns that the build adds."""
    given = tables(made, {"features": "debt origin source_row loan_key decided_at o'b\"x"})
    given["loan_features_wide"] = [
        {
            "loan_id": row["loan_id"],
            "origin": n % 5,
            "source_row": n % 4,
            "loan_key": n % 3,
            "decided_at": n % 7,
            "o'b\"x": n % 6,
        }
        for n, row in enumerate(given["loans"])
    ]
    built = warehouses.build(DataDir(given), "credit_model_fits")
    assert built.succeeded, built.message
    assert built.query("select status from marts.credit_model_fits") == [("ok",)]


def test_columns_that_differ_in_case_are_refused(warehouses, made):
    given = tables(made)
    given["loan_features_wide"] = [{"loan_id": "L0000", "Rooms": 1, "rooms": 2}]
    built = warehouses.build(DataDir(given), "credit_model_fits")
    assert not built.succeeded
    assert (
        "loan_features_wide.csv row 1: rooms is in the header in upper and in lower case; keep one "
        "of them." in built.message
    )
