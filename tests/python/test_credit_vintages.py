"""Stability by year: a planted shift, and none."""

import numpy as np
import pytest

from credit_indices.stats.credit.calibration import stability
from credit_indices.stats.credit.vintages import stability_by_vintage

pytestmark = pytest.mark.filterwarnings("error", "ignore::ResourceWarning")


def test_planted_shift_is_found_in_its_year():
    rng = np.random.default_rng(0)
    train = rng.beta(2, 8, 5_000)
    later = np.concatenate([rng.beta(2, 8, 2_000), rng.beta(4, 8, 2_000)])
    first, second = stability_by_vintage(train, later, np.repeat([2021, 2020], 2_000))
    assert (first.vintage, second.vintage, first.n_loans) == (2020, 2021, 2_000)
    assert first.psi > 0.25
    assert second.psi < 3 * second.by_chance
    assert first.psi == stability(train, later[2_000:]).psi


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="expected integers"):
        stability_by_vintage([0.1], [0.2], ["2020"])
    with pytest.raises(ValueError, match="expected 0 to 1"):
        stability_by_vintage([0.1], [1.2], [2020])
