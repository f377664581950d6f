"""What README.md prints is what its commands and queries give."""

import re
import subprocess
import sys
from itertools import pairwise

import duckdb
import pytest
from conftest import PROJECT

from credit_indices.build import summary

pytestmark = pytest.mark.slow

README = (PROJECT / "README.md").read_text(encoding="utf-8")
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
    """Run the lines that make files; the commands of make are tried in another way."""
    lines = [line for line in script.splitlines() if not line.startswith("make ")]
    subprocess.run(["sh", "-e", "-c", "\n".join(lines)], cwd=folder, check=True)


def test_the_readme_has_queries_with_their_answers():
    assert len(QUERIES) >= 2


@pytest.mark.parametrize(("query", "printed"), QUERIES)
def test_queries_give_what_is_printed(query, printed, shipped):
    with duckdb.connect(str(shipped.warehouse), read_only=True) as connection:
        assert str(connection.sql(query)).strip() == printed.strip()


def test_questions_of_a_risk_officer_have_the_answers_printed(shipped):
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


def test_the_summary_of_the_shipped_data_is_as_printed(shipped):
    printed = block("$ make build").splitlines()
    (built,) = [place for place, line in enumerate(printed) if line.startswith("Built ")]
    assert [line.rstrip() for line in printed[built + 1 :]] == [
        line.rstrip() for text in summary(shipped.warehouse) for line in text.splitlines()
    ]


@pytest.mark.marts("index_scores")
def test_figures_of_ones_own_give_what_is_printed(build, tmp_path):
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
    for line in block("The input is not sound").splitlines():
        assert line.strip() in message


def test_files_as_people_have_them_are_read_as_printed(tmp_path):
    in_shell(block("cat > panel.csv"), tmp_path)
    command = ["-m", "credit_indices", "ingest", "--from", "panel.csv", "--to", "my_panel"]
    done = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == block("Read 30 values").strip()
