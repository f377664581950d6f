"""Simulate regressions of an outcome on an index that contains the outcome as an indicator.

    python -m benchmarks.mechanical_endogeneity --draws 1000

The null is true: the outcome is independent of the other indicators. It is AR(1) noise within
provinces, every draw from its own named stream, plus levels that two-way effects remove: those of
the shipped synthetic non-performing loan ratio by province and year, or none. The index is the
shipped one without the ratio (synthetic in part, fixed) plus the outcome's shares with some weight,
direction -1, pooled min-max, as in the SCDBI; the weights of the others stay in proportion, as
entropy weights do. The outcome is regressed on that index by the formula of the baseline. The
rejection rate of a test at 5 % depends on the weight, and on the variation of the outcome within
provinces.

All results are linear in the cross-products by province of a draw, so a draw serves every weight.
It takes a few seconds. The results, which depend only on the draws, go to benchmarks/results/ as
JSON and as a table.
"""

import argparse
import csv
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.panel_coverage import shipped_panel
from synthetic import provinces as made

PROJECT = Path(__file__).resolve().parents[1]
SEEDS = PROJECT / "seeds"
RESULTS = PROJECT / "benchmarks" / "results"
OUTCOME = "npl_ratio_percent"
FORMULA = "fr ~ index + ln_pgdp + fin + rd + gov | unit_id + period"
WEIGHTS = (0.0, 0.006, 0.02, 0.05, 0.10, 0.20, 0.50)
LEVEL = 0.05
PACKAGES = ("numpy", "scipy")

Array = NDArray[np.float64]


class Design(NamedTuple):
    """Inputs that do not change between draws; grids have the shape (31, 10)."""

    others: made.Grid  # 100 x the index without the outcome
    controls: Array  # (4, 31, 10)
    levels: made.Grid  # of the outcome, by province and year
    shipped_weight: float  # of the outcome in the shipped index
    printed_weight: float  # in the paper


class Found(NamedTuple):
    """Results of R draws for one weight; arrays (R,)."""

    estimates: Array
    errors_cr1: Array
    errors_cr3: Array
    df: int

    def rejected(self, errors: Array) -> NDArray[np.bool_]:
        """Whether a two-sided test of zero rejects at 5 %, t(N - 1)."""
        return np.abs(self.estimates / errors) > stats.t.ppf(1 - LEVEL / 2, self.df)


def design() -> Design:
    """Read the shipped panel and the published weight."""
    panel = shipped_panel()
    outcome = panel[OUTCOME]
    within = made.two_way_within(outcome) - outcome.mean()
    regressors = made.regressors(panel)
    with open(SEEDS / "published" / "song_liu_2025_table_1.csv", encoding="utf-8") as stream:
        printed = {row["indicator_code"]: row["weight_percent"] for row in csv.DictReader(stream)}
    return Design(
        others=regressors.pop("scdbi_ex_npl_x100"),
        controls=np.array(list(regressors.values())),
        levels=outcome - within,
        shipped_weight=float(made.entropy_index(panel, made.INDICATORS)[1][OUTCOME]),
        printed_weight=float(printed["npl_ratio"]) / 100,
    )


def outcomes(fixed: Design, sd: float, draws: int, persistence: float) -> Array:
    """Draw outcomes that are independent of the indicators, shape (R, 31, 10)."""
    return np.array(
        [
            fixed.levels + sd * made.autoregressive(f"a true null, draw {draw}", persistence)
            for draw in range(draws)
        ]
    )


def index_with(fixed: Design, outcome: made.Grid, weight: float) -> made.Grid:
    """100 x the index in which the outcome has a weight: shares of min-max, less is better."""
    z = made.min_max(-outcome)
    return (1 - weight) * fixed.others + weight * 100 * z / z.sum()


def cross_products(fixed: Design, drawn: Array) -> Array:
    """By draw and province, of outcome, index without it and controls: (R, N, 6, 6)."""
    same = np.array([fixed.others, *fixed.controls])
    terms = np.concatenate(
        [drawn[:, None], np.broadcast_to(same, (len(drawn), *same.shape))], axis=1
    )
    terms = (
        terms
        - terms.mean(axis=3, keepdims=True)
        - terms.mean(axis=2, keepdims=True)
        + terms.mean(axis=(2, 3), keepdims=True)
    )
    return np.einsum("rant,rbnt->rnab", terms, terms)


def regress(fixed: Design, drawn: Array, cross: Array, weight: float) -> Found:
    """Regress on the index with this weight, two-way effects, clustered by province.

    Within the effects the outcome's shares are -outcome / sum(max - outcome), so the index is a
    combination of terms whose cross-products are known.
    """
    r, n, p, _ = cross.shape
    change = np.broadcast_to(np.eye(p), (r, p, p)).copy()
    highest = drawn.max(axis=(1, 2), keepdims=True)
    change[:, 1, 0] = -100 * weight / (highest - drawn).sum(axis=(1, 2))
    change[:, 1, 1] = 1 - weight
    cross = change[:, None] @ cross @ change.swapaxes(1, 2)[:, None]

    total = cross.sum(axis=1)
    inverse = np.linalg.inv(total[:, 1:, 1:])
    slopes = np.einsum("rab,rb->ra", inverse, total[:, 1:, 0])
    scores = cross[:, :, 1:, 0] - np.einsum("rnab,rb->rna", cross[:, :, 1:, 1:], slopes)
    of_index = np.einsum("rnb,rb->rn", scores, inverse[:, 0])
    rows, periods = fixed.levels.size, fixed.levels.shape[1]
    factor = (rows - 1) / (rows - (p - 1) - periods) * n / (n - 1)

    deleted = total[:, None] - n / (n - 1) * cross
    without = np.linalg.solve(deleted[:, :, 1:, 1:], deleted[:, :, 1:, 0:1])[:, :, 0, 0]
    jackknife = (n - 1) / n * ((without - slopes[:, 0:1]) ** 2).sum(axis=1)
    return Found(
        estimates=slopes[:, 0],
        errors_cr1=np.sqrt(factor * (of_index**2).sum(axis=1)),
        errors_cr3=np.sqrt(jackknife),
        df=n - 1,
    )


def summary(weight: float, found: Found) -> dict[str, Any]:
    """Means over the draws, each with its Monte Carlo standard error."""

    def mean(values: NDArray[Any]) -> dict[str, float]:
        error = values.std(ddof=1) / np.sqrt(len(values))
        return {"value": round(float(values.mean()), 6), "mc_error": round(float(error), 6)}

    return {
        "weight": round(float(weight), 6),
        "mean_estimate": mean(found.estimates),
        "mean_std_error_cr1": mean(found.errors_cr1),
        "mean_std_error_cr3": mean(found.errors_cr3),
        "rejected_cr1": mean(found.rejected(found.errors_cr1)),
        "rejected_cr3": mean(found.rejected(found.errors_cr3)),
    }


def simulate(
    fixed: Design, sd: float, draws: int, persistence: float = made.FR_NOISE_AR
) -> dict[str, Any]:
    """Run all weights on the same draws of one kind of noise."""
    drawn = outcomes(fixed, sd, draws, persistence)
    cross = cross_products(fixed, drawn)
    weights = sorted({*WEIGHTS, fixed.shipped_weight, fixed.printed_weight})
    return {
        "noise_sd": round(sd, 6),
        "noise_ar": persistence,
        "weights": [summary(w, regress(fixed, drawn, cross, w)) for w in weights],
    }


def as_markdown(results: dict[str, Any]) -> str:
    """Format the results as a page."""
    packages = ", ".join(f"{name} {number}" for name, number in results["packages"].items())
    shipped, printed = results["shipped_weight"], results["printed_weight"]
    lines = [
        "# An outcome inside its own explanation",
        "",
        f"Written by `python -m benchmarks.mechanical_endogeneity --draws {results['draws']}`"
        f" (again: the same command gives the same figures): {packages}.",
        "",
        f"{results['draws']:,} draws of an outcome that has nothing to do with any other indicator"
        f" (31 provinces, 10 years, AR(1) within provinces; synthetic), which is one indicator of"
        f" the index, direction -1. `{results['formula']}`, errors clustered by province, tests of"
        " zero at 5 % with t(30). The true coefficient is zero, so 5 % should be rejected. After"
        " ±: the Monte Carlo standard error.",
        "",
        f"In the shipped SCDBI the non-performing loan ratio weighs {100 * shipped:.2f} %; the"
        f" paper prints {100 * printed:.1f} %.",
    ]
    for noise in results["noises"]:
        lines += [
            "",
            f"## Noise of standard deviation {noise['noise_sd']:.2f}, AR(1) {noise['noise_ar']}",
            "",
            noise["what"],
            "",
            "| weight of the outcome, % | mean coefficient | rejected, CR1 | rejected, CR3 |",
            "|--:|--:|--:|--:|",
        ]
        for row in noise["weights"]:
            note = {shipped: " (shipped)", printed: " (paper)"}.get(row["weight"], "")
            lines.append(
                f"| {100 * row['weight']:.1f}{note} | "
                + " | ".join(
                    f"{row[part]['value']:.3f} ± {row[part]['mc_error']:.3f}"
                    for part in ("mean_estimate", "rejected_cr1", "rejected_cr3")
                )
                + " |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the draws, print the tables and write them beside the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0].replace("%", "%%"))
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    fixed = design()
    flat = fixed._replace(levels=np.full(made.SHAPE, fixed.levels.mean()))
    noises = [
        ("The noise of the shipped synthetic outcome, and its levels.", fixed, made.FR_NOISE_SD),
        ("Twice that noise, the same levels.", fixed, 2 * made.FR_NOISE_SD),
        (
            "All of the standard deviation that the paper's Table 2 prints for the ratio, no "
            "lasting differences between provinces or years: the most that it can move.",
            flat,
            made.FR_MOMENTS["sd"],
        ),
    ]
    results = {
        "packages": {package: version(package) for package in PACKAGES},
        "formula": FORMULA,
        "draws": arguments.draws,
        "level": LEVEL,
        "shipped_weight": round(fixed.shipped_weight, 6),
        "printed_weight": fixed.printed_weight,
        "noises": [
            {"what": what, **simulate(case, sd, arguments.draws)} for what, case, sd in noises
        ],
    }
    page = as_markdown(results)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "mechanical_endogeneity.md").write_text(page, encoding="utf-8")
    (arguments.results / "mechanical_endogeneity.json").write_text(
        json.dumps(results, indent=2) + "\n", encoding="utf-8"
    )
    print(page)


if __name__ == "__main__":
    main()
