"""Looks past everybody at what stands in the store and in the CRM, and says which promise is broken.

Some promises hold at every moment (`look`), some only when nothing is left to do (`judge`).
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping

from syncd.core import ids
from syncd.model import SignalKind
from syncd.store.content import load
from syncd.store.proof import prove
from tests.battery.storm.chance import Violation
from tests.battery.storm.disk import Platter
from tests.battery.storm.outside import Letter, Letterbox
from tests.battery.storm.service import LONGEST, Record, Service

_BY_HAND = "SELECT count(*) AS n FROM history WHERE event = 'released by hand'"


class Witness:
    def __init__(self, platter: Platter, service: Service, letters: Letterbox, told: set[str]) -> None:
        self.platter, self.service, self.letters, self.told = platter, service, letters, told
        self._arrivals: dict[int, str] = {}
        self._orders: dict[int, sqlite3.Row] = {}
        self._released, self._seen = 0, -1

    def accepted(self, letter: Letter) -> None:
        """At the moment of the 200."""
        if not self.platter.rows("SELECT 1 FROM inbox WHERE source = ? AND key = ?", *letter.known_by):
            raise Violation(f"nothing lost: {letter.submission.key} was answered 200 before it was kept")

    def look(self) -> None:
        """After every step: what is final stays final, and no step forward is taken back."""
        for promise in (*self.service.broken, *self.letters.broken):
            raise Violation(promise)
        if self._seen == (seen := self.platter.changes):
            return  # nobody has written a row
        self._seen = seen
        released = self.platter.rows(_BY_HAND)[0]["n"]
        self._look_at_arrivals(by_hand=released > self._released)
        self._look_at_orders(by_hand=released > self._released)
        self._released = released

    def _look_at_arrivals(self, *, by_hand: bool) -> None:
        rows = {row["id"]: row["state"] for row in self.platter.rows("SELECT id, state FROM inbox")}
        for number, before in self._arrivals.items():
            after = rows.get(number, "missing")
            if before not in (after, "waiting") and (before == "planned" or not by_hand):
                raise Violation(f"terminal is final: submission {number} went from {before} to {after}")
        self._arrivals = rows

    def _look_at_orders(self, *, by_hand: bool) -> None:
        columns = "id, kind, state, wanted, done, ref, mark"
        rows = {row["id"]: row for row in self.platter.rows(f"SELECT {columns} FROM orders")}  # noqa: S608
        for number, before in self._orders.items():
            after = rows.get(number)
            if after is None:
                raise Violation(f"nothing lost: order {number} has gone")
            if after["done"] < before["done"] or self._forgot(before["ref"], after["ref"]):
                raise Violation(f"terminal is final: what order {number} had done is forgotten")
            opened = before["state"] == "done" != after["state"]
            if opened and after["wanted"] <= before["wanted"] and before["kind"] != "record":
                raise Violation(f"terminal is final: order {number} went from done to {after['state']} by itself")
            raised = after["wanted"] > before["wanted"]
            if before["state"] == "parked" != after["state"] and not (by_hand or raised):
                raise Violation(f"terminal is final: order {number} was released by nobody")
        self._orders = rows

    def _forgot(self, before: str | None, after: str | None) -> bool:
        """Where something is may be forgotten only when a person has deleted it."""
        return bool(before) and not after and self.service.live(before or "") is not None

    def judge(self) -> None:
        """When everything has come to rest: every promise, row by row."""
        self._balance()
        arrivals = {(row["source"], row["key"]): row for row in self.platter.rows("SELECT * FROM inbox")}
        for letter in self.letters.all:
            self._arrived(letter, arrivals.get(letter.known_by))
        leads = {row["id"]: row for row in self.platter.rows("SELECT * FROM leads")}
        orders = self.platter.rows("SELECT * FROM orders")
        for order in orders:
            self._settled(order, leads)
        for letter in self.letters.all:
            row = arrivals[letter.known_by]
            if row["state"] == "planned" and letter.human and letter.human.kind != "poison":
                self._landed(letter, leads[row["lead_id"]])
        for lead in leads.values():
            self._followed(lead, orders)
        self._explained(orders)

    def _balance(self) -> None:
        proof = prove(self.platter.database)
        for check in proof.checks:
            _insist(not check.broken, f"{check.promise}: {check.what}: {', '.join(check.broken)}")
        _insist(proof.holds, f"conservation: received {proof.received}, found {proof.classes}")

    def _arrived(self, letter: Letter, row: sqlite3.Row | None) -> None:
        if row is None:
            raise Violation(f"nothing lost: {letter.submission.key} was accepted and is nowhere")
        human, state = letter.human, row["state"]
        reachable = human is not None
        usual = ("planned", "suppressed") if human and human.kind == "suppressed" else ("planned", "quarantined")
        expected = usual if reachable else ("parked",)
        _insist(state in expected, f"submission {row['id']} is {state} ({row['problem']}), not {' or '.join(expected)}")
        _insist(
            state == "planned" or row["problem"], f"explainable: submission {row['id']} is {state} without a reason"
        )

    def _settled(self, order: sqlite3.Row, leads: Mapping[str, sqlite3.Row]) -> None:
        lead = leads[order["lead_id"]]
        allowed = ("done", "parked", "blocked") if self._free(lead) else ("done",)
        words = f"order {order['id']} ({order['kind']}) is {order['state']}: {order['reason']}"
        _insist(order["state"] in allowed, f"no orphan: {words}")
        _insist(order["state"] != "parked" or order["reason"], f"explainable: {words}")
        _insist(order["state"] != "done" or order["done"] == order["wanted"], f"nothing lost: {words}, an older one")

    def _free(self, lead: sqlite3.Row) -> bool:
        """Whether it may end with a person: the service refuses its newest words, or a rep has taken it in hand."""
        return len(load(lead["fields"]).get("message", "")) > LONGEST or self._touched(lead["id"])

    def _touched(self, lead: str) -> bool:
        return any(record.touched for record in self._records(lead))

    def _records(self, lead: str) -> list[Record]:
        refs = {row["ref"] for row in self.platter.rows("SELECT ref FROM orders WHERE lead_id = ?", lead)}
        return [record for record in self.service.records.values() if record.key == lead or record.id in refs]

    def _landed(self, letter: Letter, lead: sqlite3.Row) -> None:
        """One record, one note with what they said, and the note stands on the record."""
        note = ids.note_mark(*letter.known_by)
        made = [item for item in self.service.notes.values() if item.mark == note]
        _insist(len(made) <= 1, f"nothing doubled: the note of {letter.submission.key} was made {len(made)} times")
        if not self._free(lead):
            _insist(len(made) == 1, f"nothing lost: the note of {letter.submission.key} was made {len(made)} times")
            live = [record for record in self._records(lead["id"]) if self.service.live(record.id) is record]
            _insist(len(live) == 1, f"nothing doubled: lead {lead['id']} has {len(live)} records")
            _insist(made[0].record == live[0].id, f"the note of {letter.submission.key} stands on another record")
        if letter.human and letter.human.email:
            same = [r for r in self.service.records.values() if r.fields.get("email", "").lower() == letter.human.email]
            alive = [record for record in same if self.service.live(record.id) is record]
            _insist(len(alive) <= 1, f"nothing doubled: {len(alive)} records for one address")

    def _followed(self, lead: sqlite3.Row, orders: list[sqlite3.Row]) -> None:
        """Its newest state stands in the CRM, and whoever waits for an answer has an open task there."""
        mine = [order for order in orders if order["lead_id"] == lead["id"]]
        if self._touched(lead["id"]) or any(order["state"] != "done" for order in mine):
            return
        (record,) = self._records(lead["id"])
        found = record.fields.get("inquiries")
        _insist(found == str(lead["interactions"]), f"order per person: {lead['id']} has {lead['interactions']} "
                f"enquiries, its record says {found}")  # fmt: skip
        _insist(bool(record.owner), f"nobody forgotten: record {record.id} has no owner")
        if lead["open_task"]:
            tasks = [task for task in self.service.tasks.values() if task.mark == lead["open_task"]]
            _insist(len(tasks) == 1, f"nobody forgotten: the task of {lead['id']} was made {len(tasks)} times")
            _insist(tasks[0].done_at is None, f"nobody forgotten: {lead['id']} waits, and its task is done")

    def _explained(self, orders: list[sqlite3.Row]) -> None:
        told = Counter((row["submission_id"], row["event"].split(":")[0]) for row in self.platter.rows(_TOLD))
        for row in self.platter.rows("SELECT id FROM inbox WHERE state <> 'parked'"):
            _insist(told[row["id"], "planned"] > 0, f"explainable: submission {row['id']} has no story")
        made = {row["order_id"] for row in self.platter.rows(_MADE)}
        for order in orders:
            _insist(order["state"] != "done" or order["id"] in made, f"explainable: order {order['id']} has no story")
        reminded = {mark.partition("-")[0] for mark in self.told}
        for row in self.platter.rows("SELECT lead_id FROM timers WHERE state = 'fired'"):
            _insist(row["lead_id"] in reminded, f"nobody forgotten: {row['lead_id']} was never reminded of")
        heard = {(row["kind"], row["ref"]) for row in self.platter.rows("SELECT kind, ref FROM signals")}
        done = {order["ref"] for order in orders if order["kind"] == "task"}
        for task in self.service.tasks.values():
            if task.done_at and task.id in done:
                known = (SignalKind.TASK_DONE.value, task.id) in heard
                _insist(known, f"nobody forgotten: nobody heard that {task.id} is done")


_TOLD = "SELECT submission_id, event FROM history WHERE submission_id IS NOT NULL"
_MADE = "SELECT order_id FROM history WHERE event IN ('made in the CRM', 'brought up to date in the CRM')"


def _insist(holds: object, promise: str) -> None:
    if not holds:
        raise Violation(promise)
