"""What is measured: one function per row of the table, each giving a figure from one run."""

import asyncio
import re
import shutil
import statistics
import time
import urllib.request
from pathlib import Path

from bench.load import closed_loop, open_loop, post_body
from bench.places import CONNECTIONS, folder
from bench.world import ask, daemon, hubspot, hubspot_sink, prepare, wait_for

LOCAL = "{type: local}"
SOON = 0.003
"""Seconds between two looks where milliseconds are counted."""


def accepts(count: int) -> dict[str, float]:
    """Durable accepts a second over 32 connections, intake alone, SQLite with synchronous=FULL."""
    with folder() as where, daemon(where, LOCAL, alone=True) as running:
        port, cpu = int(running.found.group(1)), running.cpu_seconds()
        answers = asyncio.run(closed_loop(port, "/in/hook", lambda n: post_body(n, "a"), count, CONNECTIONS))
        assert not answers.refused
        return {"accepts/s": answers.per_second, "CPU us each": (running.cpu_seconds() - cpu) / count * 1e6}


def acknowledgement(count: int, rate: float = 500) -> dict[str, float]:
    """Ack at so many posts a second (open loop) while everything else works too, local sink."""
    with folder() as where, daemon(where, LOCAL) as running:
        port = int(running.found.group(1))
        answers = asyncio.run(open_loop(port, "/in/hook", lambda n: post_body(n, "b"), count, rate))
        assert not answers.refused
        return {"p50 ms": answers.percentile(0.5) * 1e3, "p99 ms": answers.percentile(0.99) * 1e3}


def acknowledgements(seconds: float, rates: tuple[int, ...]) -> dict[str, list[float]]:
    """p50 and p99 of the ack in milliseconds at each rate of posts a second, for the plot."""
    found = [acknowledgement(int(rate * seconds), rate) for rate in rates]
    return {name: [each[name] for each in found] for name in ("p50 ms", "p99 ms")}


def end_to_end(count: int, *options: str, company: bool = False, beside: Path | None = None) -> dict[str, float]:
    """Leads a second from the first post to the last record, task and note in the fake HubSpot."""
    with folder() as where, hubspot(where, *options) as crm:
        if beside:
            (where / "data").mkdir(mode=0o700)
            shutil.copy(beside, where / "data" / "syncd.db")
        url = crm.found.group(1)
        sink = hubspot_sink(url, "" if company else ", company: no")
        daemon(where, sink)
        prepare(where)
        calls_before = sum(ask(f"{url}/_fake/calls")["calls"].values())
        with daemon(where, sink) as running:
            port, cpu = int(running.found.group(1)), running.cpu_seconds()
            started = time.perf_counter()
            answers = asyncio.run(closed_loop(port, "/in/hook", lambda n: post_body(n, "c"), count, CONNECTIONS))
            assert not answers.refused
            done = wait_for(url, {"contacts": count, "tasks": count})
            tasks_took = done - started
            wait_for(url, {"notes": count})
            cpu, memory = running.cpu_seconds() - cpu, running.memory_mib()
        calls = ask(f"{url}/_fake/calls")["calls"]
        notes = sum(n for name, n in calls.items() if "notes" in name)
        total = sum(calls.values()) - calls_before
    return {
        "leads/s": count / tasks_took,
        "calls per lead": (total - notes) / count,
        "calls per lead with note": total / count,
        "CPU s per 100k": cpu / count * 1e5,
        "MiB": memory,
    }


def lone_lead(count: int) -> dict[str, float]:
    """One lead at a time into an idle daemon: milliseconds from post to task, of them in calls, and how many calls."""
    with folder() as where, hubspot(where) as crm:
        url = crm.found.group(1)
        sink = hubspot_sink(url, ", company: no")
        daemon(where, sink)
        prepare(where)
        with daemon(where, sink) as running:
            port, times = int(running.found.group(1)), []
            asyncio.run(closed_loop(port, "/in/hook", lambda _: post_body(10**6, "warm"), 1, 1))
            wait_for(url, {"notes": 1})
            before, waited = sum(ask(f"{url}/_fake/calls")["calls"].values()), _in_calls(port)
            for number in range(count):
                started = time.perf_counter()
                asyncio.run(closed_loop(port, "/in/hook", lambda _, n=number: post_body(n, "d"), 1, 1))  # type: ignore[misc]
                times.append(wait_for(url, {"tasks": number + 2}, pause=SOON) - started)
                wait_for(url, {"notes": number + 2}, pause=SOON)
            calls = sum(ask(f"{url}/_fake/calls")["calls"].values()) - before
            within = (_in_calls(port) - waited) / count
    return {
        "ms to task": statistics.median(times) * 1e3,
        "of them in calls": within * 1e3,
        "calls per lead with note": calls / count,
    }


def _in_calls(port: int) -> float:
    """Seconds that the daemon has spent so far in the calls before a task: who is known, the record, the task."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        told = re.findall(
            r'^syncd_call_seconds_sum\{call="(?:find|records|tasks)".*\} (\S+)$', answer.read().decode(), re.MULTILINE
        )
    return sum(map(float, told))
