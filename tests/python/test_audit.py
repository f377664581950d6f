"""The audit page matches the shipped warehouse; messages of the command."""

import re
import subprocess
import sys

import pytest
from conftest import PROJECT, environment

from credit_indices.exports.audit import AuditError, audit_page, number, write_audit

PAGE = PROJECT / "docs/methods/audit.md"


def test_the_committed_page_is_that_of_the_shipped_warehouse(shipped, tmp_path):
    with environment(CREDIT_INDICES_DB=str(shipped.warehouse)):
        written = write_audit(tmp_path / "audit.md").read_text(encoding="utf-8")
    assert written == PAGE.read_text(encoding="utf-8"), "run `make build audit`"


def test_every_claim_has_an_entry_in_the_order_of_its_paper(shipped):
    page = PAGE.read_text(encoding="utf-8")
    codes = [
        code
        for (code,) in shipped.query("""
            select claim_code from marts.published_claims order by paper desc, claim_number
        """)
    ]
    assert re.findall(r"<sub>`(\w+)`</sub>", page) == codes
    numbers = [int(n) for n in re.findall(r"^\*\*(\d+)\. ", page, flags=re.MULTILINE)]
    papers = [code.split("_20")[0] for code in codes]
    assert numbers == [papers[: place + 1].count(paper) for place, paper in enumerate(papers)]


def test_readings_of_a_statement_are_numbered_in_order(shipped):
    found = shipped.query("""
        select paper, statement_number, table_ref
        from marts.published_claims order by paper, claim_number
    """)
    sections = dict.fromkeys(found)
    assert len({key[:2] for key in sections}) == len(sections)
    for paper in {row[0] for row in found}:
        numbers = [number for other, number, _ in sections if other == paper]
        assert numbers == list(range(1, len(numbers) + 1))


def test_no_other_document_states_the_number_of_claims():
    documents = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *PROJECT.glob("docs/**/*.md")]
    count = re.compile(r"\d+ (?:published |examined )?(?:claims|statements)\b|\bclaim.*\d+ of Song")
    found = [
        f"{path.name}: {match.group()}"
        for path in documents
        if path != PAGE
        for match in count.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_links_of_the_page_lead_to_its_headings():
    page = PAGE.read_text(encoding="utf-8")
    headings = re.findall(r"^##+ (.*)$", page, flags=re.MULTILINE)
    assert len(headings) == len(set(headings))
    anchors = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}
    assert set(re.findall(r"\]\(#([^)]*)\)", page)) == anchors


def test_an_entry():
    row = {
        "paper": "A",
        "claim_number": 1,
        "statement_number": 1,
        "claim_code": "a_1",
        "table_ref": "Table 1",
        "claim": "r is 0.68**",
        "published": 0.68,
        "recomputed": -2.1875,
        "low": -2.29032258,
        "high": None,
        "verdict": "inconsistent",
        "explanation": "About ~0.7.",
    }
    page = audit_page([row, row | {"claim_number": 2, "published": None, "recomputed": None}])
    assert "| [Table 1](#a-table-1) | 1 | 2 | | | 2 | |" in page
    assert (
        "**1. r is 0.68\\*\\***\n\n"
        "*inconsistent*: published 0.68, recomputed -2.1875 (at least -2.29032). About \\~0.7.\n\n"
        "<sub>`a_1`</sub>"
    ) in page
    assert "*inconsistent*: range at least -2.29032. About" in page


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (22.52, "22.52"),
        (-2.290322580645, "-2.29032"),
        (2010, "2010"),
        (56800, "56,800"),
        (164889.4, "164,889"),
        (-12345678.9, "-12,345,679"),
        (2.10770256e-06, "0.0000021077"),
        (-0.00025, "-0.00025"),
    ],
)
def test_numbers_have_six_digits_and_no_exponent(value, text):
    assert number(value) == text


def test_messages_say_what_to_do(tmp_path):
    with environment(CREDIT_INDICES_DB=str(tmp_path / "none.duckdb")):
        with pytest.raises(AuditError, match=r"does not exist; `make build` creates it"):
            write_audit(tmp_path / "audit.md")
        (tmp_path / "none.duckdb").write_text("not a warehouse")
        with pytest.raises(AuditError, match="has no claims to read"):
            write_audit(tmp_path / "audit.md")


def test_the_command_writes_the_page(shipped, tmp_path):
    with environment(CREDIT_INDICES_DB=str(shipped.warehouse)):
        command = [sys.executable, "-m", "credit_indices", "audit", "--out"]
        written = subprocess.run(
            [*command, str(tmp_path / "a.md")], capture_output=True, text=True, check=True
        )
        assert written.stdout == f"Wrote {tmp_path / 'a.md'}.\n"
        failed = subprocess.run(
            [*command, str(tmp_path / "no" / "a.md")], capture_output=True, text=True, check=False
        )
    assert failed.returncode == 1
    assert "cannot be written" in failed.stderr
