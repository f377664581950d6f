"""All models of credit risk of the catalog as one table: fits, findings, metrics and loans."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from credit_indices.stats.credit import findings, gates
from credit_indices.stats.credit.accuracy_claims import claim_rows
from credit_indices.stats.credit.arrays import Counts, Matrix, Vector
from credit_indices.stats.credit.calibration import (
    Isotonic,
    Platt,
    fit_isotonic,
    fit_platt,
    stability,
)
from credit_indices.stats.credit.cost import Costs, cost_threshold, policies
from credit_indices.stats.credit.evaluation import Metric, compare, evaluate
from credit_indices.stats.credit.explain import importance, partial_dependence
from credit_indices.stats.credit.fairness import by_group
from credit_indices.stats.credit.features import Columns, Feature
from credit_indices.stats.credit.findings import INDEX
from credit_indices.stats.credit.gates import Finding
from credit_indices.stats.credit.index_effect import index_effect
from credit_indices.stats.credit.learners import TRENDS_OF, fit
from credit_indices.stats.credit.linear import ScorecardModel
from credit_indices.stats.credit.model import Model
from credit_indices.stats.credit.refused import reject_bounds
from credit_indices.stats.credit.samples import (
    SAMPLES,
    Loans,
    Split,
    random_split,
    size_classes,
    split,
)
from credit_indices.stats.credit.screen import screen
from credit_indices.stats.credit.vintages import stability_by_vintage

DRAWS, FEWER_DRAWS, MANY = 400, 200, 100_000
"""Draws of the bootstrap by enterprise: fewer for a sample of more than `MANY` loans."""

MOST_TRAINING = 100_000
"""Metrics of the training sample are those of a random sample of at most so many of its loans."""

TREES = ("random_forest", "gradient_boosting")

BESIDE = 2
"""Fits at the same time, of one thread each; each holds a copy of its training sample."""

SCORED_AT_ONCE = 100_000
"""Loans scored at once; their features are copied."""

FEWEST_SCORED = {"calibration": 2, "out_of_time": gates.FEWEST_DEFAULTS}
"""Smallest number of defaulted loans with a score by sample."""

EXPLAINED = 5_000
"""Loans with reasons: those decided last. The importance of features is that for the test loans
among them."""

AVERAGED = 2_000
"""Test loans over which the partial dependence is averaged: those decided last. They have reasons
too."""

MOST_IMPORTANT = 5
"""Features with a partial dependence."""

MOST_CATEGORIES = 0.2
"""A feature with more categories per training loan may be a number in another format."""

BASE = "(base)"

SUSPICIOUS = "suspicious_"
"""Begins the codes of the screen's findings."""

Row = dict[str, Any]

RESULTS = pa.schema(
    [
        # all records
        ("model_code", pa.string()),
        ("record", pa.string()),
        ("position", pa.int32()),
        # performance, group and score
        ("sample", pa.string()),
        ("features", pa.string()),
        # the feature, grouping, claim or subject of a finding
        ("subject", pa.string()),
        ("level", pa.string()),
        # the metric, quantity of a claim or code of a finding
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("published", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("bootstrap_low", pa.float64()),
        ("bootstrap_high", pa.float64()),
        ("n_loans", pa.int64()),
        ("n_defaults", pa.int64()),
        ("n_clusters", pa.int64()),
        # points
        ("lower_end", pa.float64()),
        ("upper_end", pa.float64()),
        ("weight", pa.float64()),
        ("information", pa.float64()),
        ("coefficient", pa.float64()),
        ("points", pa.float64()),
        # importance
        ("share", pa.float64()),
        ("gain_share", pa.float64()),
        # effect
        ("std_error", pa.float64()),
        ("statistic", pa.float64()),
        ("df", pa.float64()),
        ("p_value", pa.float64()),
        ("jackknife_std_error", pa.float64()),
        ("jackknife_p_value", pa.float64()),
        # finding
        ("severity", pa.string()),
        # fit
        ("status", pa.string()),
        ("message", pa.string()),
        ("n_read", pa.int64()),
        ("n_refused", pa.int64()),
        ("n_without_consent", pa.int64()),
        ("n_open", pa.int64()),
        ("n_known_later", pa.int64()),
        ("n_after_test", pa.int64()),
        ("n_unscored", pa.int64()),
        ("n_train", pa.int64()),
        ("n_calibration", pa.int64()),
        ("n_test", pa.int64()),
        # score and reason
        ("loan_key", pa.string()),
        ("margin", pa.float64()),
        ("probability", pa.float64()),
    ]
)


class Stop(Exception):
    """A model has no metrics: its status and message."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Spec:
    """A row of the catalog."""

    code: str
    learner: str
    features: tuple[str, ...]
    row: Row

    @classmethod
    def of(cls, row: Row) -> Spec:
        """Split the list of features."""
        return cls(row["model_code"], row["learner"], tuple(row["features"].split()), row)

    @property
    def costs(self) -> Costs:
        """Costs of the two errors."""
        return Costs(self.row["loss_given_default"], self.row["interest_margin"])


@dataclass(frozen=True)
class Fitted:
    """A model, its calibration, and its predictions for all loans.

    Attributes:
        model: The model, fitted on the training sample.
        margin: Log odds before calibration, NaN for a loan that cannot be scored or need not be,
            shape (n,).
        probability: Calibrated probability, NaN likewise, shape (n,).
        calibration: Makes probabilities of margins.

    """

    model: Model
    margin: Vector
    probability: Vector
    calibration: Platt | Isotonic

    def scored(self, rows: Counts) -> Counts:
        """Return the rows that have a score."""
        return rows[~np.isnan(self.margin[rows])]


def results_table(
    models: pa.Table, features: pa.Table, loans: pa.Table, smallest_cell: int
) -> pa.Table:
    """Estimate and evaluate every model of the catalog.

    Args:
        models: The table int_credit__models.
        features: The table int_credit__features.
        loans: The table int_credit__frame.
        smallest_cell: Smallest number of loans, defaults and paid loans of a group that is shown.

    Returns:
        A table with the schema `RESULTS`, one row per model and record. A model that cannot be
        estimated has a fit with a status and a message; it never raises.

    """
    loans = loans.sort_by("loan_key")
    described = {row["feature"]: row for row in features.to_pylist()}
    read = Loans.of(loans)
    tables = []
    for row in sorted(models.to_pylist(), key=lambda row: row["model_code"]):
        tables += _Evaluation(Spec.of(row), described, loans, read, smallest_cell).tables()
    return pa.concat_tables([RESULTS.empty_table(), *tables])


class _Evaluation:
    """One model: its records."""

    def __init__(
        self,
        spec: Spec,
        described: Mapping[str, Row],
        table: pa.Table,
        loans: Loans,
        smallest_cell: int,
    ) -> None:
        self.spec, self.table, self.loans = spec, table, loans
        self.described = {name: row for name, row in described.items() if row["form"]}
        self.unmatched = [row for row in described.values() if not row["form"]]
        self.smallest_cell = smallest_cell
        self.findings: list[Finding] = []
        self.tested: dict[str, tuple[Counts, list[Metric]]] = {}

    def tables(self) -> Iterator[pa.Table]:
        """Yield the records as tables; the fit is the last."""
        row = self.spec.row
        use = split(
            self.loans,
            row["train_until"],
            row["calibrate_until"],
            row["test_until"],
            row["outcomes"],
        )
        status: Row = {"status": "ok", "message": None}
        try:
            # All of them before the first is yielded: a model that stops late has no metrics.
            records = list(self._records(use, status))
        except Stop as stop:
            message = " ".join([*self._suspects(), str(stop)])
            status |= {"status": stop.status, "message": message}
        else:
            yield from records
        yield self._small(self._finding(*each) for each in enumerate(self.findings, start=1))
        counts = {
            f"n_{name}": use.rows(sample).size
            for name, sample in zip(("train", "calibration", "test"), SAMPLES, strict=True)
        }
        yield self._small([{"record": "fit", "position": 0} | status | dict(use.counts) | counts])

    def _records(self, use: Split, status: Row) -> Iterator[pa.Table]:
        features = self._features()
        columns = {each.name: self._column(each) for each in features}
        self._pass_gates(use, columns)
        self._screen(columns, use)
        used = np.flatnonzero(use.sample != None)  # noqa: E711 - elementwise
        shuffled = random_split(use, self.spec.row["seed"])
        bank = [each for each in features if self.described[each.name]["source"] == "bank"]
        kept = {"all": features}
        if 0 < len(bank) < len(features):
            kept["bank"] = bank
        fits = [(name, of) for name in kept for of in (use, shuffled)]
        models = self._models([(kept[name], of) for name, of in fits], columns)
        sets: dict[tuple[str, bool], Fitted] = {}
        for (name, of), model in zip(fits, models, strict=True):
            is_main = name == "all" and of is use
            try:
                scored = used if is_main else self._evaluated(of)
                sets[name, of is use] = self._fitted(model, columns, of, scored)
            except Stop as stop:
                if is_main:
                    raise
                self.findings.append(findings.no_comparison(name, of is use, str(stop)))
        main = sets["all", True]
        if isinstance(main.calibration, Platt) and main.calibration.slope < 0:
            self.findings.append(findings.reversed_calibration(main.calibration.slope))
        status["message"] = " ".join(self._warnings(main.model)) or None
        status["n_unscored"] = self._unscored(main, columns, use)
        for name in kept:
            in_time, at_random = (sets.get((name, is_in_time)) for is_in_time in (True, False))
            yield self._small(self._performance(name, in_time, use, at_random, shuffled))
        if bank_only := sets.get(("bank", True)):
            yield self._small(self._gain(main, bank_only, use))
        yield self._small(self._effects(features, columns, use))
        test = main.scored(use.rows("out_of_time"))
        threshold = self._threshold(main, use)
        status["value"] = threshold
        yield self._small(self._costs(main, test, threshold))
        yield self._small(self._bounds(main, use))
        yield self._small(self._groups(main, use, threshold))
        yield self._small(self._points(main.model))
        few = self._last(test, AVERAGED)
        explained = np.union1d(self._last(main.scored(used), EXPLAINED), few)
        mine = {each.name: columns[each.name] for each in main.model.features}
        base, contributions = main.model.contributions(_at(mine, explained))
        tested = contributions[np.isin(explained, test)]
        yield self._small(self._importance(main, _at(mine, few), importance(tested)))
        yield self._scores(main, mine, use, used)
        yield from self._reasons(main, explained, base, contributions)

    def _features(self) -> list[Feature]:
        """Return the features, or stop: unknown, faulty or leaking."""
        repeated = {name for name in self.spec.features if self.spec.features.count(name) > 1}
        if repeated:
            raise Stop(
                "not_estimated", f"features names {sorted(repeated)[0]} twice; name it once."
            )
        unknown = [name for name in self.spec.features if name not in self.described]
        if unknown:
            raise Stop(
                "not_estimated",
                f"features has {unknown[0]}, which has no values. {self._known(unknown[0])}",
            )
        self._require_matches()
        rows = [self.described[name] for name in self.spec.features]
        late = [row for row in rows if row["n_late"]]
        self.findings += [findings.leak(row) for row in late]
        if late:
            raise Stop("leaking", " ".join(each.message for each in self.findings))
        for row in rows:
            if row["fault"]:
                raise Stop("not_estimated", f"{row['feature']} {row['fault']}.")
        allowed = TRENDS_OF[self.spec.learner]
        ignored = [row["feature"] for row in rows if row["trend"] not in allowed]
        if ignored:
            self.findings.append(findings.ignored_trends(ignored, self.spec.learner))
        return [
            Feature(
                row["feature"], row["kind"], row["trend"] if row["trend"] in allowed else "none"
            )
            for row in rows
        ]

    def _require_matches(self) -> None:
        """Stop for a feature of credit_features without values that has a known_at.

        Its name may be misspelt, and the gate would not see the dates of the feature meant.
        """
        unmatched = [row for row in self.unmatched if row["known_at"]]
        if unmatched:
            name = unmatched[0]["feature"]
            close = difflib.get_close_matches(name.lower(), self.described, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise Stop(
                "not_estimated",
                f"credit_features has a known_at for {name}, which has no values.{hint} Correct "
                "the name or remove the row.",
            )

    def _known(self, unknown: str) -> str:
        """Return what the user can do about a feature that has no values."""
        if not self.loans.keys.size:
            return "No loan is valid: supply loans; quality.quarantined_loans lists invalid ones."
        if unknown.startswith("index:"):
            return (
                "An index of the table indices has scores for loans with a unit_id, or of an "
                "enterprise in a unit, in the last period before the decision."
            )
        if self.described:
            return f"The features are: {', '.join(sorted(self.described))}."
        return "No feature has values: supply loan_features or loan_features_wide."

    def _column(self, feature: Feature) -> Any:
        name = f"value_{self.described[feature.name]['position']}"
        values = self.table[name].to_numpy(zero_copy_only=False)
        return values.astype(np.float64 if feature.kind == "number" else object, copy=False)

    def _pass_gates(self, use: Split, columns: Columns) -> None:
        """Stop for infinite values and samples without defaults; warn of duplicates."""
        keys, rows = self.loans.keys, {name: use.rows(name) for name in SAMPLES}
        self.findings += gates.infinite_values(keys, columns)
        for name in SAMPLES:
            few = "warning" if name == "calibration" else "stop"  # it estimates two numbers only
            self.findings += gates.class_findings(name, use.defaulted[rows[name]], few=few)
        stops = [each.message for each in self.findings if each.severity == "stop"]
        if stops:
            raise Stop("not_estimated", " ".join(stops))
        in_test = (self.loans.decided_on > np.datetime64(self.spec.row["calibrate_until"])) & (
            self.loans.decided_on <= np.datetime64(self.spec.row["test_until"])
        )
        still_open = int((in_test & (use.sample == "open")).sum())
        if still_open:
            self.findings.append(
                findings.open_test_loans(still_open, still_open + rows["out_of_time"].size)
            )
        train = rows["train"]
        for name, values in columns.items():
            if values.dtype == object:
                n = len({value for value in values[train] if value is not None})
                if n > MOST_CATEGORIES * train.size:
                    self.findings.append(findings.many_categories(name, n, train.size))
        first, last = rows["train"], rows["out_of_time"]
        self.findings += gates.duplicates(
            {name: values[first] for name, values in columns.items()},
            keys[last],
            {name: values[last] for name, values in columns.items()},
        )
        n = use.counts["n_known_later"]
        if n and self.spec.row["outcomes"] == "final":
            has_dates = bool((~np.isnat(self.loans.outcome_known_on)).any())
            self.findings.append(findings.known_later(n, has_dates))

    def _rows(self, use: Split, sample: str) -> Counts:
        """Return the loans on which a sample is evaluated."""
        rows = use.rows(sample)
        if sample == "train" and rows.size > MOST_TRAINING:
            rng = np.random.default_rng(self.spec.row["seed"])
            rows = np.sort(rng.choice(rows, MOST_TRAINING, replace=False))
        return rows

    def _evaluated(self, use: Split) -> Counts:
        """Return the loans on which some sample is evaluated."""
        return np.concatenate([self._rows(use, sample) for sample in SAMPLES])

    def _draws(self, rows: Counts) -> int:
        return DRAWS if rows.size <= MANY else FEWER_DRAWS

    def _models(
        self, fits: Sequence[tuple[Sequence[Feature], Split]], columns: Columns
    ) -> list[Model | str]:
        """Fit on the training samples, or return why not. Trees are fitted beside each other."""

        def fitted(features: Sequence[Feature], use: Split) -> Model | str:
            train = use.rows("train")
            try:
                return fit(
                    self.spec.learner,
                    features,
                    {each.name: columns[each.name][train] for each in features},
                    use.defaulted[train],
                    seed=self.spec.row["seed"],
                )
            except ValueError as reason:
                return str(reason)

        workers = min(BESIDE, os.cpu_count() or 1) if self.spec.learner in TREES else 1
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(fitted, *zip(*fits, strict=True)))

    def _fitted(self, model: Model | str, columns: Columns, use: Split, scored: Counts) -> Fitted:
        """Score loans and calibrate on the calibration sample, or stop."""
        if isinstance(model, str):
            raise Stop("not_estimated", model)
        mine = {each.name: columns[each.name] for each in model.features}
        rest = use.rows("calibration")
        margin = np.full(use.sample.size, np.nan)
        for first in range(0, scored.size, SCORED_AT_ONCE):
            rows = scored[first : first + SCORED_AT_ONCE]
            margin[rows] = model.margin(_at(mine, rows))
        for name in SAMPLES[1:]:
            self._require_scores(name, model, margin, mine, use)
        rest = rest[~np.isnan(margin[rest])]
        try:
            calibrate = {"platt": fit_platt, "isotonic": fit_isotonic}[self.spec.row["calibration"]]
            calibration = calibrate(use.defaulted[rest], margin[rest])
        except ValueError as reason:
            raise Stop("not_estimated", str(reason)) from None
        probability = np.full(margin.size, np.nan)
        known = ~np.isnan(margin)
        probability[known] = calibration.apply(margin[known])
        return Fitted(model, margin, probability, calibration)

    def _require_scores(
        self, name: str, model: Model, margin: Vector, columns: Columns, use: Split
    ) -> None:
        """Stop if the loans of a sample with a score are not of both outcomes."""
        rows = use.rows(name)
        scored = use.defaulted[rows][~np.isnan(margin[rows])]
        n, fewest = int(scored.sum()), FEWEST_SCORED[name]
        if n < fewest or scored.size - n < 2:
            unseen = model.unscorable(_at(columns, rows))
            named = ", ".join(each for each, flags in unseen.items() if flags.any())
            remedy = (
                f"The other {rows.size - scored.size} have a value that no training loan has, of "
                f"{named}. Merge rare categories, or remove the feature."
                if named
                else "Lengthen the period."
            )
            raise Stop(
                "not_estimated",
                f"Sample {name} has {n} defaulted and {scored.size - n} paid loan(s) with a score; "
                f"expected at least {fewest} and 2. {remedy}",
            )

    def _unscored(self, main: Fitted, columns: Columns, use: Split) -> int:
        """Count the loans without a score and name their features."""
        used = np.flatnonzero(use.sample != None)  # noqa: E711 - elementwise
        for name, flags in main.model.unscorable(columns).items():
            rows = used[flags[used]]
            if rows.size:
                kind = self.described[name]["kind"]
                first = str(self.loans.keys[rows[0]])
                self.findings.append(findings.unseen(name, kind, rows.size, first))
        return int(np.isnan(main.margin[used]).sum())

    def _performance(
        self,
        name: str,
        in_time: Fitted | None,
        use: Split,
        at_random: Fitted | None,
        shuffled: Split,
    ) -> Iterator[Row]:
        values: dict[str, dict[str, float]] = {}
        cases = [(sample, in_time, use, sample) for sample in SAMPLES]
        cases.append(("random_split", at_random, shuffled, "out_of_time"))
        for sample, fitted, of, rows_of in cases:
            if fitted is None:
                continue
            rows = fitted.scored(self._rows(of, rows_of))
            found = self._metrics(fitted, rows, of)
            if sample == "out_of_time":
                self.tested[name] = rows, list(found)
            if sample in ("out_of_time", "random_split"):
                other = fitted.probability[fitted.scored(self._rows(of, "train"))]
                psi = stability(other, fitted.probability[rows]).psi
                found.append(Metric("psi", psi, None, None, None, None))
            values[sample] = {each.metric: each.value for each in found}
            yield from (self._metric(sample, name, each, rows, of) for each in found)
        for metric, value in values.get("random_split", {}).items():
            other = values.get("out_of_time", {}).get(metric)
            if value is not None and other is not None:
                yield {
                    "record": "performance",
                    "sample": "random_minus_out_of_time",
                    "features": name,
                    "metric": metric,
                    "value": value - other,
                }

    def _metrics(self, fitted: Fitted, rows: Counts, use: Split) -> list[Metric]:
        try:
            return evaluate(
                use.defaulted[rows],
                fitted.probability[rows],
                self.loans.enterprises[rows],
                draws=self._draws(rows),
                seed=self.spec.row["seed"],
            )
        except ValueError as reason:
            raise Stop("not_estimated", str(reason)) from None

    def _metric(self, sample: str, name: str, each: Metric, rows: Counts, use: Split) -> Row:
        return {
            "record": "performance",
            "sample": sample,
            "features": name,
            "metric": each.metric,
            "value": each.value,
            "ci_low": each.ci_low,
            "ci_high": each.ci_high,
            "bootstrap_low": each.bootstrap_low,
            "bootstrap_high": each.bootstrap_high,
            "n_loans": rows.size,
            "n_defaults": int(use.defaulted[rows].sum()),
        }

    def _gain(self, main: Fitted, bank: Fitted, use: Split) -> Iterator[Row]:
        """Yield the differences with and without alternative features, and the paper's claims."""
        rows = bank.scored(main.scored(use.rows("out_of_time")))
        found = compare(
            use.defaulted[rows],
            main.probability[rows],
            bank.probability[rows],
            self.loans.enterprises[rows],
            draws=self._draws(rows),
            seed=self.spec.row["seed"],
        )
        for each in found:
            row = self._metric("out_of_time", "all_minus_bank", each, rows, use)
            yield row | {"metric": each.metric.removesuffix("_difference")}
        of_both = []
        for name, fitted in (("all", main), ("bank", bank)):
            tested, metrics = self.tested[name]
            same = np.array_equal(tested, rows)
            of_both.append(metrics if same else self._metrics(fitted, rows, use))
        for each in claim_rows(*of_both, found, float(use.defaulted[rows].mean())):
            yield {
                "record": "claim",
                "subject": f"song_liu_2025_section_{each.section.replace('.', '_')}_accuracy",
                "metric": each.item,
                "published": each.published,
                "value": each.own,
                "ci_low": each.own_low,
                "ci_high": each.own_high,
                "message": each.explanation,
            }

    def _threshold(self, main: Fitted, use: Split) -> float:
        rows = main.scored(use.rows("calibration"))
        return cost_threshold(
            use.defaulted[rows], main.probability[rows], self.loans.amount[rows], self.spec.costs
        )

    def _costs(self, main: Fitted, rows: Counts, threshold: float) -> Iterator[Row]:
        defaulted = self.loans.outcome[rows] == "defaulted"
        found = policies(
            defaulted,
            main.probability[rows],
            self.loans.amount[rows],
            self.loans.enterprises[rows],
            self.spec.costs,
            threshold,
            draws=self._draws(rows),
            seed=self.spec.row["seed"],
        )
        cost = {each.policy: each.cost_per_amount for each in found}
        best = min(("approve_all", "refuse_all"), key=lambda name: cost[name])
        chosen = cost["chosen_threshold"]
        if chosen > cost[best]:
            self.findings.append(findings.useless_threshold(chosen, best, cost[best]))
        for each in found:
            yield {
                "record": "performance",
                "sample": "out_of_time",
                "features": "all",
                "metric": f"cost_{each.policy}",
                "value": each.cost_per_amount,
                "bootstrap_low": each.bootstrap_low,
                "bootstrap_high": each.bootstrap_high,
                "n_loans": rows.size,
                "n_defaults": int(defaulted.sum()),
            }

    def _bounds(self, main: Fitted, use: Split) -> Iterator[Row]:
        """Yield bounds over the test loans and the applications refused in the same time."""
        rows = main.scored(use.rows("out_of_time"))
        days = self.loans.decided_on
        after = np.datetime64(self.spec.row["calibrate_until"])
        until = np.datetime64(self.spec.row["test_until"])
        refused = main.scored(
            np.flatnonzero((use.sample == "refused") & (days > after) & (days <= until))
        )
        if not refused.size:
            return
        for each in reject_bounds(
            use.defaulted[rows], main.probability[rows], main.probability[refused]
        ):
            yield {
                "record": "performance",
                "sample": "all_applicants",
                "features": "all",
                "metric": each.metric,
                "ci_low": each.low,
                "ci_high": each.high,
                "n_loans": rows.size + refused.size,
            }

    def _groups(self, main: Fitted, use: Split, threshold: float) -> Iterator[Row]:
        rows = main.scored(use.rows("out_of_time"))
        train = main.scored(use.rows("train"))
        groupings = {
            "region": self.loans.regions,
            "size": size_classes(self.loans.amount, train),
        }
        for grouping, names in groupings.items():
            if all(name is None for name in names[rows]):
                continue
            found = by_group(
                use.defaulted[rows],
                main.probability[rows],
                names[rows],
                self.loans.enterprises[rows],
                threshold,
                draws=self._draws(rows),
                seed=self.spec.row["seed"],
                smallest=self.smallest_cell,
            )
            counts = {(each.group, each.metric): each.value for each in found.groups}
            for each in found.groups:
                if each.metric in ("n_loans", "n_defaults"):
                    continue
                yield {
                    "record": "group",
                    "subject": grouping,
                    "level": each.group,
                    "metric": each.metric,
                    "value": each.value,
                    "bootstrap_low": each.bootstrap_low,
                    "bootstrap_high": each.bootstrap_high,
                    **{
                        name: _whole(counts[each.group, name]) for name in ("n_loans", "n_defaults")
                    },
                }
            for gap in found.gaps:
                yield {
                    "record": "group",
                    "subject": grouping,
                    "level": "largest_gap",
                    "metric": gap.metric,
                    "value": gap.value,
                    "bootstrap_low": gap.bootstrap_low,
                    "bootstrap_high": gap.bootstrap_high,
                    "message": f"{gap.highest} minus {gap.lowest}",
                }
        years = self.loans.decided_on[rows].astype("datetime64[Y]").astype(int) + 1970
        for each in stability_by_vintage(main.probability[train], main.probability[rows], years):
            n_defaults = int(use.defaulted[rows[years == each.vintage]].sum())
            is_small = min(n_defaults, each.n_loans - n_defaults) < self.smallest_cell
            for metric, value in (("psi", each.psi), ("psi_by_chance", each.by_chance)):
                yield {
                    "record": "group",
                    "subject": "vintage",
                    "level": str(each.vintage),
                    "metric": metric,
                    "value": None if is_small else value,
                    "n_loans": None if is_small else each.n_loans,
                }

    def _points(self, model: Model) -> Iterator[Row]:
        if not isinstance(model, ScorecardModel):
            return
        card = model.card
        for binning, coefficient, points in zip(
            card.binnings, card.coefficients, card.bin_points(), strict=True
        ):
            ends = [None, *binning.edges.tolist(), None]
            for position, (each, value) in enumerate(zip(binning.bins, points, strict=True)):
                ranged = position < binning.n_ranges
                yield {
                    "record": "points",
                    "subject": binning.feature,
                    "position": position + 1,
                    "level": each.label,
                    "lower_end": ends[position] if ranged else None,
                    "upper_end": ends[position + 1] if ranged else None,
                    "n_loans": each.n,
                    "n_defaults": each.n_defaulted,
                    "weight": each.weight,
                    "information": each.information,
                    "coefficient": coefficient,
                    "points": value,
                }

    def _importance(self, main: Fitted, few: Columns, values: Vector) -> Iterator[Row]:
        """Yield the importance of all features, and the dependence on the first of them."""
        order = np.argsort(-values, kind="stable")
        gains = main.model.gain_shares() if self.spec.learner in TREES else {}
        information = {}
        if isinstance(main.model, ScorecardModel):
            information = {b.feature: b.information_value for b in main.model.card.binnings}
        for position, place in enumerate(order, start=1):
            name = main.model.features[place].name
            yield {
                "record": "importance",
                "subject": name,
                "position": position,
                "value": values[place],
                "share": values[place] / values.sum() if values.sum() else None,
                "gain_share": gains.get(name),
                "information": information.get(name),
            }
        for place in order[:MOST_IMPORTANT]:
            feature = main.model.features[place]
            if not main.model.uses(feature.name):
                continue
            grid, means = partial_dependence(
                main.model, few, feature.name, probability=main.calibration.apply
            )
            number = feature.kind == "number"
            for position, (value, mean) in enumerate(zip(grid, means, strict=True), start=1):
                if not number and (few[feature.name] == value).sum() < self.smallest_cell:
                    continue  # the name of a rare category may name somebody
                yield {
                    "record": "dependence",
                    "subject": feature.name,
                    "position": position,
                    "value": float(value) if number else None,
                    "level": None if number else str(value),
                    "probability": mean,
                }

    def _scores(self, main: Fitted, mine: Columns, use: Split, rows: Counts) -> pa.Table:
        """Return the scores of all loans that may be used."""
        scores = {
            "record": ["score"] * rows.size,
            "position": np.zeros(rows.size, dtype=np.int32),
            "loan_key": self.loans.keys[rows],
            "sample": use.sample[rows],
            "margin": main.margin[rows],
            "probability": main.probability[rows],
        }
        scored = main.scored(rows)
        if isinstance(main.model, ScorecardModel):
            points = np.full(rows.size, np.nan)
            points[~np.isnan(main.margin[rows])] = main.model.card.points(_at(mine, scored)).sum(
                axis=1
            )
            scores["points"] = points
        message = np.full(rows.size, None, dtype=object)
        for name, flags in main.model.unscorable(_at(mine, rows)).items():
            for row in np.flatnonzero(flags):
                before = f"{message[row]}; " if message[row] else ""
                message[row] = f"{before}{name} has a value that no training loan has"
        scores["message"] = message
        return self._wide(scores)

    def _reasons(
        self, main: Fitted, last: Counts, base: float, contributions: Matrix
    ) -> Iterator[pa.Table]:
        """Yield the contributions of the features to the margins, and the base."""
        names = np.array([each.name for each in main.model.features], dtype=object)
        order = np.argsort(-contributions, axis=1, kind="stable")
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(1, names.size + 1)[None, :], axis=1)
        keys = self.loans.keys[last]
        yield self._wide(
            {
                "record": ["reason"] * contributions.size,
                "position": rank.ravel().astype(np.int32),
                "loan_key": np.repeat(keys, names.size),
                "subject": np.tile(names, keys.size),
                "value": contributions.ravel(),
            }
        )
        yield self._wide(
            {
                "record": ["reason"] * keys.size,
                "loan_key": keys,
                "subject": [BASE] * keys.size,
                "value": np.full(keys.size, base),
            }
        )

    def _last(self, rows: Counts, n: int) -> Counts:
        """Return the n rows decided last, in the order of their keys."""
        order = np.argsort(-self.loans.decided_on[rows].astype(np.int64), kind="stable")
        return np.sort(rows[order[:n]])

    def _screen(self, columns: Columns, use: Split) -> None:
        """Warn of features without a date that predict too well."""
        undated = [name for name in columns if self.described[name]["n_undated"]]
        if not undated:
            return
        train, test = use.rows("train"), use.rows("out_of_time")
        self.findings += screen(
            _at(columns, train),
            use.defaulted[train],
            self.loans.decided_on[train],
            _at(columns, test),
            use.defaulted[test],
            undated,
            seed=self.spec.row["seed"],
        )

    def _warnings(self, model: Model) -> Iterator[str]:
        yield from self._suspects()
        if model.left_out:
            listed = "; ".join(f"{name} ({why})" for name, why in model.left_out.items())
            yield f"Left out: {listed}."

    def _suspects(self) -> Iterator[str]:
        suspects = sorted({f.subject for f in self.findings if f.code.startswith(SUSPICIOUS)})
        if suspects:
            yield (
                f"Suspicious, without known_at: {', '.join(suspects)} (marts.credit_model_findings "
                "has the reasons)."
            )

    def _effects(self, features: Sequence[Feature], columns: Columns, use: Split) -> Iterator[Row]:
        """Yield the own contribution of each index, on loans that no training used."""
        others = [each for each in features if not each.name.startswith(INDEX)]
        indices = [each.name for each in features if each.name.startswith(INDEX)]
        if not indices or not others:
            return
        (model,) = self._models([(others, use)], columns)
        try:
            without = self._fitted(model, columns, use, self._evaluated(use))
        except Stop as stop:
            yield from (
                {"record": "effect", "subject": name, "message": str(stop)} for name in indices
            )
            return
        rows = without.scored(use.rows("out_of_time"))
        for name in indices:
            known = rows[~np.isnan(columns[name][rows])]
            _, units = np.unique(self.loans.units[known].astype(str), return_inverse=True)
            try:
                found = index_effect(
                    use.defaulted[known], without.margin[known], columns[name][known], units
                )
            except ValueError as reason:
                yield {"record": "effect", "subject": name, "message": str(reason)}
                continue
            yield {
                "record": "effect",
                "subject": name,
                "coefficient": found.coefficient,
                "std_error": found.std_error,
                "statistic": found.statistic,
                "df": found.df,
                "p_value": found.p_value,
                "ci_low": found.ci_low,
                "ci_high": found.ci_high,
                "jackknife_std_error": found.jackknife_std_error,
                "jackknife_p_value": found.jackknife_p_value,
                "n_loans": found.n_loans,
                "n_clusters": found.n_clusters,
                "message": found.note or None,
            }

    def _finding(self, position: int, each: Finding) -> Row:
        return {
            "record": "finding",
            "position": position,
            "severity": each.severity,
            "metric": each.code,
            "subject": each.subject,
            "n_loans": each.n,
            "message": each.message,
        }

    def _small(self, rows: Iterator[Row] | Sequence[Row]) -> pa.Table:
        code = {"model_code": self.spec.code}
        return pa.Table.from_pylist([_without_nan(row | code) for row in rows], schema=RESULTS)

    def _wide(self, columns: Mapping[str, Any]) -> pa.Table:
        n = len(columns["record"])
        filled = {"model_code": [self.spec.code] * n, **columns}
        return pa.table(
            {
                name: pa.array(filled[name], kind, from_pandas=True)
                if name in filled
                else pa.nulls(n, kind)
                for name, kind in zip(RESULTS.names, RESULTS.types, strict=True)
            },
            schema=RESULTS,
        )


def _at(columns: Columns, rows: Counts) -> Columns:
    return {name: np.asarray(values)[rows] for name, values in columns.items()}


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _without_nan(row: Row) -> Row:
    return {
        name: None if isinstance(value, float) and np.isnan(value) else value
        for name, value in row.items()
    }
