"""A look at a store and at what a CRM holds. Read from outside; nothing of the daemon is asked."""

import html
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select, text

from connectors.sinks.salesforce.texts import marks_in
from connectors.sinks.sugar.wire import is_ours
from syncd.clock import SystemClock
from syncd.connector import mark_in
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


def salesforce(state: Mapping[str, Any]) -> Crm:
    """From the fake's `/_fake/state`: notes are tasks that are done."""

    def live(kind: str) -> Iterator[Mapping[str, Any]]:
        return (each for each in state["objects"][kind] if not each["IsDeleted"])

    def made(task: Mapping[str, Any]) -> Made:
        text = str(task.get("Description", ""))
        mark = task.get("Syncd_Mark__c") or next(iter(marks_in(text)), "")
        return Made(task["Id"], mark, records=(task["WhoId"],), words=words(text))

    people = [*live("Lead"), *live("Contact")]
    tasks = [(task["IsClosed"], made(task)) for task in live("Task")]
    return Crm(
        records=tuple(_person(each) for each in people),
        tasks=tuple(task for closed, task in tasks if not closed),
        notes=tuple(task for closed, task in tasks if closed),
    )


def streak(state: Mapping[str, Any]) -> Crm:
    """From the fake's `/_fake/state`. A box has our id in its field, or in its notes while it is new."""
    fields = {field["name"]: field["key"] for field in state["fields"]}

    def box(row: Mapping[str, Any]) -> Made:
        held = {name: row["fields"].get(key) for name, key in fields.items()}
        address, count = (held["Email"] or "").lower(), held["Inquiries"]
        people = (address,) if address else ()
        return Made(row["key"], held["syncd_key"] or mark_in(row["notes"]), people=people,
                    inquiries=int(count) if count else None)  # fmt: skip

    def made(row: Mapping[str, Any], text: str) -> Made:
        return Made(row["key"], mark_in(row[text]), records=(row["boxKey"],), words=words(row[text]))

    return Crm(
        records=tuple(box(row) for row in state["boxes"]),
        tasks=tuple(made(row, "text") for row in state["tasks"]),
        notes=tuple(made(row, "message") for row in state["comments"]),
    )


def sugar(state: Mapping[str, Any]) -> Crm:
    """From the fake's `/_fake/state`. A task or note has no mark but its id, which comes of its mark."""
    objects = state["objects"]

    def made(row: Mapping[str, Any]) -> Made:
        mark = row["id"] if is_ours(row["id"]) else ""
        records = (f"{row['parent_type']}/{row['parent_id']}",)
        return Made(row["id"], mark, records=records, words=words(row["description"]))

    def record(module: str, row: Mapping[str, Any]) -> Made:
        people = tuple(each["email_address"].lower() for each in row["email"])
        count = row["syncd_inquiries_c"]
        return Made(
            f"{module}/{row['id']}", row["syncd_key_c"], people=people, inquiries=int(count) if count else None
        )  # fmt: skip

    return Crm(
        records=tuple(record(module, row) for module in ("Leads", "Contacts") for row in objects[module]),
        tasks=tuple(made(row) for row in objects["Tasks"]),
        notes=tuple(made(row) for row in objects["Notes"]),
    )


def zoho(state: Mapping[str, Any]) -> Crm:
    """From the fake's `/_fake/state`. A note's mark ends its title; a task's ends its text where it has no field."""
    objects = state["objects"]

    def made(row: Mapping[str, Any], text: str, marked: str, *parents: str) -> Made:
        found = [row[name] for name in parents if row.get(name)]
        records = tuple(f"{each['module']['api_name']}/{each['id']}" for each in found)
        mark = row.get("Syncd_Mark") or str(row.get(marked) or "").rstrip().rpartition(" ")[2]
        return Made(row["id"], mark, records=records, words=words(str(row.get(text) or "")))

    return Crm(
        records=tuple(_known(module, row) for module in ("Leads", "Contacts") for row in objects[module]),
        tasks=tuple(made(row, "Description", "Description", "What_Id", "Who_Id") for row in objects["Tasks"]),
        notes=tuple(made(row, "Note_Content", "Note_Title", "Parent_Id") for row in objects["Notes"]),
    )


def dynamics(state: Mapping[str, Any]) -> Crm:
    """From the fake's `/_fake/state`. The mark of a task or note is the last line of its text."""
    rows, sets = state["rows"], {"lead": "leads", "contact": "contacts"}

    def made(row: Mapping[str, Any], key: str, text: str, about: str) -> Made:
        kind = row.get(f"{about}@Microsoft.Dynamics.CRM.lookuplogicalname")
        records = (f"{sets[kind]}/{row[about]}",) if kind in sets else ()
        return Made(row[key], mark_in(row[text]), records=records, words=words(str(row[text] or "")))

    def person(kind: str, row: Mapping[str, Any]) -> Made:
        address = str(row["emailaddress1"] or "").lower()
        people = (address,) if address else ()
        key, count = str(row.get("syncd_key") or ""), row.get("syncd_inquiries")
        return Made(f"{sets[kind]}/{row[f'{kind}id']}", key, people=people, inquiries=count)

    return Crm(
        records=tuple(person(kind, row) for kind in sets for row in rows[kind]),
        tasks=tuple(made(row, "activityid", "description", "_regardingobjectid_value") for row in rows["task"]),
        notes=tuple(made(row, "annotationid", "notetext", "_objectid_value") for row in rows["annotation"]),
    )


def _known(module: str, row: Mapping[str, Any]) -> Made:
    address, count = str(row.get("Email") or "").lower(), row.get("Syncd_Inquiries")
    people = (address,) if address else ()
    return Made(f"{module}/{row['id']}", str(row.get("Syncd_Key") or ""), people=people, inquiries=count)


def _person(values: Mapping[str, Any]) -> Made:
    count, address = values.get("Syncd_Inquiries__c"), str(values.get("Email", "")).lower()
    return Made(
        values["Id"],
        values.get("Syncd_Key__c", ""),
        people=(address,) if address else (),
        inquiries=None if count is None else int(count),
    )


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
    people = (row["email"].lower(),) if row["email"] else ()
    return Made(str(row["id"]), row["mark"] or "", people=people, inquiries=int(count) if count else None)


def words(text: str) -> frozenset[str]:
    """What a driver's token is looked for among; tags of rich text part words, entities are read."""
    return frozenset(_WORD.findall(html.unescape(re.sub(r"<[^>]*>", " ", text))))
