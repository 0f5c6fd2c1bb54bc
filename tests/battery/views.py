"""A look at a store and at what a CRM holds. Read from outside; nothing of the daemon is asked."""

import html
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select, text

from syncd.clock import SystemClock
from syncd.store.content import load
from syncd.store.database import Database
from syncd.store.proof import prove
from syncd.store.schema import counters, history, inbox, leads, orders
from tests.battery.evidence import Crm, Made, Stored

_WORD = re.compile(r"[A-Za-z0-9_]+")
_INBOX = [inbox.c[name] for name in ("id", "source", "key", "state", "due_at", "lease", "lead_id", "merged", "problem",
                                     "repeats", "attempts")]  # fmt: skip


def stored(url: str) -> Stored:
    """The rows behind a database URL, in one view. A daemon may go on working."""
    database = Database(url, SystemClock())
    try:
        return stored_in(database)
    finally:
        database.close()


def stored_in(database: Database) -> Stored:
    database.compare_clocks()
    proof = prove(database)
    wrong = [f"{check.promise}: {check.what}: {', '.join(check.broken)}" for check in proof.checks if check.broken]
    if not proof.holds and not wrong:
        wrong = [f"received {proof.received}, but the classes are {proof.classes}"]
    with database.snapshot() as tx:
        if not database.sqlite:  # ten thousands of rows are read between two statements, by a busy machine
            tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))

        def rows(*what: Any) -> tuple[Mapping[str, Any], ...]:
            return tuple(dict(row) for row in tx.execute(select(*what)).mappings())

        received = tx.execute(select(func.sum(counters.c.n)).where(counters.c.name == "received")).scalar_one()
        return Stored(
            now=database.now_us(),
            received=int(received or 0),
            inbox=rows(*_INBOX),
            leads=tuple({**row, "fields": load(row["fields"])} for row in rows(leads)),
            orders=rows(*_without(orders, "payload")),
            events=tuple({**row, "detail": load(row["detail"])} for row in rows(history)),
            broken=tuple(wrong),
        )


def _without(table: Table, *names: str) -> list[Any]:
    return [column for column in table.c if column.name not in names]


def hubspot(state: Mapping[str, Any]) -> Crm:
    """From the fake's `/_fake/state`, or from `dump(fake.account)` in the same process."""

    def live(kind: str) -> Iterator[Mapping[str, Any]]:
        return (each for each in state["objects"][kind] if not each["archived"])

    def joined(each: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(each["associations"].get("contacts", {}))

    return Crm(
        records=tuple(_contact(each["id"], each["properties"]) for each in live("contacts")),
        tasks=tuple(
            Made(each["id"], each["properties"].get("syncd_mark") or "", records=joined(each)) for each in live("tasks")
        ),
        notes=tuple(
            Made(
                each["id"],
                each["properties"].get("syncd_mark") or "",
                records=joined(each),
                words=words(each["properties"].get("hs_note_body") or ""),
            )
            for each in live("notes")
        ),
    )


def addresses(value: Any) -> tuple[str, ...]:
    return (str(value).lower(),) if value else ()


def _contact(number: str, properties: Mapping[str, Any]) -> Made:
    listed = f"{properties.get('email') or ''};{properties.get('hs_additional_emails') or ''}".lower()
    count = properties.get("syncd_inquiries")
    return Made(
        number,
        properties.get("syncd_key") or "",
        people=tuple(address for address in listed.split(";") if address),
        inquiries=int(count) if count else None,
    )


def book(path: Path) -> Crm:
    """What a local book holds."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    with connection:
        contacts, tasks, notes = (
            connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - three names of ours
            for table in ("contacts", "tasks", "notes")
        )
    connection.close()
    return Crm(
        records=tuple(_entry(row) for row in contacts),
        tasks=tuple(Made(str(row["id"]), row["mark"], records=(str(row["contact"]),)) for row in tasks),
        notes=tuple(
            Made(str(row["id"]), row["mark"], records=(str(row["contact"]),), words=words(row["body"])) for row in notes
        ),
    )


def _entry(row: sqlite3.Row) -> Made:
    count = load(row["fields"]).get("inquiries")
    people = addresses(row["email"])
    return Made(str(row["id"]), row["mark"] or "", people=people, inquiries=int(count) if count else None)


def words(text: str) -> frozenset[str]:
    """What a driver's token is looked for among; tags of rich text part words, entities are read."""
    return frozenset(_WORD.findall(html.unescape(re.sub(r"<[^>]*>", " ", text))))
