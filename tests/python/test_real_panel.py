"""The official panel, which is not part of the project: run if an environment variable names it."""

import csv
import math
import os
from pathlib import Path

import numpy as np
import pytest

FOLDER = os.environ.get("CREDIT_INDICES_REAL_PANEL")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="CREDIT_INDICES_REAL_PANEL does not name the folder of the real panel"
)


def test_real_panel_gives_the_index_of_seven_indicators(build):
    folder = Path(FOLDER).absolute() / "canonical"
    result = build(folder)
    assert result.succeeded, result.message

    with open(folder / "observations.csv", encoding="utf-8", newline="") as stream:
        observations = list(csv.DictReader(stream))
    with open(folder / "index_indicators.csv", encoding="utf-8", newline="") as stream:
        codes = [row["indicator_code"] for row in csv.DictReader(stream)]
    keys = sorted({(row["unit_id"], int(row["period"])) for row in observations})
    assert (len(keys), len(codes)) == (310, 7)
    # Tibet has no technology-market turnover before 2017: zero, as indicators.csv says.
    matrix = np.zeros((len(keys), len(codes)))
    filled = 0
    for row in observations:
        if row["indicator_code"] in codes:
            key = (row["unit_id"], int(row["period"]))
            matrix[keys.index(key), codes.index(row["indicator_code"])] = float(row["value"])
            filled += 1
    assert filled == 7 * 310 - 6
    z = (matrix - matrix.min(axis=0)) / np.ptp(matrix, axis=0)
    shares = z / z.sum(axis=0)
    divergence = 1 + np.where(shares > 0, shares * np.log(np.where(shares > 0, shares, 1)), 0).sum(
        axis=0
    ) / math.log(len(keys))
    expected = shares @ (divergence / divergence.sum())

    found = result.query(
        "select unit_id, period, score, imputed_cells from marts.index_scores "
        "where index_code = 'digital_base' and scheme = 'headline' order by unit_id, period"
    )
    assert [(unit, period) for unit, period, *_ in found] == keys
    np.testing.assert_allclose([score for _, _, score, _ in found], expected, rtol=1e-10)
    assert [(unit, period) for unit, period, _, imputed in found if imputed] == [
        ("54", year) for year in range(2011, 2017)
    ]
    accepted = result.value("select count(*) from intermediate.int_observations__accepted")
    quarantined = result.value("select count(*) from quality.quarantined_observations")
    assert (accepted + quarantined, quarantined) == (len(observations), 0)
    leaders = result.query(
        "select unit_name from marts.index_scores where scheme = 'headline' and period = 2020 "
        "and rank <= 2 order by rank"
    )
    assert leaders == [("Guangdong",), ("Beijing",)]


def test_real_panel_gives_four_regressions(build):
    result = build(Path(FOLDER).absolute() / "canonical")
    assert result.succeeded, result.message
    found = {
        spec: (status, n, units)
        for spec, status, n, units in result.query(
            "select spec_code, status, n_obs, n_units from marts.panel_fits"
        )
    }
    assert found == {
        "rd_baseline": ("ok", 310, 31),
        "rd_east": ("ok", 110, 11),
        "rd_central_west": ("ok", 200, 20),
        "rd_iv": ("weak_instrument", 310, 31),
    }
    import duckdb
    from test_panel_specs import linearmodels_fit

    with duckdb.connect(str(result.warehouse), read_only=True) as connection:
        frame = connection.execute("from intermediate.int_panel__frame").df()
    coefficients, errors = linearmodels_fit(frame, "rd", ["digital_base", "ln_pgdp", "fiscal"])
    for column, reference in (("estimate", coefficients), ("std_error", errors)):
        estimates = dict(
            result.query(
                f"select term, {column} from marts.panel_estimates where spec_code = 'rd_baseline'"
            )
        )
        np.testing.assert_allclose(
            [estimates[term] for term in reference.index], reference, rtol=1e-8
        )
