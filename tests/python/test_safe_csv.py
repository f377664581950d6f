"""CSV files are safe to open in a spreadsheet."""

import csv

import pytest

from credit_indices.exports.safe_csv import (
    cell,
    csv_text,
    escape_formula,
    printable,
    unescape_formula,
)

LIVE = (
    "=1+1",
    "=cmd|'/c calc'!A1",
    "@SUM(1+1)",
    "+1+1",
    "-1+1",
    "-cmd",
    "+86-10-1234",
    "--",
    "-.",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\u3000=1",
    "\xa0@a",
    '"=1',
    "'=1",
    "\u201c=1",
    "\ufeff=1",
    "\u200b=1",
    "\x1b=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1+1",
    "\uff20a",
    "\ufe66a",
)
DEAD = (
    "",
    " ",
    "a",
    "a=1",
    "甲",
    "(=1)",
    "1-1",
    "5",
    "-5",
    "+5",
    "-1.5",
    "-1,234.5",
    "-1e-09",
    "-3%",
)


@pytest.mark.parametrize("text", LIVE)
def test_risky_texts_get_an_apostrophe(text):
    assert escape_formula(text) == "'" + text
    assert unescape_formula(escape_formula(text)) == text


@pytest.mark.parametrize("text", DEAD)
def test_other_texts_and_negative_numbers_stay(text):
    assert escape_formula(text) == text
    assert unescape_formula(text) == text


@pytest.mark.parametrize(
    "text", ["a;=1", "a;=1;b", ";@a", "a; \uff1d1", "'=1;'=1", "a;'b;=1", "-1;-a"]
)
def test_parts_between_semicolons_are_tested(text):
    assert escape_formula(text) != text
    assert not [part for part in escape_formula(text).split(";") if part.strip()[:1] in ("=", "@")]
    assert unescape_formula(escape_formula(text)) == text


def test_no_control_character_is_written():
    every = "".join(map(chr, range(0xA0)))
    assert printable("a\tb\r\nc\x85d\u2028e") == "a b  c d e"
    assert printable("\x00\x1b[31m\x7f\x9b\ud800") == "\ufffd\ufffd[31m\ufffd\ufffd\ufffd"
    text = csv_text([every, "x"], [[every, -1.5], [None, -2]])
    assert not [c for c in text if c != "\n" and (c < " " or "\x7f" <= c < "\xa0")]
    header, first, second = csv.reader(text.splitlines())
    assert header[0] == first[0] == printable(every)
    assert (first[1], second) == ("-1.5", ["", "-2"])


def test_values_that_are_no_text_stay_numbers():
    values = [-0.1, 1e-300, -7, True, None]
    assert [cell(value) for value in values] == values
    assert csv_text(["=a"], [[-1 / 3]]) == "'=a\n-0.3333333333333333\n"
