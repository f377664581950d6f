"""The commands and queries of README.md and its pages in docs/ give the results printed there."""

import re
import subprocess
import sys
from itertools import pairwise

import duckdb
import pytest
from conftest import PROJECT

from credit_indices.pipeline.build import summary

pytestmark = pytest.mark.slow

PAGES = ("README.md", "docs/own_data.md", "docs/examples.md")
README = "\n".join((PROJECT / page).read_text(encoding="utf-8") for page in PAGES)
BLOCKS = re.findall(r"(?ms)^```(\w*)\n(.*?)^```$", README)
QUERIES = [
    (query, printed)
    for (language, query), (_, printed) in pairwise(BLOCKS)
    if language == "sql" and printed.startswith("┌")
]
RISK_QUERIES = next(text for language, text in BLOCKS if "-- Who stands where" in text)


def block(first_words: str) -> str:
    (found,) = [text for _, text in BLOCKS if text.startswith(first_words)]
    return found


def in_shell(script: str, folder) -> None:
    """Run the lines that create files; other tests run the make commands."""
    lines = [line for line in script.splitlines() if not line.startswith("make ")]
    subprocess.run(["sh", "-e", "-c", "\n".join(lines)], cwd=folder, check=True)


def test_the_readme_has_queries_with_their_answers():
    assert len(QUERIES) >= 2


@pytest.mark.parametrize(("query", "printed"), QUERIES)
def test_queries_give_the_documented_results(query, printed, shipped):
    with duckdb.connect(str(shipped.warehouse), read_only=True) as connection:
        assert str(connection.sql(query)).strip() == printed.strip()


def test_risk_officer_queries_give_the_documented_results(shipped):
    """Every number and level that the comments name is in the answer of its query."""
    questions = re.split(r"(?m)^(?=-- Wh|-- How)", RISK_QUERIES.strip())[1:]
    assert len(questions) == 5
    for question in questions:
        comments = " ".join(re.findall(r"--(.*)", question))
        values = [value for row in shipped.query(question) for value in row]
        answer = {str(int(value) if isinstance(value, float) else value) for value in values}
        named = set(re.findall(r"\d+|\b(?:red|orange|yellow|none)\b(?=[,)]|$)", comments))
        assert named, question
        assert named <= answer, question


def test_shipped_summary_is_as_documented(shipped):
    printed = block("$ make build").splitlines()
    (built,) = [place for place, line in enumerate(printed) if line.startswith("Built ")]
    assert [line.rstrip() for line in printed[built + 1 :]] == [
        line.rstrip()
        for text in summary(shipped.warehouse)
        for line in text.splitlines()
        if not line.startswith("  model ")  # of a part that make build leaves out
    ]


@pytest.mark.marts("index_scores")
def test_user_data_example_is_as_documented(build, tmp_path):
    in_shell(block("mkdir -p my_data"), tmp_path)
    folder = tmp_path / "my_data"
    result = build(folder)
    scores = dict(
        result.query(
            "select split_part(unit_name, ' ', 1), round(score) from marts.index_scores "
            "where scheme = 'headline'"
        )
    )
    expected = re.search(r"(\w+) scores (\d+), (\w+) (\d+), (\w+) (\d+)\.", README).groups()
    assert scores == dict(zip(expected[::2], map(int, expected[1::2]), strict=True))

    members = folder / "index_indicators.csv"
    members.write_text(members.read_text().replace("bad_loans,credit,-1", "bad_loans,credit,0"))
    with (folder / "observations.csv").open("a") as file:
        file.write("north,2024,coverage,63\n")
    message = build(folder).message
    for line in block("The input is not valid").splitlines():
        assert line.strip() in message


def test_ingest_example_is_as_documented(tmp_path):
    in_shell(block("cat > panel.csv"), tmp_path)
    command = ["-m", "credit_indices", "ingest", "--from", "panel.csv", "--to", "my_panel"]
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == block("Read 30 values").strip()
