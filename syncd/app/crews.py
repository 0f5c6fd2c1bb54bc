"""The connectors and lines of one config, and the crew they make."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from syncd.app.addresses import lead_url, token_of
from syncd.app.lasting import Lasting
from syncd.app.loops import Loops
from syncd.clock import SystemClock
from syncd.config.entries import Chosen
from syncd.config.load import Loaded
from syncd.connector import PushSource, Tools
from syncd.errors import Refused
from syncd.http_client import HttpClient
from syncd.run.crew import Crew
from syncd.run.line import WORKERS, Line, LineOptions
from syncd.run.lookup import Lookup
from syncd.run.shadow import Shadow
from syncd.run.web import Slot
from syncd.store import trials


def crew_of(loaded: Loaded, lasting: Lasting) -> Crew:
    """Built and not started. Raises ConfigError, and then nothing of it is open."""
    crew = Crew(loaded.playbook)
    try:
        _man(crew, loaded, lasting)
    except BaseException:
        crew.close()
        raise
    return crew


def _man(crew: Crew, loaded: Loaded, lasting: Lasting) -> None:
    for name, chosen in loaded.sources.items():
        source = crew.sources[name] = _connector(name, chosen, loaded, lasting)
        if isinstance(source, PushSource):
            crew.slots[name] = Slot(source, token_of(chosen), _locked(chosen))
    for name in _record_first(loaded):
        crew.lines[name] = _line(name, loaded, lasting)
    for name, chosen in loaded.alerts.items():
        crew.alerts[name] = _connector(name, chosen, loaded, lasting)
    crew.lookup = Lookup(next(iter(crew.lines.values()), None))
    crew.loops.extend(Loops(crew, loaded, lasting).all())


def unplugged(name: str, chosen: Chosen, domains: Sequence[str] = ()) -> Any:
    """A connector that cannot reach any network: its HTTP client refuses every call."""
    http = HttpClient()
    http.gate = _refuse
    tools = Tools(name, SystemClock(), http, Path("data").absolute(), domains=domains)
    return chosen.plugin.make(chosen.options, tools)


def _connector(name: str, chosen: Chosen, loaded: Loaded, lasting: Lasting, http: HttpClient | None = None) -> Any:
    return chosen.plugin.make(chosen.options, _tools(name, http or HttpClient(), loaded, lasting))


def _tools(name: str, http: HttpClient, loaded: Loaded, lasting: Lasting) -> Tools:
    tags = (source.tag for source in loaded.playbook.sources.values() if source.tag)
    named = tuple(dict.fromkeys([*loaded.settings.lead_sources, *tags]))
    emits = {"lead_source": named} if named else {}
    domains = loaded.settings.company.domains
    return Tools(name, lasting.clock, http, lasting.data_dir, lead_url(loaded.settings.web), emits, domains)


def _line(name: str, loaded: Loaded, lasting: Lasting) -> Line:
    entry, http, store = loaded.settings.sinks[name], HttpClient(), lasting.store
    sink = _connector(name, loaded.sinks[name], loaded, lasting, http)
    suiting: int = getattr(sink, "workers", WORKERS)
    options = LineOptions(
        entry.patience, entry.reserve, entry.read_back, entry.give_up, entry.workers or suiting,
        entry.deleted == "again",
    )  # fmt: skip
    if entry.shadow:
        sink = Shadow(sink, partial(trials.note, store.database, name))
    line = Line(name, sink, store.sinks, lasting.clock, lasting.metrics, options, entry.calls_per_10s)
    http.gate = line.gate
    return line


def _refuse(_: object) -> None:
    raise Refused("a dry run makes no calls")


def _record_first(loaded: Loaded) -> list[str]:
    return sorted(loaded.sinks, key=lambda name: name != loaded.system_of_record)


def _locked(chosen: Chosen) -> bool:
    """Whether senders must prove who they are. A connector that does not say so takes posts from anybody."""
    return bool(token_of(chosen)) or not getattr(chosen.options, "unsigned", True)
