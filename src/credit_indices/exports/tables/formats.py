"""Render tables as LaTeX, HTML, Markdown and CSV. Every text is escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jinja2
from markupsafe import Markup, escape

from credit_indices.exports import safe_csv
from credit_indices.exports.tables.content import NBSP, Cell, Heading, Table
from credit_indices.exports.tables.marts import Record

LATEX = {
    "\\": r"\textbackslash{}",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
    "^": r"\textasciicircum{}",
    "~": r"$\sim$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"{\char34}",  # not a shorthand, as in German babel
    "`": r"\textasciigrave{}",
    # At the beginning of a row LaTeX would read these as an option of the line break before.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "-": "{-}",  # two hyphens would be a dash
    NBSP: "~",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "×": r"$\times$",
    "±": r"$\pm$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "∞": r"$\infty$",
    "∪": r"$\cup$",
    "∅": r"$\emptyset$",
    "°": r"$^\circ$",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"\ldots{}",
    **{sign: f"$^{{{plain}}}$" for sign, plain in zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True)},
}
"""Special characters of LaTeX."""

MARKDOWN = re.compile(r"[\\`*_<>#|~$&]|!(?=\[)|\](?=[(\[:])")
"""Markup of Markdown: not a single bracket, but a link or its definition."""

LABEL_WIDTH = 0.31
COLUMN_WIDTH = 0.18
"""Shares of the line width: for labels, and the maximum for a column."""

LONG = 40
"""Longer tables get a smaller font in LaTeX, to fit a page."""


def latex_escape(text: str) -> str:
    """Escape a text for LaTeX; other scripts stay and need an engine that supports them."""
    return "".join(LATEX.get(character, character) for character in text)


def markdown_escape(text: str) -> str:
    """Escape a text for Markdown (GitHub's, within and outside of tables)."""
    return MARKDOWN.sub(lambda match: "\\" + match[0], safe_csv.printable(text))


def _environment(escape_text: Callable[[str], str], **delimiters: str) -> jinja2.Environment:
    """Make an environment that escapes every output text unless it is markup."""

    def finalize(value: Any) -> Markup:
        if isinstance(value, Markup):
            return value
        return Markup(escape_text(safe_csv.printable(str(value))))

    return jinja2.Environment(
        loader=jinja2.PackageLoader("credit_indices.exports.tables"),
        autoescape=True,
        finalize=finalize,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **delimiters,
    )


_HTML = _environment(escape)
_LATEX = _environment(
    latex_escape,
    block_start_string="<%",
    block_end_string="%>",
    variable_start_string="<<",
    variable_end_string=">>",
    comment_start_string="<#",
    comment_end_string="#>",
)


def html(table: Table) -> str:
    """Render a complete page: caption, scopes of headings, inline style, no external resources."""
    return _HTML.get_template("table.html").render(table=table)


def latex(table: Table) -> str:
    """Render a float for a paper; it needs array, booktabs and threeparttable."""
    column = min(COLUMN_WIDTH, (1 - LABEL_WIDTH) / table.n_columns)

    def width(span: int) -> Markup:
        return Markup(f"{span * column:.4f}")

    return _LATEX.get_template("table.tex").render(
        table=table,
        label_width=LABEL_WIDTH,
        size=Markup("scriptsize" if table.n_lines > LONG else "footnotesize"),
        width=width,
        rules=_rules,
    )


def _rules(headings: Sequence[Heading]) -> Iterator[Markup]:
    """Yield first and last column of each heading that spans several; labels are column 1."""
    first = 2
    for heading in headings:
        last = first + heading.span - 1
        if last > first:
            yield Markup(f"{first}-{last}")
        first = last + 1


def latex_document(tables: Sequence[Table]) -> str:
    """Render a document with all tables."""
    return _LATEX.get_template("all_tables.tex").render(tables=tables)


def markdown(table: Table) -> str:
    """Render a pipe table with one line per number, readable as plain text."""
    *above, columns = [
        [heading.text for heading in row for _ in range(heading.span)] for row in table.headings
    ]
    lines = [["", *above_row] for above_row in above]
    for block in table.blocks:
        for row in block:
            lines += _stacked(row.label, row.cells)
    grid = [["", *map(markdown_escape, columns)]]
    grid += [[markdown_escape(text) for text in line] for line in lines]
    widths = [max(3, *(len(line[j]) for line in grid)) for j in range(len(grid[0]))]
    head, *body = [
        "| "
        + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        + " |"
        for line in grid
    ]
    rule = (
        "| " + " | ".join([("-" * widths[0]), *(f":{'-' * (w - 2)}:" for w in widths[1:])]) + " |"
    )
    notes = [
        f"**{markdown_escape(note.topic)}.** {markdown_escape(note.text)}" for note in table.notes
    ]
    parts = [f"**{markdown_escape(table.caption)}**", "\n".join([head, rule, *body]), *notes]
    return "\n\n".join(parts) + "\n"


def _stacked(label: str, cells: Sequence[Cell]) -> list[list[str]]:
    height = 1 + max(len(cell.below) for cell in cells)
    columns = [
        [cell.text + cell.stars, *cell.below, *[""] * (height - 1 - len(cell.below))]
        for cell in cells
    ]
    labels = [label, *[""] * (height - 1)]
    return [list(line) for line in zip(labels, *columns, strict=True)]


def csv_text(rows: Sequence[Record]) -> str:
    """Render one or more records with the columns of the first."""
    columns = list(rows[0])
    return safe_csv.csv_text(columns, ([row[column] for column in columns] for row in rows))


WRITERS: dict[str, tuple[str, Callable[[Table], str]]] = {
    "latex": ("tex", latex),
    "html": ("html", html),
    "markdown": ("md", markdown),
}
"""File ending and renderer by format; CSV holds numbers, not the table's text."""
