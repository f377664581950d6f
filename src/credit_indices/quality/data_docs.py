"""The Data Docs site: expectations, results and unexpected cases.

Great Expectations renders the tables. Its own page template loads scripts, styles and a tracking
pixel from a dozen hosts. This module uses a template of plain HTML and CSS without network access;
its content policy blocks all loading.
"""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from credit_indices.quality import suites

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem;
  padding: 0 1rem }}
table {{ border-collapse: collapse; margin: 0.5rem 0 1rem; width: 100% }}
td, th {{ border-bottom: 1px solid #ddd; padding: 0.3rem 0.6rem; text-align: left;
  vertical-align: top }}
h5, h6 {{ font-size: 1rem; margin: 1rem 0 0 }}
.cases {{ white-space: pre-line }}
.alert {{ border-top: 2px solid #888 }}
.badge {{ background: #eee; border-radius: 3px; padding: 0 0.3rem }}
.fa-check-circle::before, .ok::before {{ color: #17702c; content: "\\2714" }}
.fa-times::before, .critical::before {{ color: #b00020; content: "\\2718" }}
.fa-exclamation-triangle::before, .warning::before {{ color: #9a6700; content: "\\26A0" }}
.collapse, a[data-toggle] {{ display: none }}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def write(
    folder: Path,
    validated: Mapping[str, "ExpectationSuiteValidationResult"],
    rows: Sequence[Mapping[str, Any]],
    is_new: bool,
) -> None:
    """Write one page per validated suite, and the index of all results.

    Args:
        folder: the site; created if absent. Only the site's own pages in it are changed.
        validated: Great Expectations' result for each suite, by the suite's name.
        rows: all results so far (see run.SCHEMA).
        is_new: whether to remove the pages of an earlier build first.

    Raises:
        OSError: the folder cannot be written.

    """
    folder.mkdir(parents=True, exist_ok=True)
    if is_new:
        for name in ("index", *(suite.name for suite in suites.RAW + suites.RESULT)):
            (folder / f"{name}.html").unlink(missing_ok=True)
    for name, result in validated.items():
        body = f'<p><a href="index.html">All suites</a></p>\n<h1>{name}</h1>\n{_tables(result)}'
        _write_page(folder / f"{name}.html", f"Data quality: {name}", body)
    _write_page(folder / "index.html", "Data quality", _index(folder, rows))


def _tables(result: "ExpectationSuiteValidationResult") -> str:
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaSectionView

    # The first section holds the time of the run, which would change every site.
    sections = ValidationResultsPageRenderer().render(result).to_json_dict()["sections"][1:]
    view = DefaultJinjaSectionView()
    return "\n".join(
        view.render({"section": section, "section_loop": {"index": number}})
        for number, section in enumerate(sections, start=1)
    )


def _index(folder: Path, rows: Sequence[Mapping[str, Any]]) -> str:
    lines = ["<h1>Data quality</h1>", "<table>", "<tr><th></th><th>suite</th><th>expectation</th>"]
    lines.append("<th>column</th><th>expected</th><th>observed</th><th>unexpected</th></tr>")
    for row in rows:
        mark = "ok" if row["success"] else row["severity"]
        suite = html.escape(row["suite"])
        if (folder / f"{row['suite']}.html").exists():
            suite = f'<a href="{suite}.html">{suite}</a>'
        words = row["failure"] or row["expectation"].replace("_", " ")
        texts = [row["column_name"], row["expected"], row["observed"], row["examples"]]
        column, expected, observed, examples = (html.escape(text or "") for text in texts)
        lines.append(
            f'<tr><td class="{mark}" title="{mark}"></td><td>{suite}</td>'
            f"<td>{html.escape(words)}</td><td>{column}</td><td>{expected}</td>"
            f"<td>{observed}</td><td class='cases'>{examples}</td></tr>"
        )
    return "\n".join([*lines, "</table>"])


def _write_page(path: Path, title: str, body: str) -> None:
    path.write_text(PAGE.format(title=html.escape(title), body=body), encoding="utf-8")
