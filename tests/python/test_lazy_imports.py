"""A lazily imported module becomes the module itself when an attribute is used."""

import subprocess
import sys

SCRIPT = """
import sys
from credit_indices.quality.lazy_imports import lazy_imports
with lazy_imports(("scipy.stats", "colorsys")):
    from scipy import stats
    import colorsys
    import scipy.stats._constants
    assert type(stats).__name__ == type(colorsys).__name__ == "_Lazy"
assert "colorsys" not in sys.modules
assert colorsys.rgb_to_hsv(1, 0, 0) == (0, 1, 1)
assert stats.norm.cdf(0) == 0.5
import scipy.stats
assert scipy.stats.norm is stats.norm and type(scipy.stats).__name__ == "module"
try:
    stats.no_such_name
except AttributeError:
    print("done")
"""


def test_lazy_module_is_the_module_when_used():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("done\n", "")
