"""The table of all regressions: fits without some results, and reproducible bytes."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from test_panel_core import all_cells, frame_of, some_cells

from credit_indices.stats.panel.bootstrap import WEIGHTS
from credit_indices.stats.panel.results import results_table

SPECS = {
    "difference": ("y ~ x1 + x2 | unit_id + period", "a vs b", "unit_id"),
    "instrumented": ("y ~ x1 | unit_id + period | d ~ z1 + z2", "", "unit_id"),
    "no_effects": ("y ~ x1 + x2", "", "unit_id"),
    "robust": ("y ~ x1 + x2 | unit_id", "", ""),
    "two_way": ("y ~ x1 + x2 + x1:x2 | unit_id + period", "", "unit_id"),
}


SPECS_OLS = ("y ~ x1 + d | unit_id + period", "", "unit_id")


def results(frame, specs, weights="webb"):
    names = [name for name in frame.columns if name not in ("unit_id", "period", "region")]
    listed = [
        {"spec_code": code, "formula": formula, "sample_region": sample, "cluster": cluster}
        for code, (formula, sample, cluster) in specs.items()
    ]
    logs = [(name, pa.string()) for name in ("variable_code", "unit_id", "region", "period")]
    with duckdb.connect() as connection:
        connection.register("panel", frame)
        return results_table(
            connection,
            "panel",
            pa.Table.from_pylist(listed),
            pa.table({"variable_code": names}),
            pa.schema(logs).empty_table(),
            weights=weights,
        ).to_pylist()


def some_panel(share=0.8):
    frame = frame_of(some_cells(20, 6, share, 4))
    frame["region"] = np.where(frame.unit_id < 10, "a", "b")
    return frame


def of(rows, record):
    return [row for row in rows if row["record"] == record]


def test_weights_of_the_bootstrap_are_in_the_results():
    frame, specs = some_panel(), {"ols": SPECS_OLS}
    for weights in WEIGHTS:
        found = results(frame, specs, weights)
        assert {row["bootstrap_weights"] for row in found} == {weights}
    with pytest.raises(ValueError, match="bootstrap_weights is 'normal'; expected one of"):
        results(frame, specs, "normal")


@pytest.mark.parametrize("effects", ["| unit_id + period", "| unit_id", "| 0 |"])
@pytest.mark.parametrize("cluster", ["unit_id", ""])
def test_a_perfect_fit_has_coefficients_but_no_errors(effects, cluster):
    frame = frame_of(all_cells(12, 6))
    frame["y"] = 2.0 * frame.x1 - 3.0 * frame.x2
    rows = results(frame, {"perfect": (f"y ~ x1 + x2 {effects.rstrip('|')}", "", cluster)})
    fit = of(rows, "fit")[0]
    assert fit["status"] == "ok"
    assert "no standard errors: the fit is perfect" in fit["message"]
    found = {row["term"]: row for row in of(rows, "estimate")}
    assert found["x1"]["estimate"] == pytest.approx(2.0, rel=1e-10)
    assert found["x2"]["estimate"] == pytest.approx(-3.0, rel=1e-10)
    for row in found.values():
        assert row["stars"] is None
        for name in (
            "std_error",
            "std_error_cr3",
            "statistic",
            "p_value",
            "p_value_wild",
            "ci_low",
        ):
            assert row[name] is None, name


def test_two_units_give_no_standard_error():
    frame = frame_of(all_cells(2, 12))
    rows = results(frame, {"two": ("y ~ x1 | unit_id + period", "", "unit_id")})
    assert of(rows, "fit")[0]["message"].startswith(
        "no standard error of x1: the scores of all clusters are zero"
    )
    (row,) = of(rows, "estimate")
    assert row["estimate"] is not None
    for name in ("stars", "std_error", "p_value", "p_value_wild", "ci_low"):
        assert row[name] is None, name


def test_variation_in_one_unit_gives_no_standard_error():
    frame = frame_of(all_cells(9, 8))
    frame["once"] = np.where(frame.unit_id == 3, frame.x2, 0.0)
    (row,) = of(results(frame, {"once": ("y ~ once | unit_id", "", "unit_id")}), "estimate")
    assert row["estimate"] is not None
    for name in ("stars", "std_error", "p_value", "p_value_wild", "ci_low"):
        assert row[name] is None, name


@pytest.mark.parametrize("noise", [0.0, 1e-8])
def test_regressor_as_its_own_instrument_has_no_first_stage(noise):
    frame = frame_of(all_cells(12, 6))
    frame["same"] = frame.d + noise * frame.z1
    formula = "y ~ x1 | unit_id + period | d ~ same"
    rows = results(frame, {"same": (formula, "", "unit_id"), "ols": SPECS_OLS})
    fit = next(row for row in of(rows, "fit") if row["spec_code"] == "same")
    assert fit["status"] == "ok"
    assert "the instruments determine d" in fit["message"]
    for name in ("f_first_stage", "f_effective", "kleibergen_paap", "cragg_donald", "ar_type"):
        assert fit[name] is None, name
    by_code = {row["spec_code"]: row for row in of(rows, "estimate") if row["term"] == "d"}
    for name in ("estimate", "std_error"):
        assert by_code["same"][name] == pytest.approx(by_code["ols"][name], rel=1e-6)


def test_region_name_may_contain_a_plus_sign():
    frame = some_panel()
    frame["region"] = frame.region.replace("a", "a+b")
    rows = results(
        frame,
        {
            "one": ("y ~ x1 | unit_id", "a+b", "unit_id"),
            "other": ("y ~ x1 | unit_id", "B", "unit_id"),
        },
    )
    one, other = of(rows, "fit")
    assert (one["status"], one["n_obs"]) == ("ok", int((frame.region == "a+b").sum()))
    assert other["message"] == "no unit lies in the region B; there are a+b, b"


def test_a_perfect_second_stage_has_no_errors():
    frame = frame_of(all_cells(12, 6))
    frame["y"] = 2.0 * frame.d - 3.0 * frame.x1
    rows = results(frame, {"perfect": ("y ~ x1 | unit_id + period | d ~ z1 + z2", "", "unit_id")})
    assert "the fit is perfect" in of(rows, "fit")[0]["message"]
    assert [row["std_error"] for row in of(rows, "estimate")] == [None, None]


def test_fit_without_estimates_has_no_degrees_of_freedom():
    frame = some_panel()
    frame["double"] = 2 * frame.x1
    rows = results(
        frame,
        {
            "collinear": ("y ~ x1 + double", "", "unit_id"),
            "unknown": ("y ~ x1 + absent", "", "unit_id"),
        },
    )
    by_code = {row["spec_code"]: row for row in of(rows, "fit")}
    assert by_code["collinear"]["status"] == "not_identified"
    assert by_code["unknown"]["status"] == "not_estimated"
    for row in by_code.values():
        assert (row["df"], row["k_counted"]) == (None, None)
    assert by_code["collinear"]["n_obs"] == len(frame)
    # The constant counts in both samples, estimated or not.
    for code, other in (("collinear", "double"), ("unknown", "absent")):
        terms = [row["term"] for row in of(rows, "estimate") if row["spec_code"] == code]
        assert terms == ["(Intercept)", "x1", other]


@pytest.mark.slow
def test_hash_seed_and_threads_do_not_change_a_byte():
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_panel_results as t; "
        "print(repr(t.results(t.some_panel(), t.SPECS)))"
    )

    def printed(threads, hash_seed):
        return subprocess.run(
            [sys.executable, "-c", script, str(Path(__file__).parent)],
            env=os.environ
            | {
                "PYTHONHASHSEED": hash_seed,
                "OMP_NUM_THREADS": threads,
                "OPENBLAS_NUM_THREADS": threads,
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    first = printed("1", "0")
    assert first.count("'ok'") == len(SPECS)
    assert printed("2", "77") == first
