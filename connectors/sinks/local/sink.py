"""The local book as a sink: the same promises as any CRM's, kept in one file beside the store."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from connectors.sinks.local.book import Book, tick
from syncd.connector import (
    Anybody,
    ConnectorOptions,
    Done,
    Field,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    RecordOrder,
    Ref,
    Refusal,
    Refused,
    Signal,
    SignalKind,
    SignalPage,
    TaskOrder,
    Tools,
    check_refs,
)


class LocalOptions(ConnectorOptions):
    file: str = Field("", description="the book's file; empty: <name of the sink>.book.db beside the store")
    owners: tuple[str, ...] = Field(
        (), description="e-mail addresses of those who can own records; empty: anybody of the roster"
    )


class Local:
    batch = 100

    def __init__(self, options: LocalOptions, tools: Tools) -> None:
        self.options, self.tools = options, tools
        self.book = Book(Path(options.file) if options.file else tools.data_dir / f"{tools.name}.book.db")

    def find(self, leads: Sequence[LeadKeys]) -> Sequence[Known | None]:
        found = []
        for keys in leads:
            row = self._contact(keys)
            found.append(_known(row) if row else None)
        return found

    def _contact(self, keys: LeadKeys) -> sqlite3.Row | None:
        """By reference, then by any of the addresses, then by our own key."""
        wanted = [("id", keys.ref.id)] if keys.ref else []
        wanted += [("email", email) for email in keys.emails] + [("mark", keys.lead)]
        for column, value in wanted:
            rows = self.book.rows(_BY[column], (value,))
            if rows:
                return rows[0]
        return None

    def upsert(self, orders: Sequence[RecordOrder]) -> Sequence[Outcome]:
        return [self._upsert(order) for order in orders]

    def _upsert(self, order: RecordOrder) -> Outcome:
        there = self._contact(order.keys)
        fields = {**(json.loads(there["fields"]) if there else {}), **order.fields}
        owner = order.owner.id if order.owner else there["owner"] if there else ""
        email = fields.get("email") or None
        values = (order.keys.lead, email, json.dumps(fields, ensure_ascii=False), owner)
        try:
            with self.book.transaction() as tx:
                if there:
                    tx.execute(
                        "UPDATE contacts SET mark = coalesce(mark, ?), email = ?, fields = ?, owner = ?, "
                        "changed = ? WHERE id = ?", (*values, tick(tx), there["id"]),
                    )  # fmt: skip
                    return Done(_ref("contact", there["id"]), created=False)
                made = tx.execute(
                    "INSERT INTO contacts (mark, email, fields, owner, created_at, changed) VALUES (?, ?, ?, ?, ?, ?)",
                    (*values, self._now(), tick(tx)),
                ).lastrowid
        except sqlite3.IntegrityError:
            return Refusal("local: another contact has this e-mail address", ("email",))
        return Done(_ref("contact", made))

    def add_tasks(self, orders: Sequence[TaskOrder]) -> Sequence[Outcome]:
        return [self._add_task(order) for order in orders]

    def _add_task(self, order: TaskOrder) -> Outcome:
        with self.book.transaction() as tx:
            known = order.ref.id if order.ref else None
            there = tx.execute("SELECT id FROM tasks WHERE id = ? OR mark = ?", (known, order.mark)).fetchone()
            values = (
                order.subject, order.body, order.due_at.astimezone(UTC).isoformat(),
                order.owner.id if order.owner else "", order.kind, order.priority, tick(tx),
            )  # fmt: skip
            if there:
                tx.execute(
                    "UPDATE tasks SET subject = ?, body = ?, due_at = ?, owner = ?, kind = ?, priority = ?, "
                    "changed = ? WHERE id = ?", (*values, there["id"]),
                )  # fmt: skip
                return Done(_ref("task", there["id"]), created=False)
            made = tx.execute(
                "INSERT INTO tasks (subject, body, due_at, owner, kind, priority, changed, mark, contact) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, order.mark, order.record.id),
            ).lastrowid  # fmt: skip
        return Done(_ref("task", made))

    def add_notes(self, orders: Sequence[NoteOrder]) -> Sequence[Outcome]:
        return [self._add_note(order) for order in orders]

    def _add_note(self, order: NoteOrder) -> Outcome:
        with self.book.transaction() as tx:
            there = tx.execute("SELECT id FROM notes WHERE mark = ?", (order.mark,)).fetchone()
            if there:
                return Done(_ref("note", there["id"]), created=False)
            made = tx.execute(
                "INSERT INTO notes (mark, contact, body, at) VALUES (?, ?, ?, ?)",
                (order.mark, order.record.id, order.body, order.at.astimezone(UTC).isoformat()),
            ).lastrowid
        return Done(_ref("note", made))

    def owners(self) -> Mapping[str, OwnerRef]:
        named = {email.lower(): OwnerRef(email.lower(), email.lower()) for email in self.options.owners}
        return named or Anybody()

    def changes(self, cursor: str | None) -> Iterator[SignalPage]:
        """Tasks that somebody has marked done; the cursor is the number of the last change seen."""
        (now,) = self.book.rows("SELECT changes FROM clock")
        seen = int(cursor) if cursor else now["changes"]
        rows = self.book.rows(_DONE_TASKS, (seen,))
        signals = [
            Signal(SignalKind.TASK_DONE, _ref("task", row["id"]), datetime.fromisoformat(row["done_at"]))
            for row in rows
        ]
        yield SignalPage(signals, str(rows[-1]["changed"] if len(rows) == 500 else max(seen, now["changes"])))

    def complete_task(self, ref: Ref) -> bool:
        """Mark a task done, as a rep would in a CRM; False when it is done or unknown."""
        with self.book.transaction() as tx:
            return bool(
                tx.execute(
                    "UPDATE tasks SET done_at = ?, changed = ? WHERE id = ? AND done_at IS NULL",
                    (self._now(), tick(tx), ref.id),
                ).rowcount
            )

    def remove(self, refs: Sequence[Ref]) -> None:
        """Tasks and contacts; a contact that has other tasks or notes stays. Raises Refused for that."""
        check_refs("local", refs, lambda ref: ref.object in _DELETE)
        with self.book.transaction() as tx:
            for ref in sorted(refs, key=lambda ref: ref.object == "contact"):
                if ref.object == "contact" and tx.execute(_TIED, (ref.id, ref.id)).fetchone():
                    raise Refused("local: the contact has tasks or notes of its own")
                tx.execute(_DELETE[ref.object], (ref.id,))

    def export(self, folder: Path) -> Sequence[Path]:
        return self.book.export(folder)

    def prepare(self, apply: bool) -> Sequence[Finding]:  # noqa: ARG002 - a book needs nothing made
        return self.check()

    def check(self) -> Sequence[Finding]:
        (row,) = self.book.rows("SELECT count(*) AS contacts FROM contacts")
        return [Finding("the book", ok=True, detail=f"{row['contacts']} contacts")]

    def close(self) -> None:
        self.book.close()

    def _now(self) -> str:
        return self.tools.clock.now().isoformat()


_BY = {
    "id": "SELECT * FROM contacts WHERE id = ?",
    "email": "SELECT * FROM contacts WHERE email = ?",
    "mark": "SELECT * FROM contacts WHERE mark = ?",
}
_DELETE = {"contact": "DELETE FROM contacts WHERE id = ?", "task": "DELETE FROM tasks WHERE id = ?"}
_TIED = "SELECT 1 FROM tasks WHERE contact = ? UNION SELECT 1 FROM notes WHERE contact = ?"
_DONE_TASKS = """
SELECT id, done_at, changed FROM tasks WHERE changed > ? AND done_at IS NOT NULL ORDER BY changed LIMIT 500
"""


def _ref(kind: str, number: int | None) -> Ref:
    return Ref(kind, str(number))


def _known(row: sqlite3.Row) -> Known:
    owner = OwnerRef(row["owner"], row["owner"]) if row["owner"] else None
    values = {name: value for name, value in json.loads(row["fields"]).items() if value}
    return Known(_ref("contact", row["id"]), owner=owner, values=values)
