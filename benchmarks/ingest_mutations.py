"""Test the ingest with corrupted files: no traceback may occur, and no cell may be lost.

    python benchmarks/ingest_mutations.py --inputs 20000
    python benchmarks/ingest_mutations.py --inputs 1 --first 4711      one of them again

The observations of an uncorrupted row must equal the values of the generated table. Each input is
generated from a number: a valid table in one of the layouts, corrupted in its cells, in its bytes,
in the parts of its workbook, in its mapping or in its list of corrections. The command runs in this
process; its output is read back. The results go to benchmarks/results/.
"""

import argparse
import codecs
import contextlib
import csv
import io
import json
import random
import re
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from credit_indices import __main__

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
CATALOG = HERE.parent / "seeds" / "catalog"
NASTY = [
    "", " ", "-", "--", "…", "n/a", "#N/A", "#REF!", "0", "-1", "1,23", "1,234", "１２３．５",
    "76.1%", "12.5①", "(3)", "1e400", "1e-400", "nan", "inf", "9" * 200, "=1+1", "@x",
    "=cmd|' /C calc'!A0", "'", '"', "a\nb", "a\r\nb", "\t", "x'); drop table y; --", "🙂", "𠮷",
    "../../etc/passwd", "\u3000", "2011年", "2011", "20l1", "2011-12-31", "2011-06-30", "地区",
    "年份", "指标", "value", "unit", "山西", "陕西", "Shanxi", "Shaanxi", "北京市", "吉林", "全国",
    "专利授权数(件)", "专利授权数", "亿元", "光缆线路长度(万公里)", "单位：亿元", "&amp;", "<row>",
    "]]>", "null", "{", "%", "-0", "1 234",
]  # fmt: skip
TOKENS = [text.encode() for text in NASTY] + [
    b"\0", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x81", b"\xff" * 7, b'"' * 3, b",,,,",
    b"\r", b"PK\x03\x04", b"PAR1", b"<!DOCTYPE x [<!ENTITY a 'a'>]>", b"- [", b": &a *a",
    b"!!python/name:os",
]  # fmt: skip
UNITS = [
    "北京", "天津市", "河北省", "山西", "Shaanxi", "内蒙古自治区", "22", "黑龙江", "上海", "广西",
]  # fmt: skip
NAMES = [
    "专利授权数(件)", "optical_cable_length", "光缆线路长度(公里)", "技术市场成交额（亿元）",
    "备注", "商业银行不良贷款率(%)", "R&D经费", "移动电话用户(万户)",
]  # fmt: skip
UNIT_IDS = dict(
    zip(UNITS, ["11", "12", "13", "14", "61", "15", "22", "23", "31", "45"], strict=True)
)
MEANINGS = {
    "专利授权数(件)": ("patents_granted", "1"),
    "专利授权数": ("patents_granted", "1"),
    "optical_cable_length": ("optical_cable_length", "1"),
    "光缆线路长度(公里)": ("optical_cable_length", "0.0001"),
    "技术市场成交额（亿元）": ("tech_market_turnover", "1"),
    "商业银行不良贷款率(%)": ("npl_ratio", "1"),
    "R&D经费": ("rd_expenditure", "1"),
}
"""Indicators by the names in the catalog, and the factors to the catalog's units of measurement."""
ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"]
KINDS = ("cells", "bytes", "parts", "mapping", "corrections")

Grid = list[list[str]]
Truth = dict[tuple[str, str, str], set[Decimal]]
"""Values of uncorrupted rows by unit, year and indicator."""


class Broken(Exception):
    """The property is violated for an input."""


def table(rng: random.Random) -> Grid:
    """Generate a valid table in one of the layouts."""
    units = rng.sample(UNITS, rng.randint(1, 6))
    years = [f"{year}{rng.choice(['', '年'])}" for year in range(2011, 2011 + rng.randint(1, 5))]
    names = rng.sample(NAMES, rng.randint(1, 4))

    def value() -> str:
        value = rng.choice([rng.randint(0, 10**6), round(rng.random() * 100, 4)])
        return f"{value:,}" if rng.random() < 0.2 else str(value)

    layout = rng.choice(["wide", "long", "across", "across"])
    if layout == "wide":
        body = [[u, y, *(value() for _ in names)] for u in units for y in years]
        return [["地区", "年份", *names], *body]
    if layout == "long":
        head = ["unit_id", "period", "indicator", "value"]
        return [head, *([u, y, n, value()] for u in units for y in years for n in names)]
    title = [["数据库：分省年度数据"], [f"指标：{names[0]}"]][: rng.randint(0, 2)]
    return [*title, ["地区", *years], *([u, *(value() for _ in years)] for u in units)]


def waiting_series(data: Path) -> set[str]:
    """Return the names of the series whose indicator or factor is pending."""
    mapping = yaml.safe_load((data / "ingest" / "mapping.yml").read_text(encoding="utf-8"))
    return {
        str(series["name"])
        for sheet in mapping["sheets"]
        for series in sheet.get("indicators") or []
        if series["indicator"] is None or ("factor" in series and series["factor"] is None)
    }


def truth(original: Grid, grid: Grid, name: str, waiting: set[str]) -> Truth:
    """Return the values of the unchanged rows of a table under an unchanged header.

    Rows of pending series are excluded: a corrupted row may hold the only value of their cell.
    """
    head = next(n for n, row in enumerate(original, start=1) if len(row) > 1)
    if grid[:head] != original[:head]:
        return {}
    names, found = original[head - 1], defaultdict(set)
    title = next((row[0][3:] for row in original[: head - 1] if row[0].startswith("指标：")), "")
    for row in (row for row in grid[head:] if row in original[head:]):
        if names[0] == "unit_id":
            figures = [(row[1], row[2], row[3])]
        elif names[1] == "年份":
            figures = [(row[1], *it) for it in zip(names[2:], row[2:], strict=True)]
        else:
            figures = [
                (period, title or Path(name).stem, text)
                for period, text in zip(names[1:], row[1:], strict=True)
            ]
        for period, series, text in figures:
            if series in MEANINGS and series not in waiting:
                indicator, factor = MEANINGS[series]
                key = UNIT_IDS[row[0]], period.removesuffix("年"), indicator
                found[key].add(Decimal(text.replace(",", "")) * Decimal(factor))
    return found


def check_truth(data: Path, known: Truth) -> int:
    """Check the observations of uncorrupted rows against the rows; return their number."""
    if not (data / "observations.csv").exists():
        return 0
    rejected = {
        (UNIT_IDS.get(row["unit"], row["unit"]), row["period"].removesuffix("年"), row["indicator"])
        for row in read(data / "ingest" / "rejected.csv")
    }
    compared = 0
    for row in read(data / "observations.csv"):
        key = row["unit_id"], row["period"], row["indicator_code"]
        if key in known and key not in rejected:
            compared += 1
            if Decimal(row["value"]) not in known[key]:
                raise Broken(f"{key} is {row['value']}, but {known[key]} in the file")
        elif known and (row["unit_id"] not in UNIT_IDS.values() or int(row["period"]) > 2015):
            raise Broken(f"{key} is not in the file")
    return compared


def corrupt_cells(rng: random.Random, grid: Grid) -> None:
    """Change some cells, rows and columns of a table."""
    for _ in range(rng.randint(1, 6)):
        row = rng.randrange(len(grid)) if grid else 0
        change = rng.random()
        if not grid or change < 0.1:
            grid.insert(row, rng.choices(NASTY, k=rng.randint(0, 6)))
        elif change < 0.2:
            del grid[row]
        elif change < 0.3:
            grid[row].insert(rng.randint(0, len(grid[row])), rng.choice(NASTY))
        elif change < 0.4 and grid[row]:
            del grid[row][rng.randrange(len(grid[row]))]
        elif change < 0.45:
            grid.append(list(grid[row]))
        elif grid[row]:
            grid[row][rng.randrange(len(grid[row]))] = rng.choice(NASTY)


def corrupt_bytes(rng: random.Random, content: bytes) -> bytes:
    """Change some bytes anywhere."""
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        at, end = sorted(rng.randint(0, len(content)) for _ in range(2))
        end = min(end, at + rng.choice([1, 1, 2, 4, 64, 4096]))
        change = rng.randrange(20) % 6
        if change == 0 and rng.random() < 0.3:
            content = content[:at]
        elif change == 1:
            content = content[:at] + content[end:]
        elif change == 2:
            content = content[:at] + content[at:end] * rng.randint(2, 5) + content[end:]
        elif change == 3:
            content = content[:at] + rng.randbytes(end - at) + content[end:]
        else:
            content = content[:at] + rng.choice(TOKENS) + content[at if change == 4 else end :]
    return content


def corrupt_parts(rng: random.Random, content: bytes) -> bytes:
    """Change some bytes within the parts of a workbook, and pack it again."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        corrupted = rng.choice(old.namelist()) if rng.random() < 0.4 else "xl/worksheets/sheet1.xml"
        for name in old.namelist():
            part = old.read(name)
            if name == corrupted and rng.random() < 0.5:
                numbers = list(re.finditer(rb"(?<=\")[0-9]+(?=\")|(?<=>)[0-9.]+(?=<)", part))
                if numbers:
                    found = rng.choice(numbers)
                    number = str(rng.choice([-1, 0, 7, 99, 2**31, 10**12, 1.5])).encode()
                    part = part[: found.start()] + number + part[found.end() :]
            elif name == corrupted:
                part = corrupt_bytes(rng, part)
            if name != corrupted or rng.random() < 0.95:
                new.writestr(name, part)
    return stream.getvalue()


def corrupt_mapping(rng: random.Random, content: bytes) -> bytes:
    """Change the content of a mapping, or its bytes."""
    if rng.random() < 0.3:
        return corrupt_bytes(rng, content)
    lines = content.decode().splitlines()
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(lines))
        key, colon, _ = lines[at].partition(": ")
        values = ["A", "B", "C", "1", "2", "wide", "long", "years_across", "ignore", "''", "0.01"]
        values += ["patents_granted", "optical_cable_length", "2011-2012", *map(json.dumps, NASTY)]
        if colon:
            lines[at] = f"{key}: {rng.choice(values)}"
        elif rng.random() < 0.3:
            del lines[at]
    return "\n".join(lines).encode()


def packed(rng: random.Random, grid: Grid, kind: str) -> tuple[str, bytes]:
    """Return a table as a file of a kind: its name and its bytes."""
    stream = io.BytesIO()
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for number, row in enumerate(grid, start=1):
            for column, text in enumerate(row, start=1):
                cell = book.active.cell(number, column)
                is_number = re.fullmatch(r"[1-9][0-9]{0,8}(\.[0-9]{1,4})?", text)
                cell.value = float(text) if is_number and rng.random() < 0.8 else text
                if not is_number:
                    cell.data_type = "s"  # a text that begins with = is not a formula
        if rng.random() < 0.1:
            book.create_sheet("说明")["A1"] = "来源"
        book.save(stream)
        return "a.xlsx", stream.getvalue()
    if kind == "parquet":
        width = max(map(len, grid), default=0)
        rows = [[*row, *[None] * (width - len(row))] for row in grid]
        columns = [pa.array([row[c] for row in rows[1:]], pa.string()) for c in range(width)]
        pq.write_table(pa.table(columns, rows[0]), stream)
        return "a.parquet", stream.getvalue()
    text = io.StringIO()
    delimiter = rng.choice(",,,\t;")
    csv.writer(text, delimiter=delimiter, lineterminator=rng.choice(["\n", "\r\n"])).writerows(grid)
    name = rng.choice(["a.csv", "专利授权数.csv", "sub/a.tsv", "=a.csv"])
    return name, text.getvalue().encode(rng.choice(ENCODINGS))


def trial(number: int, folder: Path) -> dict[str, object]:
    """Generate input `number`, ingest it, and check the output.

    Returns:
        The outcome.

    Raises:
        Broken: a traceback would have reached the user, or a cell is not accounted for.

    """
    rng = random.Random(number)
    kind = KINDS[number % len(KINDS)]
    grid = table(rng)
    form = (
        "xlsx"
        if kind == "parts"
        else rng.choice(["csv"] * (12 if kind == "bytes" else 3) + ["xlsx", "parquet"])
    )
    original = [list(row) for row in grid]
    if kind == "cells" or rng.random() < 0.3:
        corrupt_cells(rng, grid)
    is_regular = grid and all(grid[0]) and len(set(grid[0])) == len(grid[0]) >= max(map(len, grid))
    if form == "parquet" and not is_regular:
        form = "csv"  # Parquet has names for its columns
    name, content = packed(rng, grid, form)
    if kind == "bytes":
        content = corrupt_bytes(rng, content)
    elif kind == "parts":
        content = corrupt_parts(rng, content)
    source, data = folder / "from", folder / "to"
    path = source / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    outcome = run(source, data)
    # The content of the file is known if only its cells were corrupted.
    is_known = kind != "parts" and kind != "bytes"
    content_cells = sum(bool(text.strip()) for row in grid for text in row) if is_known else None
    if outcome["status"] is not None:
        figures = check(source, data, outcome, content_cells)
    compared = 0
    if is_known and not outcome["message"]:
        compared = check_truth(data, truth(original, grid, name, waiting_series(data)))
    if kind == "mapping" and (data / "ingest" / "mapping.yml").exists():
        mapping = data / "ingest" / "mapping.yml"
        mapping.write_bytes(corrupt_mapping(rng, mapping.read_bytes()))
        outcome = run(source, data)
        figures = check(source, data, outcome, content_cells)
    if kind == "corrections" and (data / "ingest" / "rejected.csv").exists():
        rejected = data / "ingest" / "rejected.csv"
        rows = list(csv.reader(rejected.read_text(encoding="utf-8-sig").splitlines(True)))
        for row in rows[1:]:
            if rng.random() < 0.7:
                row[-1] = rng.choice(NASTY)
            if rng.random() < 0.3:
                row[rng.randrange(len(row))] = rng.choice(NASTY)
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        again = text.getvalue().encode(rng.choice(ENCODINGS))
        rejected.write_bytes(corrupt_bytes(rng, again) if rng.random() < 0.3 else again)
        outcome = run(source, data)
        figures = check(source, data, outcome, content_cells)
    if outcome["status"] == 0:
        before = {p: p.read_bytes() for p in data.rglob("*") if p.is_file()}
        if run(source, data)["status"] != 0:
            raise Broken("the same input failed when it was run again")
        after = {p: p.read_bytes() for p in data.rglob("*") if p.is_file()}
        changed = [p.name for p in {*before, *after} if before.get(p) != after.get(p)]
        if changed:
            raise Broken(f"running again changed {changed}")
    if path.read_bytes() != content:
        raise Broken("the input was changed")
    return outcome | figures | {"kind": kind, "form": form, "compared": compared}


def run(source: Path, data: Path) -> dict[str, object]:
    """Run the command; return its exit status and its messages."""
    out, error = io.StringIO(), io.StringIO()
    arguments = ["credit_indices", "ingest", "--from", str(source), "--to", str(data)]
    before, sys.argv = sys.argv, arguments
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            status = __main__.main()
    finally:
        sys.argv = before
    if status not in (0, 1):
        raise Broken(f"exit status {status}")
    if status == 1 and not (error.getvalue().strip() or "No value was accepted" in out.getvalue()):
        raise Broken("a failure without a message")
    return {"status": status, "message": error.getvalue().strip(), "out": out.getvalue()}


def check(
    source: Path, data: Path, outcome: dict[str, object], content_cells: int | None
) -> dict[str, int]:
    """Check the output of a run: every cell must be accounted for, every observation valid."""
    if outcome["message"]:
        return {}  # refused, nothing written
    cells = read(data / "ingest" / "cells.csv")
    total = Counter()
    for row in cells:
        count = {key: int(value) for key, value in row.items() if key not in NAMES_OF_SHEETS}
        if count["read"] != count["accepted"] + count["missing"] + count["rejected"]:
            raise Broken(f"read is not accepted + missing + rejected: {row}")
        if count["cells_with_content"] != (
            count["read"] - count["missing_empty"] + count["structure"] + count["ignored"]
            + count["waiting"]
        ):  # fmt: skip
            raise Broken(f"a cell is not accounted for: {row}")
        total.update(count)
    recounted = {recount(path) for path in source.rglob("*") if path.is_file()} - {None}
    if content_cells is not None:
        extra = sum(row["sheet"] == "说明" for row in cells)
        if total["cells_with_content"] != content_cells + extra:
            raise Broken(f"{content_cells} cells have content, {total} are accounted for")
    elif recounted and total["cells_with_content"] not in next(iter(recounted)):
        raise Broken(f"{recounted} cells have content, {total} are accounted for")
    if f"Read {total['read']:,} values" not in outcome["out"]:
        raise Broken("the summary counts otherwise")
    observations = []
    if total["accepted"]:
        observations = read(data / "observations.csv")
    if len(observations) != total["accepted"]:
        raise Broken(f"{len(observations)} observations, {total['accepted']} accepted")
    if len(read(data / "ingest" / "rejected.csv")) != total["rejected"]:
        raise Broken("the list of rejections has another length")
    for row in observations:
        if not (
            re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", row["value"])
            and abs(float(row["value"])) < float("inf")
            and row["unit_id"] in KNOWN["units"]
            and row["indicator_code"] in KNOWN["indicators"]
            and 1000 <= int(row["period"]) < 3000
        ):
            raise Broken(f"no observation: {row}")
    keys = {(row["unit_id"], row["period"], row["indicator_code"]) for row in observations}
    if len(keys) != len(observations):
        raise Broken("two observations of one unit, year and indicator")
    return {key: total[key] for key in ("read", "accepted", "missing", "rejected")}


NAMES_OF_SHEETS = ("file", "sheet", "layout")


def read(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


KNOWN = {
    table: {next(iter(row.values())) for row in read(CATALOG / f"{table}.csv")}
    for table in ("units", "indicators")
}


def recount(path: Path) -> tuple[int, ...] | None:
    """Count the cells of a text with content, by each delimiter; None for other files."""
    content = path.read_bytes()
    if content[:4] in (b"PK\x03\x04", b"PAR1"):
        return None
    boms = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16")]  # fmt: skip
    encoding = next((name for bom, name in boms if content.startswith(bom)), None)
    if encoding is None and b"\0" in content[: 64 * 1024]:
        head = content[: 64 * 1024]
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    for name in [encoding] if encoding else ["utf-8", "gb18030"]:
        with contextlib.suppress(UnicodeDecodeError):
            text = content.decode(name)
            return tuple(
                sum(bool(c.strip()) for row in csv.reader(io.StringIO(text, newline=""),
                    delimiter=d) for c in row)
                for d in ",\t;"
            )  # fmt: skip
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    arguments = parser.parse_args()
    outcomes, failures, seconds = [], [], []
    for number in range(arguments.first, arguments.first + arguments.inputs):
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                outcomes.append(trial(number, Path(folder)))
            except Exception:  # any exception is counted
                failures.append(number)
                print(f"input {number}\n{traceback.format_exc()}", file=sys.stderr)
        seconds.append(time.monotonic() - started)
        if number % 1000 == 999:
            print(f"{number + 1} inputs, {len(failures)} failures", file=sys.stderr, flush=True)
    facts = summarise(outcomes, failures, seconds)
    print(json.dumps(facts, indent=1))
    if arguments.inputs > 1000:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "ingest.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "ingest.md").write_text(page(facts, arguments), encoding="utf-8")
    return int(bool(failures))


def summarise(outcomes: list[dict], failures: list[int], seconds: list[float]) -> dict:
    by_kind = {
        kind: {
            "inputs": sum(o["kind"] == kind for o in outcomes),
            "refused": sum(o["kind"] == kind and bool(o["message"]) for o in outcomes),
        }
        for kind in KINDS
    }
    keys = ("read", "accepted", "missing", "rejected", "compared")
    return {
        "inputs": len(outcomes) + len(failures),
        "failures": failures,
        "kinds": by_kind,
        "forms": dict(Counter(o["form"] for o in outcomes)),
        "cells": {key: sum(o.get(key, 0) for o in outcomes) for key in keys},
        "seconds": {"sum": round(sum(seconds)), "longest": round(max(seconds), 2)},
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def page(facts: dict, arguments: argparse.Namespace) -> str:
    names = {
        "cells": "cells, rows and columns changed",
        "bytes": "bytes of the file changed",
        "parts": "XML within the workbook changed",
        "mapping": "bytes of the mapping changed after a first run",
        "corrections": "the list of rejections filled in and changed after a first run",
    }
    versions = ", ".join(f"{p} {version(p)}" for p in ("openpyxl", "pyarrow", "pyyaml"))
    rows = "\n".join(
        f"| {names[kind]} | {count['inputs']:,} | {count['refused']:,} |"
        for kind, count in facts["kinds"].items()
    )
    cells = facts["cells"]
    files = ", ".join(f"{n:,} {form}" for form, n in facts["forms"].items())
    seconds, failed = facts["seconds"], len(facts["failures"])
    return f"""\
# Spoiled files

Written by `python benchmarks/ingest_mutations.py --inputs {arguments.inputs}` on {date.today()}:
{versions}. Input n is made from the number n, so each can be made again (`--inputs 1 --first n`).

Of **{facts["inputs"]:,} inputs, {failed} failed**: no traceback reached the user, every exit status
was 0 or 1, every failure had a message, no input file was changed, running again changed nothing,
and in what was written

* read = accepted + missing + rejected, by file and sheet;
* every cell with content is accepted, missing, rejected, structure, ignored or waiting: their
  number is that of the cells that were put into the file, or of a recount of a text by Python's csv
  module;
* observations.csv has as many records as were accepted, each of a known unit and indicator, a year
  and a finite number, no two for one cell; rejected.csv has as many as were rejected;
* {facts["cells"]["compared"]:,} observations of rows that were not spoiled, under a header that
  was not, have the unit, the year, the indicator and the value that the table was made with.

| what was spoiled | inputs | refused with a message |
|---|--:|--:|
{rows}

Files: {files}. Cells read in the last runs:
{cells["read"]:,} = {cells["accepted"]:,} accepted + {cells["missing"]:,} missing +
{cells["rejected"]:,} rejected.

All took {seconds["sum"]:,} s, the longest {seconds["longest"]} s; this process, libraries included,
peaked at {facts["peak_memory_mb"]:,} MB.
"""


if __name__ == "__main__":
    sys.exit(main())
