"""Since when each source brings nothing, and from when on that is a trouble: a dead-man switch for every door."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.core.playbook import Playbook, SourcePlan
from syncd.core.silence import WEEK_HOURS, WEEKS, Limit, Pace, learn, limit
from syncd.core.worktime import WorkCalendar
from syncd.store import arrivals, listening
from syncd.store.database import Database

HOURS = (WEEKS + 1) * WEEK_HOURS


@dataclass(frozen=True, slots=True)
class Silence:
    """Of one source, as it was looked at last."""

    since: datetime  # aware, UTC: the last arrival, or the begin of our listening where that is later
    last: datetime | None  # the last arrival; None: never any
    pace: Pace | None  # None while there is too little to learn from
    limit: Limit | None  # None: silence is no trouble here, or nothing can be said yet

    def silent(self, now: datetime) -> bool:
        return self.limit is not None and now >= self.limit.at

    def reason(self, now: datetime) -> str:
        """In words, for who is to look after it."""
        last = f"the last came at {self.last:%Y-%m-%d %H:%M} UTC" if self.last else "nothing has ever come"
        said = ", less than the config expects" if self.limit and self.limit.by == "expect" else ""
        usual = f", usual are {rate_in_words(self.pace.per_week)}" if self.pace else ""
        return f"nothing for {span_in_words(now - self.since)}{said}{usual}; {last}"


class Silences:
    """Looks at every source of the config; what is learned of one holds until something comes again."""

    def __init__(self, database: Database, playbook: Callable[[], Playbook]) -> None:
        self.database, self.playbook = database, playbook
        self._known: dict[str, tuple[tuple[object, ...], Silence]] = {}
        self._silent: list[str] | None = None  # None: not looked yet

    def look(self, *, listens: bool = False) -> Mapping[str, Silence]:
        """`listens`: a daemon takes in what comes, and says so for all that look later."""
        book = self.playbook()
        heard = listening.note(self.database, book.sources, self._silent) if listens else listening.read(self.database)
        looked = {name: self._silence(plan, book.calendar, heard.get(name)) for name, plan in book.sources.items()}
        found = {name: silence for name, silence in looked.items() if silence}
        self._known = {name: known for name, known in self._known.items() if name in found}
        self._silent = [name for name, silence in found.items() if silence.silent(self.database.now())]
        return found

    def _silence(self, plan: SourcePlan, calendar: WorkCalendar, heard: datetime | None) -> Silence | None:
        """None before anything has come and anybody has listened."""
        came = arrivals.read(self.database, plan.name, HOURS)
        times = [at for at in (came.last if came else None, heard) if at]
        if not times:
            return None
        since, last = max(times), came.last if came else None
        grounds = (since, last, plan.expected, plan.learned, id(calendar))
        if plan.name not in self._known or self._known[plan.name][0] != grounds:
            pace = learn(came.by_hour, calendar) if came else None
            judged = limit(pace if plan.learned else None, plan.expected, calendar, since)
            self._known[plan.name] = grounds, Silence(since, last, pace, judged)
        return self._known[plan.name][1]


def rate_in_words(per_week: float) -> str:
    size, word = next((each for each in _SPANS if per_week >= each[0]), _SPANS[-1])
    return f"{per_week / size:.{0 if per_week >= 10 * size else 1}f} per {word}"


_SPANS = ((7.0 * 24, "hour"), (7.0, "day"), (1.0, "week"))


def span_in_words(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} hours" if hours >= 2 else f"{hours * 60:.0f} min"
