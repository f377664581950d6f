"""Progress: a line at the end of a stage, and a bar on terminals only."""

import io
import re
import sys

import pytest

from credit_indices.pipeline.progress import Stages, stage

NODES = [
    ("seed", "units", "success"),
    ("model", "stg_input__units", "success"),
    ("seed", "periods", "success"),
    ("test", "sound_units", "pass"),
    ("model", "int_input__gate", "success"),
    ("test", "some_warning", "warn"),
    ("model", "int_quality__gate", "success"),
    ("model", "index_scores", "success"),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def texts(out: str) -> list[str]:
    return re.sub(r" \(\d+\.\d s\)$", "", out, flags=re.M).splitlines()


def finish(stages: Stages) -> None:
    for node in NODES:
        stages.count(*node, total=len(NODES))
    stages.end(well=True)


def test_each_finished_stage_prints_a_line(capsys):
    finish(Stages(n_seeds=2))
    out, error = capsys.readouterr()
    assert texts(out) == [
        "  Loaded 2 seeds",
        "  Read, standardised and validated the data",
        "  Computed indices and marts",
        "  Built 4 models, passed 2 data tests",
    ]
    assert error == ""


def test_failed_run_prints_no_summary(capsys):
    stages = Stages(n_seeds=1)
    stages.count("seed", "units", "success", 3)
    stages.count("model", "int_input__gate", "error", 3)
    stages.count("model", "int_quality__gate", "skipped", 3)
    stages.end(well=False)
    assert texts(capsys.readouterr().out) == ["  Loaded 1 seed"]
    with pytest.raises(ValueError, match="no"), stage("Made it"):
        raise ValueError("no")
    assert capsys.readouterr().out == ""


def test_a_terminal_gets_a_bar(capsys, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    finish(Stages(n_seeds=2))
    assert re.search(r"\d/8 00:0\d", terminal.getvalue())
    assert terminal.getvalue().endswith("\r")
    assert len(capsys.readouterr().out.splitlines()) == 4
