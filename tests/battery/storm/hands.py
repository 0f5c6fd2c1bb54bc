"""What people do meanwhile: operators with the store, reps with the CRM."""

from contextlib import suppress

from syncd.core.playbook import Playbook
from syncd.errors import Rejected, StoreBusy
from syncd.model import Ref, SignalKind
from syncd.run.operations import Operations
from tests.battery.storm.chance import Chance
from tests.battery.storm.daemon import Shelf
from tests.battery.storm.disk import Platter
from tests.battery.storm.service import Item, Record, Service


class Operator:
    """Somebody with the command line: retry, restore, replay."""

    def __init__(self, shelf: Shelf, playbook: Playbook, platter: Platter, chance: Chance) -> None:
        self.operations = Operations(shelf, playbook)  # type: ignore[arg-type]
        self.platter, self.chance = platter, chance

    def act(self) -> None:
        what = self.chance.one((self.retry, self.restore, self.replay))
        with suppress(StoreBusy):
            what()

    def retry(self) -> int:
        parked = "SELECT 's' || id AS n FROM inbox WHERE state = 'parked' UNION ALL SELECT 'o' || id FROM orders"
        ids = [row["n"] for row in self.platter.rows(parked + " WHERE state = 'parked'")]
        self.chance.tell(f"  operator: retry {' '.join(ids)}")
        return self.operations.retry(ids)

    def restore(self) -> int:
        rows = self.platter.rows("SELECT id FROM inbox WHERE state = 'quarantined'")
        self.chance.tell(f"  operator: restore {len(rows)}")
        return self.operations.restore([row["id"] for row in rows])

    def replay(self) -> None:
        rows = self.platter.rows("SELECT id FROM inbox")
        if rows:
            number = self.chance.one(rows)["id"]
            self.chance.tell(f"  operator: replay {number}")
            with suppress(Rejected):
                self.operations.replay(number)


class Rep:
    """Somebody who works in the CRM and knows nothing of us."""

    def __init__(self, service: Service, chance: Chance) -> None:
        self.service, self.chance = service, chance

    def act(self) -> None:
        tasks = [task for task in self.service.tasks.values() if not task.done_at]
        records = [record for record in self.service.records.values() if not record.gone and not record.lives_on]
        if tasks and self.chance.one_in(2):
            self.complete(self.chance.one(tasks))
        elif records:
            self.work_on(self.chance.one(records), records)

    def complete(self, task: Item) -> None:
        self.chance.tell(f"  rep: {task.id} is done")
        task.done_at = self.service.clock.at
        self.service.say(SignalKind.TASK_DONE, Ref("task", task.id))

    def work_on(self, record: Record, records: list[Record]) -> None:
        what = self.chance.one(("type", "type", "give", "give", "answer", "answer", "end", "delete", "merge"))
        self.chance.tell(f"  rep: {what} {record.id}")
        ref = Ref("contact", record.id)
        if what == "type":
            name = self.chance.one(("job_title", "company", "city"))
            record.fields[name], record.typed[name] = "as the rep knows it", self.service.clock.steady
        elif what == "give":
            self.service.give(record, self.chance.one([u for u in self.service.users.values() if u.active]))
        elif what == "answer":
            self.service.say(SignalKind.ANSWERED, ref)
        elif what == "end":
            self.service.say(self.chance.one((SignalKind.WON, SignalKind.LOST, SignalKind.OPTED_OUT)), ref)
        elif what == "delete" and self.chance.one_in(3):
            record.gone = record.touched = True
            self.service.say(SignalKind.GONE, ref)
        elif what == "merge" and len(records) > 1 and self.chance.one_in(3):
            self.merge(record, self.chance.one([other for other in records if other is not record]))

    def merge(self, record: Record, into: Record) -> None:
        record.lives_on, record.touched, into.touched = into.id, True, True
        into.typed = dict.fromkeys(into.typed, self.service.clock.steady)  # news to whoever has looked at the other
        self.service.say(SignalKind.MERGED, Ref("contact", record.id), into.id)
