"""The program `credit-indices`: help, version, and unknown options."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint

import pytest
from conftest import PROJECT

from credit_indices.__main__ import COMMANDS

SETTINGS = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
(PROGRAM, ENTRY) = next(iter(SETTINGS["scripts"].items()))


@pytest.fixture
def program(monkeypatch, capsys):
    """Run the console script in this process; return its status and output."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", [f"/somewhere/bin/{PROGRAM}", *arguments])
        main = EntryPoint(PROGRAM, ENTRY, "console_scripts").load()
        try:
            status = main()
        except SystemExit as ended:
            status = ended.code
        return status, *capsys.readouterr()

    return run


def test_help_names_every_command_and_version_is_the_projects(program):
    status, out, _ = program("--help")
    assert status == 0
    assert out.startswith("usage: credit-indices [-h] [--version] command ...")
    assert all(f"    {name}" in out for name in COMMANDS)
    assert program("--version")[:2] == (0, f"credit-indices {SETTINGS['version']}\n")
    for name in COMMANDS:
        status, out, _ = program(name, "--help")
        assert (status, out.startswith(f"usage: credit-indices {name} ")) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["biuld"], "invalid choice: 'biuld'"),
        ([], "the following arguments are required: command"),
        (["build", "--data", "x"], "credit-indices: error: unrecognized arguments: --data x"),
        (["publish", "--parts", "index"], "unrecognized arguments: --parts index"),
    ],
)
def test_unknown_commands_and_options_are_refused(arguments, message, program):
    status, _, error = program(*arguments)
    assert status == 2
    assert message in error


def test_closed_pipes_do_not_stop_a_command(tmp_path):
    sheet = tmp_path / "sheet.csv"
    reader, writer = os.pipe()
    os.close(reader)
    command = ["ahp-sheet", "--index", "cei_full", "--out", sheet]
    done = subprocess.run(
        [sys.executable, "-m", "credit_indices", *command],
        cwd=PROJECT,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    assert sheet.exists()


def test_help_imports_nothing_heavy():
    script = (
        "import runpy, sys; sys.argv = ['credit-indices', '--help']\n"
        "try: runpy.run_module('credit_indices', run_name='__main__')\n"
        "except SystemExit: print([m for m in ('duckdb', 'pandas', 'pyarrow', 'dbt', 'numpy') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
