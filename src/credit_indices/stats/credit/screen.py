"""Screen of features without a date for leaks. It only warns: a strong feature may be honest.

Four rules. Each is a statistic of the loans; none knows the name of a feature.

* auc: the feature alone has an AUC above 0.9, on later loans or on held-out training loans.
* gain: the feature has most of the gain of a boosted model, and alone an AUC above 0.8; it is
  removed and the model refitted until no feature has.
* derived: a feature that the first two rules flagged helps to reconstruct this one.
* reversal: the effect of the feature changes its sign over the dates of decision. A value that
  recounts a period of the calendar after the decision does so, since the period meets old loans
  late and young ones early.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import erfc, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from credit_indices.stats.credit.arrays import Counts, Flags, Matrix, Vector, as_two_classes
from credit_indices.stats.credit.calibration import quantile_edges
from credit_indices.stats.credit.discrimination import auc, midranks
from credit_indices.stats.credit.gates import Columns, Finding
from credit_indices.stats.credit.regression import logistic_fit

if TYPE_CHECKING:
    from lightgbm import Booster

HIGHEST_AUC = 0.9

MOST = 0.5
"""A feature with a larger share of the gain has most of it."""

DOMINANT_AUC = 0.8
"""A feature with a smaller AUC may have most of the gain only because the others are weak, as an
honest score of a credit bureau has."""

FEWEST_FEATURES = 3
"""Among fewer features one has most of the gain without meaning."""

RECONSTRUCTED = 0.2
"""Rise of the explained share of variance from which a feature counts as derived."""

FALSE_ALARMS = 0.05
"""Probability of a reversal found in features whose effects do not change, over all features."""

LEAST_CHANGE = 0.2
"""Smallest change of the log odds, per standard deviation of feature and of date."""

MOST_LOANS = 10_000
"""The screen uses a random sample of at most so many loans of each outcome in both samples."""

N_BINS = 10

N_FOLDS = 10

ROUNDS = 60

PARAMETERS = {
    "num_leaves": 8,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


def screen(
    train: Columns,
    defaulted_train: ArrayLike,
    decided_train: ArrayLike,
    test: Columns,
    defaulted_test: ArrayLike,
    undated: Collection[str],
    *,
    seed: int,
) -> list[Finding]:
    """Return warnings about features without a date, one per feature and rule, in order of rules.

    Numbers, categories and missing values are treated alike: by
    the weight of evidence of quantile bins, categories and the bin of missing values. The weight of
    a training loan is fitted without its tenth of the sample, so a category of its own for every
    loan is not flagged.

    Args:
        train: Values of every feature of the model on the training sample, numbers (NaN missing) or
            text (None missing), each of shape (n,).
        defaulted_train: Outcomes, shape (n,).
        decided_train: Dates of the decisions (datetime64 or numbers), shape (n,).
        test: The same features on later loans, each of shape (m,).
        defaulted_test: Outcomes, shape (m,).
        undated: Features without `known_at`. Only these are flagged.
        seed: Seed of the tenths and of the sample.

    Returns:
        Findings with the codes `suspicious_auc`, `suspicious_gain`, `suspicious_derived` and
        `suspicious_reversal`.

    Raises:
        ValueError: If a sample has one outcome only, the samples have different features, a shape
            differs, a decision has no date, or an undated feature is not among the features.

    """
    outcome, later = as_two_classes(defaulted_train), as_two_classes(defaulted_test)
    _check(train, test, undated, outcome.size, later.size)
    dates = _ranks(decided_train, outcome.size)
    rng = np.random.default_rng(seed)
    rows, rows_later = _sample(outcome, rng), _sample(later, rng)
    train = {name: np.asarray(values)[rows] for name, values in train.items()}
    test = {name: np.asarray(values)[rows_later] for name, values in test.items()}
    outcome, later, dates = outcome[rows], later[rows_later], dates[rows]
    fold = rng.permutation(outcome.size) % N_FOLDS
    suspects = [name for name in train if name in undated]
    weights, areas = {}, {}
    for name in suspects:
        codes, codes_later = _bins(train[name], test[name])
        weights[name] = _held_out_weights(codes, outcome, fold)
        areas[name] = (
            auc(outcome, weights[name]),
            auc(later, _weights(*_counts(codes, outcome, int(codes.max()) + 2))[codes_later]),
        )
    findings = [
        _warn("auc", name, outcome.size, _auc_message(name, *areas[name]))
        for name in suspects
        if max(areas[name]) > HIGHEST_AUC
    ]
    matrix, categories = _matrix(train)
    shares = _dominant(
        matrix,
        categories,
        outcome,
        {name: max(areas[name]) for name in suspects},
    )
    findings += [
        _warn(
            "gain",
            name,
            outcome.size,
            f"{name} has no known_at and has {share:.0%} of the gain of a boosted model "
            f"(expected at most {MOST:.0%}).",
        )
        for name, share in shares.items()
    ]
    flagged = list(dict.fromkeys(each.subject for each in findings))
    findings += _derived(matrix, categories, weights, dates, flagged)
    flagged = list(dict.fromkeys(each.subject for each in findings))
    return findings + _reversals(weights, outcome, dates, flagged)


def _warn(rule: str, feature: str, n: int, message: str) -> Finding:
    remedy = (
        " Find out when its value became known, and set known_at; if after the decision, remove it."
    )
    return Finding(f"suspicious_{rule}", "warning", feature, n, None, message + remedy)


def _auc_message(name: str, held_out: float, later: float) -> str:
    return (
        f"{name} has no known_at and alone has an AUC of {held_out:.3f} on held-out training loans "
        f"and {later:.3f} on later loans (expected at most {HIGHEST_AUC})."
    )


def _check(
    train: Columns, test: Columns, undated: Collection[str], n_train: int, n_test: int
) -> None:
    if set(train) != set(test):
        raise ValueError(
            f"The samples have different features: {', '.join(sorted(set(train) ^ set(test)))}."
        )
    strangers = sorted(set(undated) - set(train))
    if strangers:
        raise ValueError(
            f"Undated feature {strangers[0]} is absent; there are: {', '.join(train)}."
        )
    for columns, n in ((train, n_train), (test, n_test)):
        for name, values in columns.items():
            if np.shape(values) != (n,):
                raise ValueError(f"{name} has shape {np.shape(values)}; expected ({n},).")


def _sample(outcome: Flags, rng: np.random.Generator) -> Counts:
    """Return the rows of a random sample, in order; it has both outcomes.

    Neither an AUC nor the slopes of a logistic regression depend on the share of an outcome.
    """
    rows = [rng.permutation(np.flatnonzero(part))[:MOST_LOANS] for part in (outcome, ~outcome)]
    return np.sort(np.concatenate(rows))


def _ranks(decided: ArrayLike, n: int) -> Vector:
    """Return the ranks of dates, with mean 0 and standard deviation about 1."""
    dates = np.asarray(decided)
    if dates.shape != (n,):
        raise ValueError(f"The decisions have shape {dates.shape}; expected ({n},).")
    undated = np.isnat(dates) if dates.dtype.kind == "M" else np.isnan(dates)
    if undated.any():
        row = int(np.flatnonzero(undated)[0])
        raise ValueError(f"The loan of row {row} has no date of the decision.")
    return ((midranks(dates) - 0.5) / n - 0.5) * sqrt(12)


def _numbers(values: ArrayLike) -> Vector | None:
    """Return values as doubles, None if they are text; infinite values are missing."""
    array = np.asarray(values)
    if array.dtype == object and all(isinstance(v, int | float | None) for v in array.tolist()):
        array = array.astype(np.float64)
    if array.dtype.kind not in "buif":
        return None
    return np.where(np.isfinite(array), array, np.nan).astype(np.float64)


def _texts(values: ArrayLike) -> NDArray[np.str_]:
    """Return text; a missing value is empty."""
    return np.array(["" if v is None or v != v else str(v) for v in np.asarray(values).tolist()])


def _bins(train: ArrayLike, test: ArrayLike) -> tuple[Counts, Counts]:
    """Return the bin of each value of both samples; an unseen category has the last bin, alone."""
    first, second = _numbers(train), _numbers(test)
    if first is not None and second is not None:
        present = first[~np.isnan(first)]
        edges = quantile_edges(present, N_BINS) if present.size else np.array([])
        places = []
        for values in (first, second):
            place = np.searchsorted(edges, values, side="left")
            places.append(np.where(np.isnan(values), edges.size + 1, place))
        return places[0], places[1]
    known, place = np.unique(_texts(train), return_inverse=True)
    texts = _texts(test)
    at = np.minimum(np.searchsorted(known, texts), known.size - 1)
    return place, np.where(known[at] == texts, at, known.size)


def _counts(codes: Counts, outcome: Flags, size: int) -> tuple[Counts, Counts]:
    """Return the numbers of defaulted and of paid loans of each bin, both of shape (size,)."""
    bad = np.bincount(codes[outcome], minlength=size)
    return bad, np.bincount(codes, minlength=size) - bad


def _weights(bad: Counts, good: Counts) -> Vector:
    """Return the log odds of default of each bin against all bins, with half counts added.

    A bin without loans has the weight 0.
    """
    log_odds = np.log((bad + 0.5) / (good + 0.5)) - np.log((bad.sum() + 0.5) / (good.sum() + 0.5))
    return np.where(bad + good > 0, log_odds, 0.0)


def _held_out_weights(codes: Counts, outcome: Flags, fold: Counts) -> Vector:
    """Return the weight of each loan's bin, fitted without the loans of its fold, shape (n,)."""
    size = int(codes.max()) + 2
    bad, good = _counts(codes, outcome, size)
    found = np.empty(codes.size)
    for number in range(N_FOLDS):
        inside = fold == number
        own_bad, own_good = _counts(codes[inside], outcome[inside], size)
        found[inside] = _weights(bad - own_bad, good - own_good)[codes[inside]]
    return found


def _matrix(columns: Columns) -> tuple[dict[str, Vector], set[str]]:
    """Return every feature as numbers, and the names of those that are codes of categories."""
    matrix, categories = {}, set()
    for name, values in columns.items():
        numbers = _numbers(values)
        if numbers is None:
            numbers = np.unique(_texts(values), return_inverse=True)[1].astype(np.float64)
            categories.add(name)
        matrix[name] = numbers
    return matrix, categories


def _boosted(
    features: Matrix, is_category: Sequence[bool], target: Vector, objective: str, rows: Flags
) -> Booster:
    """Return a small boosted model of the target on the given rows."""
    import lightgbm

    data = lightgbm.Dataset(
        features[rows], target[rows], categorical_feature=np.flatnonzero(is_category).tolist()
    )
    return lightgbm.train({**PARAMETERS, "objective": objective}, data, ROUNDS)


def _dominant(
    matrix: Mapping[str, Vector],
    categories: set[str],
    outcome: Flags,
    areas: Mapping[str, float],
) -> dict[str, float]:
    """Return the suspects that have most of a model's gain, one after the other, with the share."""
    left, found = dict(matrix), {}
    everyone = np.ones(outcome.size, dtype=bool)
    while len(left) >= FEWEST_FEATURES:
        model = _boosted(
            np.column_stack(list(left.values())),
            [name in categories for name in left],
            outcome.astype(np.float64),
            "binary",
            everyone,
        )
        gains = model.feature_importance("gain")
        best = int(np.argmax(gains))
        name = list(left)[best]
        if gains[best] <= MOST * gains.sum() or areas.get(name, 0.0) < DOMINANT_AUC:
            break
        found[name] = float(gains[best] / gains.sum())
        del left[name]
    return found


def _derived(
    matrix: Mapping[str, Vector],
    categories: set[str],
    weights: Mapping[str, Vector],
    dates: Vector,
    flagged: list[str],
) -> list[Finding]:
    """Return a finding for each suspect that flagged features help to reconstruct.

    The target is the weight of evidence of the suspect. Two models explain it on held-out loans:
    by the decision date and the other features that are not flagged, and by the flagged ones too.
    """
    findings = []
    if not flagged:
        return findings
    half = np.random.default_rng(0).permutation(dates.size) % 2 == 0
    for name, weight in weights.items():
        if name in flagged or np.ptp(weight[half]) == 0 or np.ptp(weight[~half]) == 0:
            continue
        others = {key: column for key, column in matrix.items() if key not in {name, *flagged}}
        columns = others | {key: matrix[key] for key in flagged}
        explained = _explained(columns, categories, weight, dates, half)
        if explained <= RECONSTRUCTED:
            continue
        without = _explained(others, categories, weight, dates, half)
        if explained - max(without, 0.0) > RECONSTRUCTED:
            message = (
                f"{name} has no known_at, and flagged features help to reconstruct it: with "
                f"{', '.join(flagged)} the explained share of its variance is {explained:.2f}, "
                f"without {without:.2f}."
            )
            findings.append(_warn("derived", name, dates.size, message))
    return findings


def _explained(
    columns: Mapping[str, Vector], categories: set[str], target: Vector, dates: Vector, half: Flags
) -> float:
    """Return the share of the target's variance that features and date explain on held-out loans.

    Args:
        columns: Features, each of shape (n,).
        categories: Names of the features that are codes of categories.
        target: Shape (n,).
        dates: Ranks of the decision dates, shape (n,).
        half: Loans of the fit; the others are held out, shape (n,).

    """
    names = [name in categories for name in columns]
    features = np.column_stack([*columns.values(), dates])
    model = _boosted(features, [*names, False], target, "regression", half)
    errors = target[~half] - model.predict(features[~half], num_threads=1)
    return float(1 - np.mean(errors**2) / np.var(target[~half]))


def _reversals(
    weights: Mapping[str, Vector], outcome: Flags, dates: Vector, flagged: list[str]
) -> list[Finding]:
    """Return a finding for each suspect whose effect changes its sign over the decision dates.

    Logistic regression of default on the weight of evidence w, the rank r of the date, r^2 and w r:
    the effect is b_w + b_wr r.
    """
    tested = {
        name: weight
        for name, weight in weights.items()
        if name not in flagged and np.ptp(weight) > 0
    }
    findings = []
    for name, weight in tested.items():
        w = (weight - weight.mean()) / weight.std()
        x = np.column_stack([np.ones(w.size), w, dates, dates**2, w * dates])
        try:
            fit = logistic_fit(outcome, x, ["constant", name, "date", "date squared", "product"])
        except ValueError:
            # Separation at some date: the effect is infinite and has no sign to compare.
            continue
        effect, change = fit.coefficients[1], fit.coefficients[4]
        p_value = erfc(abs(change / fit.std_errors[4]) / sqrt(2))
        early, late = effect + change * dates.min(), effect + change * dates.max()
        if (
            p_value * len(tested) < FALSE_ALARMS
            and abs(change) >= LEAST_CHANGE
            and early * late < 0
        ):
            message = (
                f"{name} has no known_at, and its effect changes its sign over the decision dates "
                f"(p = {p_value:.2g}, {len(tested)} features tested), as the effect of an event "
                "after the decision does."
            )
            findings.append(_warn("reversal", name, outcome.size, message))
    return findings
