"""All regressions of the catalog as one table: estimates, fits and Anderson-Rubin sets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats

from credit_indices.stats.panel import bootstrap, instruments
from credit_indices.stats.panel.estimate import STARS, Fit, estimate
from credit_indices.stats.panel.formula import Formula, factors
from credit_indices.stats.panel.moments import INTERCEPT, Moments, quote, row_meat
from credit_indices.stats.panel.power import minimum_detectable_effect
from credit_indices.stats.panel.specs import REFUSALS, Panel, Row

LEVEL = 0.05
WITH_NUMBERS = ("ok", "weak_instrument")
"""Statuses of fits that have estimates."""

DIFFERENCE = (
    "coefficients of the first sample minus those of the second; bootstrap, leave-one-out range "
    "and R2 exist for samples, not for differences"
)

RESULTS = pa.schema(
    [
        ("spec_code", pa.string()),
        ("record", pa.string()),  # estimate, fit or ar_piece
        ("position", pa.int32()),
        # estimate, and ar_piece: the instrumented term
        ("term", pa.string()),
        # estimate
        ("estimate", pa.float64()),
        ("standardized_estimate", pa.float64()),
        ("std_error", pa.float64()),
        ("std_error_cr3", pa.float64()),
        ("statistic", pa.float64()),
        ("df", pa.int64()),
        ("p_value", pa.float64()),
        ("p_value_cr3", pa.float64()),
        ("p_value_wild", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("ci_low_cr3", pa.float64()),
        ("ci_high_cr3", pa.float64()),
        ("minimum_detectable_effect", pa.float64()),
        ("leave_one_out_low", pa.float64()),
        ("leave_one_out_high", pa.float64()),
        ("stars", pa.string()),
        # estimate and fit
        ("vcov_type", pa.string()),
        ("k_counted", pa.int64()),
        ("bootstrap_draws", pa.int64()),
        ("bootstrap_seed", pa.int64()),
        ("bootstrap_weights", pa.string()),
        # fit
        ("status", pa.string()),
        ("message", pa.string()),
        ("n_obs", pa.int64()),
        ("n_dropped", pa.int64()),
        ("n_units", pa.int64()),
        ("n_periods", pa.int64()),
        ("n_clusters", pa.int64()),
        ("r2_within", pa.float64()),
        ("r2_overall", pa.float64()),
        ("f_first_stage", pa.float64()),
        ("f_effective", pa.float64()),
        ("f_effective_critical_value", pa.float64()),
        ("cragg_donald", pa.float64()),
        ("kleibergen_paap", pa.float64()),
        ("hansen_j", pa.float64()),
        ("hansen_j_p_value", pa.float64()),
        ("ar_p_value", pa.float64()),
        ("ar_low", pa.float64()),
        ("ar_high", pa.float64()),
        ("ar_type", pa.string()),
        ("smallest_within_share", pa.float64()),
        ("smallest_within_share_term", pa.string()),
        # ar_piece
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)


@dataclass(frozen=True)
class _Estimated:
    """One sample of one specification."""

    found: Moments
    fit: Fit
    wild: bootstrap.WildBootstrap | None


def results_table(
    connection: Any,
    relation: str,
    specs: pa.Table,
    variables: pa.Table,
    nonpositive_under_log: pa.Table,
    weights: str,
) -> pa.Table:
    """Estimate every specification.

    Args:
        connection: A DuckDB connection (anything that `moments` takes).
        relation: The panel in SQL: unit_id, period, region and a column per variable.
        specs: Columns spec_code, formula, sample_region ('' for all units, 'a+b' for several
            regions, 'a vs b+c' for the difference of two samples), cluster ('unit_id', or '' for
            errors that are robust to heteroskedasticity only).
        variables: Column variable_code: the variables that formulas may use.
        nonpositive_under_log: Columns variable_code, unit_id, region, period: the values that are
            not positive under a log transform.
        weights: The distribution of the bootstrap's weights, a key of `bootstrap.WEIGHTS`.

    Returns:
        A table with the schema `RESULTS`, one row per specification and record: its fit, its
        coefficients and the segments of its Anderson-Rubin set. A specification that cannot be
        estimated has a fit with a status and a message; it never raises.

    Raises:
        ValueError: Unknown weights.

    """
    bootstrap.distribution_of(weights)
    panel = Panel.of(connection, relation, variables, nonpositive_under_log)
    rows: list[Row] = []
    for spec in sorted(specs.to_pylist(), key=lambda spec: spec["spec_code"]):
        for row in _records(panel, spec, weights):
            rows.append({"spec_code": spec["spec_code"], **row})
    return pa.Table.from_pylist([_without_nan(row) for row in rows], schema=RESULTS)


def _records(panel: Panel, spec: Row, weights: str) -> Iterator[Row]:
    terms: tuple[str, ...] = ()
    try:
        formula = panel.formula(spec)
        terms = _reported(formula)
        cluster = spec["cluster"] or ""
        estimated = [
            _estimate(panel, formula, sample, cluster, weights)
            for sample in panel.samples(spec, formula)
        ]
    except REFUSALS as reason:
        yield {"record": "fit", "position": 0, "status": "not_estimated"} | {"message": str(reason)}
        yield from _without_numbers(terms)
        return
    if len(estimated) == 2:
        yield from _difference(formula, *estimated)
    else:
        yield from _single(formula, estimated[0])


def _estimate(
    panel: Panel, formula: Formula, regions: list[str], cluster: str, weights: str
) -> _Estimated:
    relation = panel.sample(regions)
    found = panel.moments(formula, regions, cluster)
    fit = estimate(
        found,
        meat=None
        if cluster
        else lambda coefficients: row_meat(panel.connection, relation, found, coefficients),
    )
    wild = None
    has_errors = fit.status == "ok" and not np.isnan(fit.cr0).all()
    if cluster and has_errors and formula.exogenous and not formula.endogenous:
        try:
            wild = _bootstrap(panel.connection, relation, formula, found, weights)
        except ValueError as reason:
            fit = _with_note(fit, f"no wild bootstrap: {reason}")
    return _Estimated(found, fit, wild)


def _bootstrap(
    connection: Any, relation: str, formula: Formula, found: Moments, weights: str
) -> bootstrap.WildBootstrap | None:
    if found.n_units > bootstrap.MAX_CLUSTERS:
        return None
    names = formula.variables
    columns = ", ".join(quote(name) for name in names)
    present = " and ".join(
        f"{quote(name)} is not null and not isnan({quote(name)})" for name in names
    )
    frame = connection.execute(
        f"select unit_id, period, {columns} from {relation} where {present} "
        "order by unit_id, period"
    ).to_arrow_table()
    base = {name: frame[name].to_numpy() for name in names}

    def term(name: str) -> NDArray[np.float64]:
        return np.prod([base[factor] for factor in factors(name)], axis=0)

    return bootstrap.wild_cluster_bootstrap(
        term(formula.outcome),
        np.column_stack([term(name) for name in formula.exogenous]),
        np.asarray(frame["unit_id"].to_pylist()),
        np.asarray(frame["period"].to_pylist()),
        has_unit_effects=found.has_unit_effects,
        has_period_effects=found.has_period_effects,
        weights=weights,
    )


def _with_note(fit: Fit, note: str) -> Fit:
    return replace(fit, message="; ".join(text for text in (note, fit.message) if text))


def _reported(formula: Formula) -> tuple[str, ...]:
    """Return the terms that get a row."""
    return formula.regressors if formula.effects else (INTERCEPT, *formula.regressors)


def _without_numbers(terms: tuple[str, ...]) -> Iterator[Row]:
    for position, term in enumerate(terms, start=1):
        yield {"record": "estimate", "position": position, "term": term}


def _shared(fit: Fit, wild: bootstrap.WildBootstrap | None) -> Row:
    return {
        "vcov_type": fit.vcov_type,
        "k_counted": fit.k_counted if fit.status in WITH_NUMBERS else None,
        "bootstrap_draws": wild.draws if wild else None,
        "bootstrap_seed": wild.seed if wild else None,
        "bootstrap_weights": wild.weights if wild else None,
    }


def _fit_row(fit: Fit) -> Row:
    return {
        "record": "fit",
        "position": 0,
        "status": fit.status,
        "message": fit.message or None,
        "df": fit.df if fit.status in WITH_NUMBERS else None,
        "n_obs": fit.n_obs,
        "n_dropped": fit.n_dropped,
        "n_units": fit.n_units,
        "n_periods": fit.n_periods,
        "n_clusters": fit.n_clusters,
        "r2_within": fit.r2_within,
        "r2_overall": fit.r2_overall,
    }


def _coefficients(
    terms: tuple[str, ...],
    estimates: NDArray[np.float64],
    errors: NDArray[np.float64],
    errors_cr3: NDArray[np.float64] | None,
    df: int,
) -> Iterator[Row]:
    """Coefficients with t statistics, p-values and intervals on `df` degrees of freedom."""
    quantile = stats.t.ppf(1 - LEVEL / 2, df)
    for position, term in enumerate(terms, start=1):
        j = position - 1
        statistic = estimates[j] / errors[j]
        p_value = 2 * stats.t.sf(abs(statistic), df)
        row = {
            "record": "estimate",
            "position": position,
            "term": term,
            "estimate": estimates[j],
            "std_error": errors[j],
            "statistic": statistic,
            "df": df,
            "p_value": p_value,
            "ci_low": estimates[j] - quantile * errors[j],
            "ci_high": estimates[j] + quantile * errors[j],
            "stars": next((stars for level, stars in STARS if p_value < level), "")
            if p_value == p_value  # no stars without a test
            else None,
        }
        if errors_cr3 is not None:
            row |= {
                "std_error_cr3": errors_cr3[j],
                "p_value_cr3": 2 * stats.t.sf(abs(estimates[j] / errors_cr3[j]), df),
                "ci_low_cr3": estimates[j] - quantile * errors_cr3[j],
                "ci_high_cr3": estimates[j] + quantile * errors_cr3[j],
            }
        error = errors[j] if errors_cr3 is None else errors_cr3[j]
        row["minimum_detectable_effect"] = minimum_detectable_effect(error, df)
        yield row


def _single(formula: Formula, estimated: _Estimated) -> Iterator[Row]:
    fit, found, wild = estimated.fit, estimated.found, estimated.wild
    extra: Row = _within_shares(formula, found)
    segments: tuple[instruments.Segment, ...] = ()
    if formula.endogenous and fit.status in WITH_NUMBERS:
        try:
            diagnostics = instruments.diagnose(found, formula)
        except ValueError as reason:
            fit = _with_note(fit, f"no diagnostics of the instruments: {reason}")
        else:
            extra |= _diagnostics(diagnostics)
            if diagnostics.anderson_rubin_set is not None:
                segments = diagnostics.anderson_rubin_set.segments
            fit = _with_note(replace(fit, status=diagnostics.status), diagnostics.message)
            if fit.vcov_type == "HC1":
                fit = _with_note(fit, "the statistics of the instruments are clustered by unit_id")
    yield _fit_row(fit) | extra | _shared(fit, wild)
    if fit.status not in WITH_NUMBERS:
        yield from _without_numbers(_reported(formula))
        return
    errors = np.sqrt(np.diag(fit.vcov))
    errors_cr3 = None if fit.cr3 is None else np.sqrt(np.diag(fit.cr3))
    spread = np.sqrt(np.diag(found.raw_total))
    for row in _coefficients(fit.terms, fit.coefficients, errors, errors_cr3, fit.df):
        j = row["position"] - 1
        if row["term"] in found.terms and row["term"] != INTERCEPT:
            scale = spread[found.terms.index(row["term"])] / spread[0]
            row["standardized_estimate"] = fit.coefficients[j] * scale
        if fit.leave_one_out is not None:
            row["leave_one_out_low"] = fit.leave_one_out[:, j].min()
            row["leave_one_out_high"] = fit.leave_one_out[:, j].max()
        tested = not np.isnan(row["p_value"])
        if wild is not None and tested and row["term"] in formula.exogenous:
            row["p_value_wild"] = wild.p_values[formula.exogenous.index(row["term"])]
        yield row | _shared(fit, wild)
    for number, (low, high) in enumerate(segments, start=1):
        keys = {"record": "ar_piece", "position": number, "term": formula.endogenous[0]}
        yield keys | {"low": low, "high": high}


def _within_shares(formula: Formula, found: Moments) -> Row:
    """Find the regressor or instrument with the smallest share of within variance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.diag(found.total) / np.diag(found.raw_total)
    candidates = [
        (float(shares[j]), term)
        for j, term in enumerate(found.terms)
        if j > 0 and term != INTERCEPT and not math.isnan(shares[j])
    ]
    if not candidates or not formula.effects:
        return {}
    share, term = min(candidates)
    return {"smallest_within_share": share, "smallest_within_share_term": term}


def _diagnostics(found: instruments.Diagnostics) -> Row:
    row: Row = {
        "f_first_stage": found.f_first_stage,
        "cragg_donald": found.cragg_donald,
        "kleibergen_paap": found.kleibergen_paap,
        "ar_p_value": found.anderson_rubin.p_value,
    }
    if found.effective_f is not None:
        row["f_effective"] = found.effective_f.statistic
        row["f_effective_critical_value"] = found.effective_f.critical_value
    if found.hansen_j is not None:
        row["hansen_j"] = found.hansen_j.statistic
        row["hansen_j_p_value"] = found.hansen_j.p_value
    if found.anderson_rubin_set is not None:
        segments = found.anderson_rubin_set.segments
        row["ar_type"] = found.anderson_rubin_set.type
        row["ar_low"] = segments[0][0] if segments else None
        row["ar_high"] = segments[-1][1] if segments else None
    return row


def _difference(formula: Formula, first: _Estimated, second: _Estimated) -> Iterator[Row]:
    """Subtract the second sample's coefficients, as in the fully interacted model.

    Every regressor and effect is interacted with the sample. Therefore the coefficients are those
    of the two samples, and their covariance is zero; only the small-sample factor is joint.
    """
    fits = (first.fit, second.fit)
    overlap = set(first.found.units) & set(second.found.units)
    bad = next((fit for fit in fits if fit.status != "ok"), None)
    status = "not_estimated"
    message = None
    if overlap:
        message = f"the samples share units, among them {min(overlap)}: expected separate samples"
    elif bad is not None:
        status = bad.status
        message = f"the {'first' if bad is fits[0] else 'second'} sample: {bad.message}"
    elif formula.endogenous or "HC1" in (fits[0].vcov_type, fits[1].vcov_type):
        message = "a difference of samples is computed for OLS with clusters only"
    if message:
        yield {"record": "fit", "position": 0, "status": status, "message": message}
        yield from _without_numbers(_reported(formula))
        return
    notes = [
        f"the {which} sample: {fit.message}"
        for which, fit in zip(("first", "second"), fits, strict=True)
        if fit.message
    ]
    n = sum(fit.n_obs for fit in fits)
    # Two constants, one per sample; one under unit effects, which are not counted.
    k = sum(fit.k_counted for fit in fits) - (1 if formula.has_unit_effects else 0)
    clusters = sum(fit.n_clusters for fit in fits)
    factor = (n - 1) / (n - k) * clusters / (clusters - 1)
    errors = np.sqrt(factor * np.diag(fits[0].cr0 + fits[1].cr0))
    errors_cr3 = None
    if fits[0].cr3 is not None and fits[1].cr3 is not None:
        # The jackknife of one sample sums squares x (N_s - 1) / N_s; the joint one x (N - 1) / N.
        sums = sum(np.diag(fit.cr3) * fit.n_clusters / (fit.n_clusters - 1) for fit in fits)
        errors_cr3 = np.sqrt((clusters - 1) / clusters * sums)
    shared = {"vcov_type": "CR1", "k_counted": k}
    yield shared | {
        "record": "fit",
        "position": 0,
        "status": "ok",
        "message": "; ".join([DIFFERENCE, *notes]),
        "df": clusters - 1,
        "n_obs": n,
        "n_dropped": sum(fit.n_dropped for fit in fits),
        "n_units": sum(fit.n_units for fit in fits),
        "n_periods": len(set(first.found.periods) | set(second.found.periods)),
        "n_clusters": clusters,
    }
    difference = fits[0].coefficients - fits[1].coefficients
    for row in _coefficients(fits[0].terms, difference, errors, errors_cr3, clusters - 1):
        yield row | shared


def _without_nan(row: Row) -> Row:
    return {
        key: None if isinstance(value, float) and math.isnan(value) else value
        for key, value in row.items()
    }
