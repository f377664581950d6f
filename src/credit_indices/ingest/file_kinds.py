"""Detect pages, XML and archives whose names suggest a table, such as .xls."""

import codecs
import re
import zipfile

from credit_indices.ingest.encodings import BOMS

_PAGE = re.compile(
    r"\s*<(?:!doctype\s+html|html|head|meta|body|table|div|style|script|center|font|tr|br|p|h[1-6])\b",
    re.IGNORECASE,
)
_PAGE_LATER = re.compile(r"<(?:html|body|table)\b", re.IGNORECASE)
_MHTML = re.compile(r"(?:mime-version|content-type:\s*multipart|from:\s*<saved by)", re.IGNORECASE)
_COMMENTS = re.compile(r"(?:\s*<!--(?:(?!-->).){0,4000}-->)+", re.DOTALL)
SAVE_AS = "Open it in Excel or WPS and save it as .xlsx"
HEAD_BYTES = 16 * 1024


def why_no_table(head: bytes, ending: str) -> str:
    """Return the kind of a markup file and a remedy; '' for a table.

    Args:
        head: the first bytes, HEAD_BYTES of them.
        ending: the end of its name, such as .xls.

    """
    text = _text(head)
    called = f" named {ending}" if ending else ""
    start = _COMMENTS.sub("", text[:8000], count=1)
    if _MHTML.match(start.lstrip()):
        return f"is a web page in one file (MHTML){called}. {SAVE_AS}."
    if start.lstrip().startswith("<?xml") or start.lstrip().startswith("<Workbook"):
        if "urn:schemas-microsoft-com:office:spreadsheet" in text or "Excel.Sheet" in text:
            return f"is an XML spreadsheet of Excel 2003{called}. {SAVE_AS}."
        if "urn:oasis:names:tc:opendocument" in text:
            return f"is a flat OpenDocument file{called}. Save it as .ods or .xlsx."
        if not _PAGE_LATER.search(text):
            return f"is XML{called}, which is not read. {SAVE_AS}."
    is_workbook = ending in (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
    if _PAGE.match(start) or (
        _PAGE_LATER.search(text) and (is_workbook or start.lstrip().startswith("<?xml"))
    ):
        return f"is an HTML page{called}. {SAVE_AS}."
    return ""


def _text(head: bytes) -> str:
    for bom, name in BOMS:
        if head.startswith(bom):
            return head.decode(name, "replace")
    if b"\0" in head[:200]:
        return head.decode("utf-16-le" if head[1:2] == b"\0" else "utf-16-be", "replace")
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")


def is_text(head: bytes) -> bool:
    """Return whether the first bytes of a file may be text: no control characters."""
    return not re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", _text(head)[:4000])


def of_archive(names: list[str], archive: zipfile.ZipFile) -> str:
    """Return the workbook format of a ZIP archive by its parts: xlsx, xlsb, ods, or '' for none."""
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "[Content_Types].xml" in names:
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        info = archive.getinfo("mimetype")
        kind = archive.read("mimetype") if info.file_size < 200 else b""
        return "ods" if b"opendocument.spreadsheet" in kind else ""
    return ""
