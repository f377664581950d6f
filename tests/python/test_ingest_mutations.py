"""A smaller benchmarks/ingest_mutations.py: spoiled files give no traceback and lose no cell."""

import csv
import importlib.util
import io
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credit_indices.ingest import reports

pytestmark = pytest.mark.slow

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "ingest_mutations.py"


def load_benchmark():
    spec = importlib.util.spec_from_file_location("ingest_mutations", BENCHMARK)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


benchmark = load_benchmark()
often = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
CELLS = st.one_of(
    st.sampled_from(benchmark.NASTY),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
    st.integers().map(str),
    st.floats().map(str),
)
LABELS = st.one_of(
    st.tuples(st.sampled_from(benchmark.UNITS), st.sampled_from(["2011", "2012年"])).map(list),
    st.lists(CELLS, max_size=3),
)


@often
@given(st.integers(20_000, 2**40))
def test_spoiled_files(number):
    with tempfile.TemporaryDirectory() as folder:
        benchmark.trial(number, Path(folder))


@often
@given(
    st.lists(st.sampled_from(benchmark.NAMES), max_size=4),
    st.lists(st.tuples(LABELS, st.lists(CELLS, max_size=4)), max_size=20),
    st.sampled_from(benchmark.ENCODINGS),
)
def test_tables_of_anything(names, records, encoding):
    grid = [["地区", "年份", *names], *([*labels, *cells] for labels, cells in records)]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(grid)
    with tempfile.TemporaryDirectory() as folder:
        source, data = Path(folder) / "from", Path(folder) / "to"
        source.mkdir()
        (source / "a.csv").write_bytes(text.getvalue().encode(encoding))
        outcome = benchmark.run(source, data)
        content = sum(bool(cell.strip()) for row in grid for cell in row)
        benchmark.check(source, data, outcome, content)


@pytest.mark.parametrize("wrong", ["a value times ten", "a year too late", "another unit"])
def test_a_wrong_observation_is_detected(monkeypatch, tmp_path, wrong):
    write = reports.observations

    def write_wrongly(accepted):
        for _, cell in accepted.values():
            if wrong == "a value times ten":
                cell.value *= 10
        changed = {
            (
                "50" if wrong == "another unit" and unit == "11" else unit,
                period + (wrong == "a year too late"),
                indicator,
            ): found
            for (unit, period, indicator), found in accepted.items()
        }
        return write(changed)

    monkeypatch.setattr(reports, "observations", write_wrongly)
    noticed = 0
    for number in range(0, 100, 5):  # cells are spoiled
        (tmp_path / str(number)).mkdir()
        try:
            benchmark.trial(number, tmp_path / str(number))
        except benchmark.Broken as broken:
            noticed += "in the file" in str(broken)
    assert noticed >= 5
