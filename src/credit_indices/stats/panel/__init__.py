"""Panel regressions from moments, in any SQL engine, for 310 rows or 10^8.

`formula` parses the specification, `moments` reduces the panel to cross-products in SQL, `estimate`
solves them; `regress` does all three. (The functions `moments.moments` and `estimate.estimate` are
not exported here: they would hide the modules of the same name.)
"""

from credit_indices.stats.panel.estimate import Fit, Wald, regress, wald
from credit_indices.stats.panel.formula import Formula, FormulaError, parse
from credit_indices.stats.panel.moments import Moments, PanelError, PeriodSystem

__all__ = [
    "Fit",
    "Formula",
    "FormulaError",
    "Moments",
    "PanelError",
    "PeriodSystem",
    "Wald",
    "parse",
    "regress",
    "wald",
]
