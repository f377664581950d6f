"""The early warning, day by day: an independent reference for the models.

Written from the description of the system, not from its SQL. It loops over the days and events of
one enterprise, and is slow. Moments are naive local times. A day begins at 00:00, and its *end* is
00:00 of the next day.

`known_signals` gives the signals as known at a moment, `warnings` and `status` what follows from
them, and `AlertLog.day` the alerts of one day after another.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """A row of warning_rules; `role` None is any role, `active_days` is its column stands_days."""

    code: str
    event_type: str
    role: str | None
    metric: str
    window_days: int
    operator: str
    threshold: float
    level: str
    active_days: int = 0
    is_repairable: bool = True


@dataclass(frozen=True)
class Level:
    """A row of warning_levels."""

    name: str
    rank: int
    deadline_kind: str
    deadline_amount: int


@dataclass(frozen=True)
class Event:
    """A record of an event. `warning` is what a response names: a level, an alert id, or None."""

    event_id: str
    enterprise: str
    occurred: datetime
    recorded: datetime
    event_type: str
    role: str | None = None
    amount: Decimal | None = None
    ratio: float | None = None
    times: int = 1
    result: str | None = None
    note: str | None = None
    warning: str | None = None

    @property
    def day(self) -> date:
        return self.occurred.date()

    @property
    def month(self) -> int:
        """Calendar months since year 0."""
        return 12 * self.occurred.year + self.occurred.month


@dataclass(frozen=True)
class ActiveDay:
    """A day on which a rule meets its threshold and is not suppressed by a repair.

    It ends by repair if it would have ended later without the repair.
    """

    begins: datetime
    ends: datetime
    ends_by_repair: bool
    value: float
    evidence: frozenset[str]


@dataclass(frozen=True)
class Signal:
    """A period in which a rule is active."""

    rule: Rule
    triggered: datetime
    expires: datetime
    fired_on: date
    value_when_triggered: float
    largest_value: float
    evidence: frozenset[str]

    @property
    def was_active(self) -> bool:
        """False if the records arrived after the signal had expired."""
        return self.triggered < self.expires


@dataclass(frozen=True)
class Warning:
    """A period with an active signal of one level.

    `fired_on` and `evidence` are those of the signal triggered first (ties: by rule code).
    """

    episode: int
    level: str
    opened: datetime
    escalated: datetime | None
    expires: datetime
    closed: datetime | None
    rule_codes: tuple[str, ...]
    first_rule: str
    fired_on: date
    evidence: frozenset[str]
    due: datetime
    responded: datetime | None
    overdue: bool


@dataclass(frozen=True)
class Status:
    """Level of an enterprise at the end of a day; `level` is None without an active signal."""

    level: str | None
    since: datetime | None
    signals: int
    score: int
    rule_codes: tuple[str, ...]


def midnight(day: date) -> datetime:
    """00:00 of a day."""
    return datetime(day.year, day.month, day.day)


def end_of(day: date) -> datetime:
    """00:00 of the next day."""
    return midnight(day) + DAY


def counted(events: list[Event]) -> list[Event]:
    """Of the records of an event, the one recorded first counts."""
    first: dict[str, Event] = {}
    for event in events:
        if event.event_id not in first or event.recorded < first[event.event_id].recorded:
            first[event.event_id] = event
    return list(first.values())


def six_months_after(moment: datetime) -> datetime:
    """Six calendar months later, on the last day of a month that is too short."""
    year, month = (moment.year, moment.month + 6)
    if month > 12:
        year, month = year + 1, month - 12
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def of_type(events: list[Event], event_type: str) -> list[Event]:
    """Events of a type, in the order in which they occurred."""
    found = [event for event in events if event.event_type == event_type]
    return sorted(found, key=lambda event: (event.occurred, event.event_id))


def repairs(events: list[Event]) -> list[tuple[datetime, datetime]]:
    """Moments of the rectification and of the record of its decision, if passed and in time.

    A decision covers the applications since the one before; two of the same moment are ordered by
    their ids. An application is in time until six calendar months after the rectification.
    """
    applications = of_type(events, "repair_application")
    decisions = of_type(events, "repair_decision")
    rectified = sorted({event.occurred for event in of_type(events, "rectification_completed")})
    found = set()
    for moment, following in pairwise([*rectified, datetime.max]):
        for application in applications:
            if not moment <= application.occurred < following:
                continue
            if application.occurred > six_months_after(moment):
                continue
            after = [event for event in decisions if event.occurred >= application.occurred]
            if after and after[0].result == "passed":
                found.add((moment, after[0].recorded))
    return sorted(found)


def runs_of_months(events: list[Event]) -> list[list[int]]:
    """Months with an event, split into runs of consecutive months."""
    runs: list[list[int]] = []
    for month in sorted({event.month for event in events}):
        if runs and month == runs[-1][-1] + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return runs


def meets(rule: Rule, value: float) -> bool:
    """Whether a value of the metric meets the threshold of a rule."""
    if rule.operator == ">=":
        return value >= rule.threshold
    if rule.operator == ">":
        return value > rule.threshold
    raise ValueError(f"{rule.code}: operator {rule.operator!r} is none of '>', '>='")


def metric(
    rule: Rule, events: list[Event], capital: Decimal | None, day: date
) -> tuple[float, frozenset[str]]:
    """Value of the metric on a day, and the events behind it if it meets the threshold."""
    window = [
        event
        for event in events
        if event.event_type == rule.event_type
        and rule.role in (None, event.role)
        and 0 <= (day - event.day).days < rule.window_days
    ]
    if rule.metric == "count":
        return sum(event.times for event in window), ids(window)
    if rule.metric == "sum":
        value = float(sum((event.amount or Decimal(0) for event in window), Decimal(0)))
        return value, ids([event for event in window if event.amount and event.amount > 0])
    if rule.metric == "max_ratio":
        with_ratio = [event for event in window if event.ratio is not None]
        value = max((event.ratio for event in with_ratio), default=0.0)
        return value, ids([event for event in with_ratio if meets(rule, event.ratio)])
    if rule.metric == "max_share_of_capital":
        if capital is None:
            return 0.0, frozenset()
        flows: dict[date, Decimal] = defaultdict(Decimal)
        for event in window:
            flows[event.day] += event.amount or Decimal(0)
        shares = {on: float(flow) / float(capital) for on, flow in flows.items()}
        behind = [
            event
            for event in window
            if event.amount and event.amount > 0 and meets(rule, shares[event.day])
        ]
        return max(shares.values(), default=0.0), ids(behind)
    if rule.metric == "consecutive_periods":
        runs = runs_of_months(window)
        months = {month for run in runs if meets(rule, len(run)) for month in run}
        behind = [event for event in window if event.month in months]
        return max((len(run) for run in runs), default=0), ids(behind)
    raise ValueError(
        f"{rule.code}: metric {rule.metric!r} is none of count, sum, max_ratio, "
        "max_share_of_capital, consecutive_periods"
    )


def ids(events: list[Event]) -> frozenset[str]:
    """Ids of events."""
    return frozenset(event.event_id for event in events)


def active_day(
    rule: Rule,
    events: list[Event],
    repaired: list[tuple[datetime, datetime]],
    capital: Decimal | None,
    day: date,
) -> ActiveDay | None:
    """How long a rule is active due to a day; None if it does not fire or is repaired by then."""
    value, evidence = metric(rule, events, capital, day)
    if not evidence or not meets(rule, value):
        return None
    begins = midnight(day)
    ends = end_of(day) + rule.active_days * DAY
    if rule.is_repairable:
        last = max(event.occurred for event in events if event.event_id in evidence)
        decided = [recorded for rectified, recorded in repaired if rectified >= last]
        if decided and min(decided) <= begins:
            return None
        if decided and min(decided) < ends:
            return ActiveDay(begins, min(decided), True, value, evidence)
    return ActiveDay(begins, ends, False, value, evidence)


def signals(
    rule: Rule,
    events: list[Event],
    repaired: list[tuple[datetime, datetime]],
    capital: Decimal | None,
) -> list[Signal]:
    """All signals of a rule, also those never active, by counted events and `repairs` of them."""
    events = [event for event in events if event.event_type == rule.event_type]
    if not events:
        return []
    joined: list[list[ActiveDay]] = []
    day = min(event.day for event in events)
    last = max(event.day for event in events) + rule.window_days * DAY
    while day <= last:
        active = active_day(rule, events, repaired, capital, day)
        if active and joined and joins(joined[-1], active):
            joined[-1].append(active)
        elif active:
            joined.append([active])
        day += DAY
    found = []
    for days in joined:
        triggered, first = trigger(rule, events, repaired, capital, days)
        found.append(
            Signal(
                rule=rule,
                triggered=triggered,
                expires=max(active.ends for active in days),
                fired_on=first.begins.date(),
                value_when_triggered=first.value,
                largest_value=max(active.value for active in days),
                evidence=first.evidence,
            )
        )
    return found


def joins(days: list[ActiveDay], active: ActiveDay) -> bool:
    """Whether an active day belongs to the same signal as the active days before it."""
    return any(
        active.begins < before.ends or (active.begins == before.ends and not before.ends_by_repair)
        for before in days
    )


def trigger(
    rule: Rule,
    events: list[Event],
    repaired: list[tuple[datetime, datetime]],
    capital: Decimal | None,
    days: list[ActiveDay],
) -> tuple[datetime, ActiveDay]:
    """First moment of record at which a day of a signal is active; that day as known then."""
    for moment in sorted({event.recorded for event in events}):
        known = [event for event in events if event.recorded <= moment]
        for candidate in days:
            active = active_day(rule, known, repaired, capital, candidate.begins.date())
            if active:
                return moment, active
    raise AssertionError(f"{rule.code}: no records trigger the signal of {days[0].begins}")


def known_signals(
    rules: list[Rule], events: list[Event], capital: Decimal | None, end: datetime
) -> list[Signal]:
    """Signals of all rules by the records before a moment, without those never active."""
    known = counted([event for event in events if event.recorded < end])
    repaired = repairs(known)
    found = [signal for rule in rules for signal in signals(rule, known, repaired, capital)]
    return [signal for signal in found if signal.was_active]


def periods(found: list[Signal], levels: list[Level]) -> dict[int, list[tuple[datetime, datetime]]]:
    """Periods (opened, expires) with an active signal, by rank of the level; 0 is any level."""
    joined: dict[int, list[tuple[datetime, datetime]]] = {0: []}
    for level in levels:
        joined[level.rank] = []
    ranks = {level.name: level.rank for level in levels}
    for signal in sorted(found, key=lambda signal: (signal.triggered, signal.expires)):
        if not signal.was_active:
            continue
        for rank in (0, ranks[signal.rule.level]):
            before = joined[rank]
            if before and signal.triggered <= before[-1][1]:
                before[-1] = (before[-1][0], max(before[-1][1], signal.expires))
            else:
                before.append((signal.triggered, signal.expires))
    return joined


def is_working_day(day: date, calendar: Mapping[date, str]) -> bool:
    """By the calendar of holidays and working days, else Monday to Friday."""
    if day not in calendar:
        return day.weekday() < 5
    if calendar[day] not in ("holiday", "working_day"):
        raise ValueError(f"{day}: {calendar[day]!r} is none of holiday, working_day")
    return calendar[day] == "working_day"


def due_at(level: Level, opened: datetime, calendar: Mapping[date, str]) -> datetime:
    """Deadline of the response to a warning."""
    if level.deadline_kind == "hours":
        return opened + timedelta(hours=level.deadline_amount)
    if level.deadline_kind != "working_days":
        raise ValueError(f"{level.name}: {level.deadline_kind!r} is none of hours, working_days")
    day, passed = opened.date(), 0
    while passed < level.deadline_amount:
        day += DAY
        passed += is_working_day(day, calendar)
    return end_of(day)


def responds(
    event: Event,
    level: str,
    opened: datetime,
    expires: datetime,
    due: datetime,
    alerts: Mapping[str, tuple[str, datetime]],
) -> bool:
    """Whether a response is in time for a warning, and names it, its level or none."""
    if event.occurred < opened or (event.occurred >= expires and event.occurred > due):
        return False
    if event.warning in (None, level):
        return True
    if event.warning not in alerts:
        return False
    alert_level, alert_opened = alerts[event.warning]
    return alert_level == level and opened <= alert_opened <= expires


def warnings(
    found: list[Signal],
    levels: list[Level],
    events: list[Event],
    end: datetime,
    calendar: Mapping[date, str],
    alerts: Mapping[str, tuple[str, datetime]],
) -> list[Warning]:
    """Warnings as known at the end of a day, in the order of levels and moments.

    Args:
        found: Signals by the records before `end` (`known_signals`).
        levels: All levels.
        events: Records of all events; the responses among them are used.
        end: 00:00 of the day after the day asked for.
        calendar: Holidays and working days; other days by their weekday.
        alerts: Level and moment of opening of every logged alert, by its id.
    """
    joined = periods(found, levels)
    known = counted([event for event in events if event.recorded < end])
    result = []
    for level in sorted(levels, key=lambda level: level.rank):
        for opened, expires in joined[level.rank]:
            mine = sorted(
                (
                    signal
                    for signal in found
                    if signal.rule.level == level.name and opened <= signal.triggered <= expires
                ),
                key=lambda signal: (signal.triggered, signal.rule.code),
            )
            higher = [
                moment
                for above in levels
                if above.rank > level.rank
                for moment, _ in joined[above.rank]
                if opened < moment <= expires
            ]
            (episode,) = [
                number
                for number, (first, last) in enumerate(joined[0], start=1)
                if first <= opened <= last
            ]
            due = due_at(level, opened, calendar)
            responded = min(
                (
                    event.occurred
                    for event in of_type(known, "response_taken")
                    if responds(event, level.name, opened, expires, due, alerts)
                ),
                default=None,
            )
            result.append(
                Warning(
                    episode=episode,
                    level=level.name,
                    opened=opened,
                    escalated=min(higher, default=None),
                    expires=expires,
                    closed=expires if expires < end else None,
                    rule_codes=tuple(sorted({signal.rule.code for signal in mine})),
                    first_rule=mine[0].rule.code,
                    fired_on=mine[0].fired_on,
                    evidence=mine[0].evidence,
                    due=due,
                    responded=responded,
                    overdue=(responded or end) > due,
                )
            )
    return result


def status(found: list[Signal], levels: list[Level], end: datetime) -> Status:
    """Status at the end of a day, by the signals known then (`known_signals`)."""
    ranks = {level.name: level.rank for level in levels}
    names = {level.rank: level.name for level in levels}
    active = [signal for signal in found if signal.triggered < end <= signal.expires]
    rank = max((ranks[signal.rule.level] for signal in active), default=0)
    joined = periods(found, levels)
    changes = [
        expires for level in levels if level.rank > rank for _, expires in joined[level.rank]
    ]
    if rank > 0:
        changes += [opened for opened, expires in joined[rank] if opened < end <= expires]
    return Status(
        level=names.get(rank),
        since=max(changes, default=None),
        signals=len(active),
        score=sum(ranks[signal.rule.level] for signal in active),
        rule_codes=tuple(sorted({signal.rule.code for signal in active})),
    )


def name_alert(level: str, opened: datetime) -> str:
    """Id of an alert, if the system under test has none of its own."""
    return f"{level} {opened:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True)
class Entry:
    """An entry of the alert log. Only `opened` has rule codes and evidence, as known then.

    `kind` is opened, answered, overdue or closed; `at` is the moment of the opening, the response,
    the deadline or the closure. `due` is the deadline as logged when the alert was opened.
    """

    as_of: date
    kind: str
    alert: str
    level: str
    opened: datetime
    due: datetime
    at: datetime
    rule_codes: tuple[str, ...] = ()
    evidence: frozenset[str] = frozenset()


@dataclass
class AlertLog:
    """Append-only log of the alerts of one enterprise: what was known, due and answered when."""

    rules: list[Rule]
    levels: list[Level]
    capital: Decimal | None
    calendar: Mapping[date, str]
    alert_id: Callable[[str, datetime], str] = name_alert
    entries: list[Entry] = field(default_factory=list)
    last_end: datetime | None = None

    @property
    def alerts(self) -> dict[str, tuple[str, datetime]]:
        """Level and opening of every alert, by its id."""
        return {alert.alert: (alert.level, alert.opened) for alert in self.opened()}

    def opened(self) -> list[Entry]:
        """The entries that opened an alert."""
        return [entry for entry in self.entries if entry.kind == "opened"]

    def day(self, as_of: date, events: list[Event]) -> list[Entry]:
        """Append the entries of a day and return them.

        Args:
            as_of: A day after those of the calls before; days may be skipped.
            events: All records so far; those recorded after the day are ignored.
        """
        end = end_of(as_of)
        if self.last_end is not None and end <= self.last_end:
            raise ValueError(f"{as_of} is not after the last day of the log")
        n_before = len(self.entries)
        found = known_signals(self.rules, events, self.capital, end)
        known = warnings(found, self.levels, events, end, self.calendar, self.alerts)
        for warning in known:
            is_new = self.last_end is not None and warning.opened >= self.last_end
            if self.alerts_of(warning) or not (warning.expires >= end or is_new):
                continue
            self.entries.append(
                Entry(
                    as_of=as_of,
                    kind="opened",
                    alert=self.alert_id(warning.level, warning.opened),
                    level=warning.level,
                    opened=warning.opened,
                    due=warning.due,
                    at=warning.opened,
                    rule_codes=warning.rule_codes,
                    evidence=warning.evidence,
                )
            )
        responses = of_type(
            counted([event for event in events if event.recorded < end]), "response_taken"
        )
        for warning in known:
            for alert in self.alerts_of(warning):
                # A late record may have moved the opening of the warning before its alert.
                responded = min(
                    (
                        event.occurred
                        for event in responses
                        if event.occurred >= alert.opened
                        and responds(
                            event,
                            warning.level,
                            warning.opened,
                            warning.expires,
                            alert.due,
                            self.alerts,
                        )
                    ),
                    default=None,
                )
                in_time = responded is not None and responded <= alert.due
                if responded is not None:
                    self.append_once(alert, as_of, "answered", responded)
                if alert.due < end and not in_time:
                    self.append_once(alert, as_of, "overdue", alert.due)
                if warning.closed is not None:
                    self.append_once(alert, as_of, "closed", warning.closed)
        for alert in self.opened():
            kinds = {entry.kind for entry in self.entries if entry.alert == alert.alert}
            if not kinds & {"closed", "withdrawn"} and not any(
                alert in self.alerts_of(warning) for warning in known
            ):
                self.append_once(alert, as_of, "withdrawn", end)
        self.last_end = end
        return self.entries[n_before:]

    def alerts_of(self, warning: Warning) -> list[Entry]:
        """Logged alerts of a warning that were not withdrawn; several if it has merged."""
        withdrawn = {entry.alert for entry in self.entries if entry.kind == "withdrawn"}
        return [
            alert
            for alert in self.opened()
            if alert.level == warning.level
            and warning.opened <= alert.opened <= warning.expires
            and alert.alert not in withdrawn
        ]

    def append_once(self, alert: Entry, as_of: date, kind: str, at: datetime) -> None:
        """Append an entry about an alert, unless it has one of this kind."""
        if any(entry.alert == alert.alert and entry.kind == kind for entry in self.entries):
            return
        self.entries.append(
            Entry(as_of, kind, alert.alert, alert.level, alert.opened, alert.due, at)
        )


LEVELS = [
    Level("yellow", 1, "working_days", 1),
    Level("orange", 2, "working_days", 3),
    Level("red", 3, "hours", 24),
]

#: Rules for random streams: all metrics and operators, thresholds of 1, 2 and 3.
RULES = [
    Rule("opinion", "negative_opinion", None, "count", 4, ">=", 3, "yellow", 2, False),
    Rule("opinions", "negative_opinion", None, "count", 9, ">=", 2, "orange", 0, True),
    Rule("suit", "lawsuit", "defendant", "count", 15, ">=", 1, "orange", 0, True),
    Rule("suits", "lawsuit", None, "count", 12, ">", 2, "red", 1, True),
    Rule("sum", "lawsuit", None, "sum", 5, ">", 60, "orange", 6, True),
    Rule("ratio", "tax_underpayment", None, "max_ratio", 6, ">", 0.1, "yellow", 0, True),
    Rule("flow", "capital_flow", None, "max_share_of_capital", 1, ">", 0.5, "red", 3, False),
    Rule("flows", "capital_flow", None, "max_share_of_capital", 4, ">=", 0.6, "red", 0, True),
    Rule("unpaid_1", "tax_overdue", None, "consecutive_periods", 40, ">=", 1, "yellow", 0, True),
    Rule("unpaid_2", "tax_overdue", None, "consecutive_periods", 100, ">=", 2, "orange", 0, True),
    Rule("unpaid_3", "tax_overdue", None, "consecutive_periods", 130, ">", 2, "red", 3, True),
    Rule("breach", "breach_execution", None, "count", 30, ">=", 1, "red", 0, True),
]

TYPES = (
    *["negative_opinion"] * 4,
    *["lawsuit"] * 5,
    *["capital_flow"] * 3,
    *["tax_overdue"] * 4,
    *["tax_underpayment"] * 2,
    "breach_execution",
)


def random_stream(
    rng: np.random.Generator,
    first: date,
    *,
    enterprise: str = "enterprise",
    n_days: int = 90,
    n_events: int = 18,
    n_repairs: int = 2,
    n_responses: int = 4,
    alert_id: Callable[[str, datetime], str] = name_alert,
) -> list[Event]:
    """Draw the records of one enterprise in the order in which they arrive.

    Some are recorded late, repeated, or contradict an earlier record of the same event; no two
    records of an event are recorded at the same moment unless they are identical. Around
    rectifications there are events of the same day, before, at and after the moment. Responses name
    no warning, a level, or an alert that a record may have opened.

    Args:
        rng: Source of the draws.
        first: First day on which an event may occur.
        enterprise: Id of the enterprise; also the prefix of the ids of its events.
        n_days: Number of days on which events occur; repairs may end months later.
        n_events: Number of events beside repairs and responses.
        n_repairs: Number of rectifications, each with applications and decisions or without.
        n_responses: Number of responses.
        alert_id: Id of the alert of a level that opened at a moment.
    """
    draw = _Draw(rng, enterprise, first, n_days)
    events = [draw.event(draw.moment()) for _ in range(n_events)]
    for _ in range(n_repairs):
        events += draw.repair()
    monitored = [event for event in events if event.event_type in TYPES]
    events += [draw.response(monitored, alert_id) for _ in range(n_responses)]
    for event in list(events):
        if rng.random() < 0.1:
            events.append(event)
        if rng.random() < 0.1:
            # 37 s are in no other record of the event, so neither wins by a tie.
            delay = timedelta(seconds=37, hours=int(rng.integers(-60, 60)))
            recorded = max(event.recorded + delay, event.occurred + timedelta(seconds=37))
            events.append(draw.contradiction(event, recorded))
    return sorted(events, key=lambda event: event.recorded)


@dataclass
class _Draw:
    """Draws of single records."""

    rng: np.random.Generator
    enterprise: str
    first: date
    n_days: int
    n_drawn: int = 0

    def pick(self, values):
        return values[int(self.rng.integers(len(values)))]

    def moment(self) -> datetime:
        """A moment of a random day; often the same times of day, so that moments coincide."""
        minutes = self.pick([0, 9 * 60, 17 * 60, int(self.rng.integers(24 * 60))])
        day = midnight(self.first) + int(self.rng.integers(self.n_days)) * DAY
        return day + timedelta(minutes=minutes)

    def record(self, event_type: str, occurred: datetime, **values) -> Event:
        """An event that is recorded at once, within hours, or days late."""
        late = self.pick([0, 0, 0, 60, 5 * 60, int(self.rng.integers(24 * 60 * 20))])
        self.n_drawn += 1
        return Event(
            event_id=f"{self.enterprise}-{self.n_drawn}",
            enterprise=self.enterprise,
            occurred=occurred,
            recorded=occurred + timedelta(minutes=late),
            event_type=event_type,
            **values,
        )

    def event(self, occurred: datetime) -> Event:
        event_type = self.pick(TYPES)
        return self.record(event_type, occurred, **self.values(event_type))

    def values(self, event_type: str) -> dict:
        """Random contents of an event, below, at and above the thresholds of RULES."""
        if event_type == "lawsuit":
            amount = self.pick([None, Decimal(0), Decimal(int(self.rng.integers(1, 90)))])
            return {"role": self.pick(["defendant", "defendant", "plaintiff"]), "amount": amount}
        if event_type == "capital_flow":
            return {"amount": Decimal(self.pick([0, 10, 50, 60, int(self.rng.integers(90))]))}
        if event_type == "tax_underpayment":
            return {"ratio": self.pick([0.05, 0.1, 0.11, 0.3])}
        if event_type == "negative_opinion":
            return {"times": self.pick([1, 1, 1, 2, 3])}
        if event_type in ("tax_overdue", "breach_execution"):
            return {}
        if event_type == "repair_decision":
            return {"result": self.pick(["passed", "passed", "refused"])}
        raise ValueError(f"No contents are drawn for the event type {event_type!r}")

    def repair(self) -> list[Event]:
        """A rectification with its neighbours, applications and decisions."""
        rectified = self.moment()
        repeats = self.pick([1, 1, 1, 2])
        found = [self.record("rectification_completed", rectified) for _ in range(repeats)]
        for minutes in (-480, -1, 0, 1, 480):
            if self.rng.random() < 0.4:
                found.append(self.event(rectified + timedelta(minutes=minutes)))
        limit = six_months_after(rectified)
        applied = self.pick(
            [rectified, *[rectified + timedelta(hours=int(self.rng.integers(240)))] * 8, limit]
        )
        applied += timedelta(minutes=int(self.pick([0, 0, 1])))
        for _ in range(self.pick([0, 1, 1, 1, 2])):
            found.append(self.record("repair_application", applied))
            if self.rng.random() < 0.85:
                # Seconds of their own: no two decisions occur at the same moment.
                gap = timedelta(hours=int(self.rng.integers(200)), seconds=1 + self.n_drawn % 59)
                values = self.values("repair_decision")
                found.append(self.record("repair_decision", applied + gap, **values))
                applied += gap
            applied += timedelta(hours=int(self.rng.integers(100)))
        return found

    def response(self, monitored: list[Event], alert_id: Callable[[str, datetime], str]) -> Event:
        """A response at a random moment or soon after a record; its warning may not exist."""
        event = self.pick(monitored)
        opened = event.recorded
        occurred = self.pick([self.moment(), opened, opened + timedelta(hours=20), opened + DAY])
        level = self.pick([rule.level for rule in RULES if rule.event_type == event.event_type])
        alert = alert_id(level, opened)
        named = self.pick([None, None, level, alert, alert, self.pick(LEVELS).name])
        return self.record("response_taken", occurred, warning=named)

    def contradiction(self, event: Event, recorded: datetime) -> Event:
        """Another record of the same event, with other contents or from an earlier moment."""
        occurred = event.occurred - self.pick([timedelta(minutes=3), DAY, 4 * DAY])
        values = {}
        if event.event_type not in (
            "rectification_completed",
            "repair_application",
            "response_taken",
        ):
            values = self.values(event.event_type)
        return Event(
            event_id=event.event_id,
            enterprise=event.enterprise,
            occurred=occurred,
            recorded=recorded,
            event_type=event.event_type,
            **values,
        )


def days_of(events: list[Event]) -> Iterator[date]:
    """All days from the first to the last record."""
    day = min(event.recorded for event in events).date()
    last = max(event.recorded for event in events).date()
    while day <= last:
        yield day
        day += DAY
