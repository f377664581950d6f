"""make refuses variables that it would ignore, and unsupported Python versions."""

import os
import re
import shutil
import subprocess

import pytest
from conftest import PROJECT

pytestmark = pytest.mark.slow

MAKE = shutil.which("make")


def make(*arguments, folder=PROJECT, path=None):
    return subprocess.run(
        [MAKE, *arguments],
        cwd=folder,
        env={
            "PATH": path or os.environ["PATH"]
        },  # not the environment of a make that runs these tests
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "unknown"),
    [
        (["build", "DATADIR=mine"], "DATADIR"),
        (["build", "data_dir=mine"], "data_dir"),
        (["build", "DATA-DIR=mine"], "DATA-DIR"),
        (["build", "CREDIT_INDICES_DBB=mine"], "CREDIT_INDICES_DBB"),
        (["tables", "DATA_DIR=mine"], "DATA_DIR"),
        (["ingest", "FROM=a", "YEAR=2019"], "YEAR"),
        (["publish", "PARTS=index"], "PARTS"),
        (["build", "PART=index"], "PART"),
        (["publish", "bi", "port=9000", "VARS={}"], "port"),
    ],
)
def test_unused_make_variable_is_refused(arguments, unknown):
    done = make("-n", *arguments)
    assert done.returncode != 0
    assert f"does not know {unknown}. It knows " in done.stderr
    assert done.stdout == ""


def test_make_knows_every_command_of_the_documents():
    texts = [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]
    commands = {
        found
        for text in texts
        for found in re.findall(
            r"(?m)\bmake ([a-z-]+(?: [A-Z_]+=(?:'[^']*'|[\w./-]+))+)", text.read_text("utf-8")
        )
    }
    assert len(commands) > 5
    for command in commands:
        target, *variables = re.findall(r"(?:'[^']*'|[^ '])+", command)
        done = make("-n", target, *(variable.replace("'", "") for variable in variables))
        assert "does not know" not in done.stderr, command


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("[ $1 = --version ] && echo Python 3.10.13", "python3 is Python 3.10.13."),
        (None, "is not installed."),
    ],
)
def test_old_python_is_refused(script, found, tmp_path):
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("sh", "test", "rm"):
        (commands / name).symlink_to(shutil.which(name))
    if script:
        (commands / "python3").write_text(f"#!/bin/sh\n{script}\n")
        (commands / "python3").chmod(0o755)
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path)
    done = make("build", folder=tmp_path, path=str(commands))
    assert done.returncode != 0
    assert "needs Python 3.11, 3.12 or 3.13, and" in done.stdout
    assert found in done.stdout
    assert "Install one, or name it: make build PYTHON=" in done.stdout
