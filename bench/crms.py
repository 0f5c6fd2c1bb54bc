"""CRMs beside HubSpot: their fakes as processes, with the limits of the vendor on, and what their configs say."""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import closed_loop, post_body
from bench.places import CONNECTIONS, folder
from bench.world import TOKEN, Process, ask, daemon, prepare, tell

STAFF = "eva@example.com,tom@example.com"
PATIENCE = 900.0  # seconds
FEW = 40  # leads
MIDDLE = 0.2, 0.8  # of the records
ANSWERS = 0.1  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """What the vendor allows, and how long a backlog must be to show a steady pace: several of its windows."""

    per_second: float
    leads: int
    counted: str = ""  # only calls whose method and path hold this fall under it
    but: str = "no such call"  # and not those
    held: bool = False  # the CRM takes nothing until all is planned, so that a backlog arises at all


@dataclass(frozen=True, slots=True)
class Crm:
    fake: tuple[str, ...]  # module and options
    sink: str  # entry of the config, with <url>
    lone: bool = False  # takes one order a call: fewer leads will do
    limits: Limits | None = None  # by the second, as the fake counts them; None: none that a run could reach


CRMS: Mapping[str, Crm] = {
    "Close": Crm(
        ("tests.fakes.close", "--port", "0", "--users", STAFF, "--limits"),
        '{type: close, base_url: "<url>", api_key: api_key-canary-of-close, search_lag: 0}',
        lone=True,
        limits=Limits(20, leads=400),
    ),
    "Copper": Crm(
        ("tests.fakes.copper", "--port", "0", "--users", STAFF, "--limits", "--source", "Bench"),
        '{type: copper, base_url: "<url>", token: access-token-canary-of-copper, email: api@acme.example}',
        lone=True,
        limits=Limits(3, leads=100),
    ),
    "HubSpot": Crm(
        ("tests.fakes.hubspot", "--port", "0", "--owners", STAFF, "--token", TOKEN, "--limits"),
        f'{{type: hubspot, token: {TOKEN}, base_url: "<url>", search_lag: 0, company: no}}',
        limits=Limits(19, leads=20_000, but="/search", held=True),
    ),
    "Odoo": Crm(
        ("tests.fakes.odoo", "--port", "0", "--users", STAFF),
        '{type: odoo, url: "<url>", token: api-key-canary-of-odoo}',
        lone=True,
    ),
    "Pipedrive": Crm(
        ("tests.fakes.pipedrive", "--port", "0", "--users", STAFF, "--limits"),
        '{type: pipedrive, base_url: "<url>", token: token-canary-of-pipedrive, search_lag: 0}',
        lone=True,
        limits=Limits(5, leads=350, counted="/search"),
    ),
    "Salesforce": Crm(
        ("tests.fakes.salesforce", "--port", "0", "--users", STAFF, "--daily-limit", "100000"),
        '{type: salesforce, login_url: "<url>", '
        "client_credentials: {client_id: fake-consumer-key, client_secret: fake-consumer-secret}}",
    ),
    "Streak": Crm(
        ("tests.fakes.streak", "--port", "0", "--users", STAFF, "--limits"),
        '{type: streak, base_url: "<url>", api_key: api-key-canary-of-streak, pipeline: Sales, per_second: 20}',
        lone=True,
        limits=Limits(20, leads=250),
    ),
    "SugarCRM": Crm(
        ("tests.fakes.sugar", "--port", "0", "--users", STAFF),
        '{type: sugarcrm, url: "<url>", username: robot, password: fake-pass-word}',
    ),
    "SuiteCRM": Crm(
        ("tests.fakes.sugar", "--port", "0", "--users", STAFF),
        '{type: suitecrm, url: "<url>", client: {client_id: 3d55a713-fake-client, client_secret: fake-client-secret}}',
    ),
    "Dynamics 365": Crm(
        ("tests.fakes.dynamics", "--port", "0", "--users", STAFF, "--limits"),
        '{type: dynamics, url: "<url>", login_url: "<url>", tenant: fake-tenant, '
        "client_credentials: {client_id: fake-client-id, client_secret: fake-client-secret}}",
    ),
    "Zoho": Crm(
        ("tests.fakes.zoho", "--port", "0", "--owners", STAFF, "--limits"),
        '{type: zoho, accounts_url: "<url>", api_url: "<url>", read_lag: 0, oauth: {client_id: 1000.FAKECLIENT, '
        "client_secret: fake-secret, refresh_token: 1000.fakerefresh.token}}",
    ),
}


def backlog(name: str, count: int) -> dict[str, float]:
    """So many leads as fast as they can be posted: how fast they land, and how many calls that takes."""
    crm = CRMS[name]
    count = max(FEW, count // 20) if crm.lone else count
    with _running(name) as (where, url, port):
        before, started = _calls(url), time.perf_counter()
        _post_all(port, count)
        took = _landed(where, "task", count) - started
        _landed(where, "note", count)
        return {"leads/s": count / took, "calls per lead with note": (_calls(url) - before) / count}


def pace(name: str, limits: Limits) -> dict[str, float]:
    """A backlog into a CRM that answers after a tenth of a second: how much of what the vendor allows is used while the
    middle of the records comes in, when neither the calls that may go at once nor the last orders count any more.
    """
    with _running(name) as (where, url, port):
        if limits.held:
            tell(f"{url}/_fake/fault", {"kind": "too_many", "retry_after": 2, "count": None})
            _post_all(port, limits.leads)
            _planned(where)
            tell(f"{url}/_fake/fault", {"kind": "clear"})
        tell(f"{url}/_fake/fault", {"kind": "latency", "seconds": ANSWERS, "count": None, "committed": True})
        before, started = _calls(url), time.perf_counter()
        if not limits.held:
            _post_all(port, limits.leads)
        begun, ended = (_mark(where, url, limits, share) for share in MIDDLE)
        took = _landed(where, "task", limits.leads) - started
        _landed(where, "note", limits.leads)
        return {
            "% of the calls allowed": 100 * (ended.counted - begun.counted) / (ended.at - begun.at) / limits.per_second,
            "over seconds": ended.at - begun.at,
            "refused there": float(ended.refused - begun.refused),
            "leads/s": limits.leads / took,
            "calls per lead with note": (_calls(url) - before) / limits.leads,
        }


def alone(name: str, count: int) -> dict[str, float]:
    """One lead at a time into an idle daemon: milliseconds from its post to its task, made and noted, and calls."""
    with _running(name) as (where, url, port):
        _post(port, 10**6)
        _landed(where, "note", 1)
        before, times = _calls(url), []
        for number in range(count):
            started = time.perf_counter()
            _post(port, number)
            times.append(_landed(where, "task", number + 2) - started)
            _landed(where, "note", number + 2)
        return {
            "ms to task": statistics.median(times) * 1e3,
            "calls per lead with note": (_calls(url) - before) / count,
        }


@contextmanager
def _running(name: str) -> Iterator[tuple[Path, str, int]]:
    """The folder of a daemon, the address of the fake, the daemon's port."""
    crm = CRMS[name]
    with folder() as where, Process(list(crm.fake), where, r"listening (\S+)") as fake:
        url = fake.found.group(1)
        daemon(where, crm.sink.replace("<url>", url))
        prepare(where)
        with daemon(where, crm.sink.replace("<url>", url)) as running:
            yield where, url, int(running.found.group(1))


def _post(port: int, number: int) -> None:
    asyncio.run(closed_loop(port, "/in/hook", lambda _: post_body(number, "s"), 1, 1))


def _post_all(port: int, count: int) -> None:
    answers = asyncio.run(closed_loop(port, "/in/hook", lambda n: post_body(n, "s"), count, CONNECTIONS))
    assert not answers.refused


@dataclass(frozen=True, slots=True)
class _Mark:
    at: float  # time.perf_counter
    counted: int  # calls under the limit
    refused: int


def _mark(where: Path, url: str, limits: Limits, share: float) -> _Mark:
    """Once that share of the records is there."""
    at = _landed(where, "record", int(limits.leads * share))
    told = ask(f"{url}/_fake/calls")
    counted = (n for call, n in told["calls"].items() if limits.counted in call and limits.but not in call)
    return _Mark(at, sum(counted), told["answers"].get("429", 0))


def _calls(url: str) -> int:
    return sum(ask(f"{url}/_fake/calls")["calls"].values())


def _landed(where: Path, kind: str, count: int) -> float:
    """Until the store says that so many records, tasks or notes are made; when that was (time.perf_counter)."""
    done = "SELECT count(*) >= ? FROM orders WHERE kind = ? AND done > 0"
    return _until(where, done, (count, kind), pause=0.003 if count < 100 else 0.05)


def _planned(where: Path) -> float:
    """Until nothing waits to be planned."""
    return _until(where, "SELECT count(*) = 0 FROM inbox WHERE state = ?", ("waiting",), pause=0.2)


def _until(where: Path, holds: str, values: tuple[object, ...], pause: float) -> float:
    """Until this question to the store is answered with 1; when that was (time.perf_counter)."""
    end = time.perf_counter() + PATIENCE
    with closing(sqlite3.connect(where / "data" / "syncd.db", isolation_level=None)) as store:
        while time.perf_counter() < end:
            if store.execute(holds, values).fetchone()[0]:
                return time.perf_counter()
            time.sleep(pause)
    raise RuntimeError(f"waited {PATIENCE:.0f} s in vain: {holds}")
