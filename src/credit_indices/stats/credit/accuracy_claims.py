"""What would have to be true for the accuracies that Song & Liu (2025) report.

Section 2.3.2: a random forest raises the accuracy of credit scores of small and micro enterprises
from 72 % to 86 %. Section 6.2.1: the aim is from 75 % to more than 85 %. The paper states neither
data nor default rate nor threshold. An accuracy has a meaning only beside the default rate: at a
default rate of 2 %, 98 % are right without any model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from credit_indices.stats.credit.evaluation import Metric

PUBLISHED = (
    ("accuracy_72_to_86", "2.3.2", 0.72, 0.86),
    ("accuracy_75_to_85", "6.2.1", 0.75, 0.85),
)
"""Claim, section, accuracy before and after. The aim of 6.2.1 is "more than 85 %"."""

SEPARATIONS = (1e-6, 20.0)
"""Distances of the two score distributions, in standard deviations, with AUCs of 0.5 and 1."""


@dataclass(frozen=True)
class ClaimRow:
    """One statement about one published accuracy.

    Attributes:
        claim: accuracy_72_to_86 or accuracy_75_to_85.
        section: Section of the paper.
        item: Name of the statement.
        published: Published value, None if the paper has none.
        own: Value of this project's model or of the theory, None if it does not exist.
        own_low: Lower end of its interval, None if there is none.
        own_high: Upper end.
        explanation: In words.

    """

    claim: str
    section: str
    item: str
    published: float | None
    own: float | None
    own_low: float | None
    own_high: float | None
    explanation: str


def informative_default_rates(accuracy: float) -> tuple[float, float]:
    """Return the default rates between which an accuracy beats the constant prediction.

    The constant prediction of the more frequent outcome has accuracy max(d, 1 - d) at a default
    rate d, which is below a if and only if 1 - a < d < a.

    Args:
        accuracy: Above 0.5 and below 1.

    Raises:
        ValueError: If the accuracy is not above 0.5 and below 1.

    """
    _check_accuracy(accuracy)
    return 1 - accuracy, accuracy


def best_accuracy(separation: float, default_rate: float) -> float:
    """Return the accuracy at the best threshold of a binormal score.

    Scores of paid loans are normal(0, 1), of defaulted loans normal(s, 1). The likelihood ratio is
    exp(s x - s^2 / 2), so the best threshold is t = s / 2 + ln((1 - d) / d) / s (Bayes's rule), and
    the accuracy is d Phi(s - t) + (1 - d) Phi(t).

    Args:
        separation: s, above 0.
        default_rate: d, above 0 and below 1.

    Raises:
        ValueError: If an argument is out of its range.

    """
    from scipy.stats import norm

    if not separation > 0:
        raise ValueError(f"The separation is {separation}; expected a number above 0.")
    _check_rate(default_rate)
    threshold = separation / 2 + np.log((1 - default_rate) / default_rate) / separation
    return float(
        default_rate * norm.cdf(separation - threshold) + (1 - default_rate) * norm.cdf(threshold)
    )


def needed_auc(accuracy: float, default_rate: float) -> float:
    """Return the AUC that a binormal score with equal variances needs for an accuracy.

    The accuracy is that at the best threshold (`best_accuracy`), which rises with the separation s
    from max(d, 1 - d) to 1. The AUC is Phi(s / sqrt(2)).

    Args:
        accuracy: a, above 0.5 and below 1.
        default_rate: d, above 0 and below 1.

    Returns:
        The AUC; NaN if the constant prediction already reaches the accuracy.

    Raises:
        ValueError: If an argument is out of its range.

    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    _check_accuracy(accuracy)
    _check_rate(default_rate)
    if accuracy <= best_accuracy(SEPARATIONS[0], default_rate):
        return float("nan")
    separation = brentq(
        lambda s: best_accuracy(s, default_rate) - accuracy, *SEPARATIONS, xtol=1e-12
    )
    return float(norm.cdf(separation / np.sqrt(2)))


def claim_rows(
    with_alternative: Sequence[Metric],
    bank_only: Sequence[Metric],
    differences: Sequence[Metric],
    default_rate: float,
) -> list[ClaimRow]:
    """Return the statements about both claims beside a model of this project.

    Intervals are those of the bootstrap by enterprise.

    Args:
        with_alternative: Metrics of `evaluate` for the model with all features.
        bank_only: The same for the model with the features of the bank only, on the same loans.
        differences: Differences of `compare` between these two models.
        default_rate: Share of defaulted loans of the same sample, above 0 and below 1.

    Raises:
        ValueError: If a metric is absent, or the default rate is out of its range.

    """
    _check_rate(default_rate)
    after, before = _named(with_alternative, "accuracy"), _named(bank_only, "accuracy")
    majority = _named(with_alternative, "majority")
    gain = _named(differences, "accuracy_difference")
    rows = []
    for claim, section, published_before, published_after in PUBLISHED:
        low, high = informative_default_rates(published_after)
        inside = low < default_rate < high
        rows += [
            ClaimRow(
                claim,
                section,
                "accuracy_before",
                published_before,
                *_with_interval(before),
                "Accuracy on later loans with the features of the bank only. Of the same loans, "
                f"{_percent(majority.value)} have the more frequent outcome.",
            ),
            ClaimRow(
                claim,
                section,
                "accuracy_after",
                published_after,
                *_with_interval(after),
                "Accuracy on later loans with alternative features too. "
                + _against(_named(with_alternative, "accuracy_gain"), majority),
            ),
            ClaimRow(
                claim,
                section,
                "gain",
                round(published_after - published_before, 10),
                *_with_interval(gain),
                _gain(gain),
            ),
            ClaimRow(
                claim,
                section,
                "majority",
                None,
                *_with_interval(majority),
                "Accuracy without any model: every loan gets the more frequent outcome. The paper "
                "does not report it.",
            ),
        ]
        for item, rate in (
            ("lowest_informative_default_rate", low),
            ("highest_informative_default_rate", high),
        ):
            rows.append(
                ClaimRow(
                    claim,
                    section,
                    item,
                    None,
                    rate,
                    None,
                    None,
                    f"An accuracy of {_percent(published_after)} is better than no model only if "
                    f"between {_percent(low)} and {_percent(high)} of the loans default. In this "
                    f"sample {_percent(default_rate)} do, so it would be "
                    f"{'better' if inside else 'no better'}.",
                )
            )
        for item, accuracy in (
            ("needed_auc_before", published_before),
            ("needed_auc_after", published_after),
        ):
            area = needed_auc(accuracy, default_rate)
            rows.append(
                ClaimRow(
                    claim,
                    section,
                    item,
                    None,
                    None if isnan(area) else area,
                    None,
                    None,
                    _needed(accuracy, area, default_rate),
                )
            )
    return rows


def _against(gain: Metric, majority: Metric) -> str:
    """Compare with no model; `gain` is accuracy minus majority, with its paired interval."""
    without = f"the accuracy without any model ({_percent(majority.value)})"
    if gain.value <= 0:
        return f"That is no better than {without}."
    above = f"That is {100 * gain.value:.1f} percentage points above {without}"
    if gain.bootstrap_low is None or gain.bootstrap_high is None:
        return f"{above}."
    interval = f"{100 * gain.bootstrap_low:.1f} to {100 * gain.bootstrap_high:.1f} with 95 %"
    if gain.bootstrap_low > 0:
        return f"{above} ({interval})."
    return f"{above}, but the interval contains no gain ({interval})."


def _gain(gain: Metric) -> str:
    if gain.bootstrap_low is None or gain.bootstrap_high is None:
        return "Gain in accuracy on the same loans. Its interval does not exist."
    if gain.bootstrap_low > 0:
        found = "Alternative features raise the accuracy of this model"
    elif gain.bootstrap_high < 0:
        found = "Alternative features lower the accuracy of this model"
    else:
        found = "The interval contains 0: no gain is shown for this model"
    return (
        f"Gain in accuracy on the same loans. {found}. It says nothing about the model of the "
        "paper, whose loans are not published."
    )


def _needed(accuracy: float, area: float, default_rate: float) -> str:
    if isnan(area):
        return (
            f"At a default rate of {_percent(default_rate)}, the more frequent outcome alone has "
            f"an accuracy of {_percent(accuracy)} or more: no model is needed."
        )
    return (
        f"AUC that normal scores with equal variances need for an accuracy of {_percent(accuracy)} "
        f"at the best threshold, at a default rate of {_percent(default_rate)}."
    )


def _named(metrics: Sequence[Metric], name: str) -> Metric:
    found = [each for each in metrics if each.metric == name and each.value is not None]
    if not found:
        raise ValueError(
            f"Metric {name} is absent; there are: {', '.join(each.metric for each in metrics)}."
        )
    return found[0]


def _with_interval(metric: Metric) -> tuple[float | None, float | None, float | None]:
    return metric.value, metric.bootstrap_low, metric.bootstrap_high


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _check_accuracy(accuracy: float) -> None:
    if not 0.5 < accuracy < 1:
        raise ValueError(f"The accuracy is {accuracy}; expected above 0.5 and below 1.")


def _check_rate(default_rate: float) -> None:
    if not 0 < default_rate < 1:
        raise ValueError(f"The default rate is {default_rate}; expected above 0 and below 1.")
