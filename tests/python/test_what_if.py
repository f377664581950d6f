"""Other thresholds of a rule, beside systems that have these thresholds."""

from dataclasses import replace

import numpy as np
import pytest
from early_warning_oracle import RULES, end_of, random_stream
from early_warning_system import AS_OF, FIRST, System

from credit_indices.early_warning.state_file import StateError
from credit_indices.early_warning.what_if import what_if


def periods(system, level_rank):
    return {
        (key, opened, expires)
        for key, opened, expires in system.query(
            "select enterprise_key, opened_at, expires_at from early_warning.periods "
            f"join early_warning.enterprises using (en) where level_rank = {level_rank}"
        )
    }


def overlapping(one, others):
    key, opened, expires = one
    return [o for o in others if o[0] == key and o[1] <= expires and opened <= o[2]]


@pytest.fixture(scope="module")
def streams():
    rng = np.random.default_rng(7)
    names = [f"e{number:03d}" for number in range(80)]
    found = {name: random_stream(rng, FIRST, enterprise=name) for name in names}
    return {
        name: [e for e in stream if e.recorded < end_of(AS_OF[-2])]
        for name, stream in found.items()
    }


def loaded(folder, streams, rules):
    folder.mkdir()
    system = System(folder, streams, rules=rules)
    system.load([event for stream in streams.values() for event in stream], AS_OF[-2])
    return system


@pytest.mark.parametrize(
    ("code", "rank", "thresholds"), [("suit", 2, [1, 2, 3]), ("unpaid_2", 2, [1, 2, 3])]
)
def test_thresholds_give_the_alerts_of_a_system_with_them(
    tmp_path, streams, code, rank, thresholds
):
    live = loaded(tmp_path / "live", streams, RULES)
    of_live = periods(live, rank)
    live.connection.close()
    first, *found = what_if(live.file, code, thresholds)
    assert (first.threshold, first.alerts) == (None, len(of_live))
    changes = set()
    for scenario, threshold in zip(found, thresholds, strict=True):
        rules = [replace(r, threshold=threshold) if r.code == code else r for r in RULES]
        other = periods(loaded(tmp_path / f"{threshold}", streams, rules), rank)
        assert scenario.threshold == threshold
        assert scenario.alerts == len(other)
        assert scenario.enterprises == len({key for key, *_ in other})
        assert scenario.gained == sum(not overlapping(alert, of_live) for alert in other)
        assert scenario.lost == sum(not overlapping(alert, other) for alert in of_live)
        firsts = [
            (alert[1], min(live[1] for live in overlapping(alert, of_live)))
            for alert in other
            if overlapping(alert, of_live)
        ]
        assert scenario.earlier == sum(now < before for now, before in firsts)
        assert scenario.later == sum(now > before for now, before in firsts)
        changes.add((scenario.gained, scenario.lost, scenario.later))
    assert len(changes) > 1


def test_unknown_rules_and_thresholds_are_named(tmp_path, streams):
    with pytest.raises(StateError, match=r"does not exist. Load events first: make day"):
        what_if(tmp_path / "none.duckdb", "suit", [1])
    system = loaded(tmp_path / "live", streams, RULES)
    system.connection.close()
    with pytest.raises(StateError, match=r"'suitt' is no rule of .* The rules are breach, flow"):
        what_if(system.file, "suitt", [1])
    with pytest.raises(StateError, match="The threshold 0 is not above 0"):
        what_if(system.file, "suit", [1, 0])
