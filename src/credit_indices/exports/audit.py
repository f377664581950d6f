"""The audit page: every row of ``marts.published_claims``, for a reader with the paper at hand."""

from __future__ import annotations

import os
import re
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from credit_indices.exports.safe_csv import printable
from credit_indices.pipeline.build import DEFAULT_WAREHOUSE

VERDICTS = ("reproduced", "consistent", "inconsistent", "not_checkable")
DEFAULT_OUT = "docs/methods/audit.md"

CLAIMS = """
    select
        paper, claim_number, statement_number, claim_code, table_ref, claim, published, recomputed,
        "lower" as low, "upper" as high, verdict, explanation
    from marts.published_claims
    order by paper desc, claim_number
"""

INTRODUCTION = """\
# Audit of the published claims

Every examined claim of the papers, in reading order: the published value, the value recomputed from
other published or official ones, the verdict and its reasons. `make audit` generates the page from
`marts.published_claims`; do not edit it by hand.

* **reproduced**: recomputed from other published or official values, the claim's number equals the
  published one within rounding.
* **consistent**: the claim agrees with the other values, but they allow other values as well.
* **inconsistent**: the claim as worded contradicts other published, or official, values. The
  reasons say which other reading fits, if one does.
* **not_checkable**: the published values cannot decide. This is no evidence against a number.

A statement that can be read in two ways is two claims; the tables count both. Sections without a
row have no statement with a number, a comparison or a conclusion about facts. The range in
brackets holds all recomputed values that rounding of the published numbers allows. Compared with
official or exact values, it is the range of numbers that round to the published one; if nothing was
recomputed, the range that the other values allow. [Method and summary](published_claims.md).

The check of a claim is in `src/credit_indices/replication`: a module or package for each paper, a
function for each table or section, with codes without the paper's prefix."""

REFERENCES = {
    "Song & Liu 2025": "Y. Song and S. Liu (2025), *A research on the pathways for preventing "
    "financial risks in the social credit system based on the digital economy*, GAITDI 2025, "
    "[doi:10.1145/3771792.3773849](https://doi.org/10.1145/3771792.3773849) (CC BY 4.0).",
    "Lin & Gu 2015": "R. Lin and Y. Gu (2015), *CEI: a new indicator measuring City Commercial "
    "Credit Risk initiated in China*, [arXiv:1505.05089](https://arxiv.org/abs/1505.05089).",
}


class AuditError(Exception):
    """The page cannot be written; the message is for the user."""


def write_audit(out: str | Path = DEFAULT_OUT) -> Path:
    """Write the audit page of the warehouse that ``CREDIT_INDICES_DB`` names.

    Args:
        out: the Markdown file to write, in an existing folder.

    Returns:
        The file.

    Raises:
        AuditError: the warehouse does not exist or lacks the claims, or the file cannot be written.

    """
    warehouse = Path(os.environ.get("CREDIT_INDICES_DB") or DEFAULT_WAREHOUSE)
    if not warehouse.exists():
        raise AuditError(f"{warehouse} does not exist; `make build` creates it.")
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            claims = connection.execute(CLAIMS).to_arrow_table().to_pylist()
    except duckdb.Error as error:
        raise AuditError(
            f"{warehouse} has no claims to read ({str(error).splitlines()[0]}); "
            "`make build` rebuilds it."
        ) from None
    try:
        Path(out).write_text(audit_page(claims), encoding="utf-8")
    except OSError as error:
        raise AuditError(f"{out} cannot be written: {error.strerror}.") from None
    return Path(out)


def audit_page(claims: list[dict[str, Any]]) -> str:
    """Markdown of the page.

    Args:
        claims: records with the columns of `CLAIMS`, those of a paper together, in its order.

    Returns:
        Counts of statements, claims and verdicts by paper and by table or section, and an entry per
        claim.

    """
    papers = [(paper, list(rows)) for paper, rows in groupby(claims, lambda row: row["paper"])]
    totals = [(f"[{paper}](#{_anchor(paper)})", rows) for paper, rows in papers]
    blocks = [INTRODUCTION, _counts("paper", totals)]
    for paper, rows in papers:
        parts = [(part, list(found)) for part, found in groupby(rows, lambda row: row["table_ref"])]
        titles = [(f"[{part}](#{_anchor(f'{paper}, {part}')})", found) for part, found in parts]
        blocks += [f"## {paper}", REFERENCES.get(paper, ""), _counts("where", titles)]
        for part, found in parts:
            blocks += [f"### {paper}, {part}", *(_entry(row) for row in found)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def number(value: float) -> str:
    """Format with six significant digits and no exponent: 56,800, -2.29032, 0.0000021077."""
    if value == 0:
        return "0"
    digits = f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"
    if "e" in digits:
        exponent = int(digits.split("e")[1])
        digits = f"{value:.{5 - exponent}f}".rstrip("0").rstrip(".")
    whole, point, decimals = digits.partition(".")
    return (f"{int(whole):,}" if len(whole.lstrip("-")) > 4 else whole) + point + decimals


def _entry(row: dict[str, Any]) -> str:
    values = [
        f"{name} {number(row[name])}"
        for name in ("published", "recomputed")
        if row[name] is not None
    ]
    low, high = row["low"], row["high"]
    ends = [
        f"{word} {number(value)}"
        for word, value in (("at least", low), ("at most", high))
        if value is not None
    ]
    line = ", ".join(values)
    if len(ends) == 2:
        ends = [f"{number(low)} to {number(high)}"]
    if ends:
        line = f"{line} ({ends[0]})" if line else f"range {ends[0]}"
    return (
        f"**{row['claim_number']}. {_plain(row['claim'])}**\n\n"
        f"*{row['verdict']}*{': ' + line if line else ''}. {_plain(row['explanation'])}\n\n"
        f"<sub>`{row['claim_code']}`</sub>"
    )


def _counts(title: str, groups: list[tuple[str, list[dict[str, Any]]]]) -> str:
    columns = ("statements", "claims", *VERDICTS)
    lines = [f"| {title} | {' | '.join(columns)} |", "| --- " + "| ---: " * len(columns) + "|"]
    for name, rows in groups:
        found = Counter(row["verdict"] for row in rows)
        statements = {(row["paper"], row["statement_number"]) for row in rows}
        counts = [len(statements), len(rows), *(found[verdict] or "" for verdict in VERDICTS)]
        cells = [name, *map(str, counts)]
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |"))
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Escape characters that Markdown would interpret, such as in 0.68** or ~34 %."""
    return re.sub(r"([\\`*~]|<(?=[A-Za-z/!?]))", r"\\\1", printable(text))


def _anchor(heading: str) -> str:
    """Return the anchor that code hosts generate for a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")
