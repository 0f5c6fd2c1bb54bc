"""Bits that flip in the database file, and a log that is cut off (H9, F5, F8)."""

import random
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from syncd.errors import StoreBusy, StoreError
from syncd.store.inspection import inspect
from syncd.store.proof import prove
from syncd.store.store import Store
from syncd.testing.clock import FakeClock
from tests.battery.outages.findings import Findings
from tests.battery.outages.stage import told
from tests.world import World, submission

PEOPLE = 6
COMMITS = 40


def flips(folder: Path, leads: int, seed: int, cases: int | None = None) -> Findings:
    """One bit of the file is turned over while the daemon is down; then it starts, plans and sends."""
    cases = cases or min(max(leads // 20, 50), 1000)
    found, dice, ends = Findings(runs=cases, accepted=cases), random.Random(seed), dict.fromkeys(_ENDS, 0)
    wrong, silent = [], []
    with told():
        for planned in (False, True):
            template = folder / f"template-{planned}.db"
            truth = _template(template, planned=planned)
            for case in range(cases // 2):
                at, bit = dice.randrange(template.stat().st_size), dice.randrange(8)
                end = _one(folder / "case.db", template, at, bit, truth)
                ends[end] += 1
                place = f"byte {at} bit {bit}, {'planned' if planned else 'waiting'}, case {case}"
                wrong += [place] if end == "wrong data sent" else []
                silent += [place] if end == "silently lost" else []
    for end, count in ends.items():
        found.told(end, count)
    found.none("wrong data that reached the CRM", wrong)
    found.none("damage that lost something and was not seen", silent)
    found.lost, found.doubled = len(silent), ends["doubled"]
    found.exactly("doubled", ends["doubled"], 0)
    return found


_ENDS = (
    "no effect",
    "refused at the start",
    "set aside or refused at use",
    "doubled",
    "wrong data sent",
    "silently lost",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a CRM holds after a sound run, whatever the ids."""

    records: dict[str, tuple[tuple[str, str], ...]]
    tasks: dict[str, tuple[object, ...]]
    notes: dict[str, tuple[object, ...]]


def _template(path: Path, *, planned: bool) -> Sent:
    """A file with some enquiries that wait; and what becomes of them where nothing is wrong."""
    world = _open(path)
    world.receive(*(_enquiry(number) for number in range(PEOPLE)))
    if planned:
        world.plan()
    _close(world)
    copy = path.with_suffix(".sound")
    shutil.copy(path, copy)
    sound = _open(copy)
    sound.settle()
    _close(sound)
    return _sent(sound)


def _one(case: Path, template: Path, at: int, bit: int, truth: Sent) -> str:
    for ending in ("", "-wal", "-shm"):
        case.with_name(case.name + ending).unlink(missing_ok=True)
    content = bytearray(template.read_bytes())
    content[at] ^= 1 << bit
    case.write_bytes(content)
    try:
        world = _open(case)
        inspect(world.store.database)
    except (StoreError, StoreBusy, SQLAlchemyError, ValueError):
        return "refused at the start"
    seen = _work(world)
    end = _judged(world, truth, seen=seen)
    _close(world)
    return end


def _work(world: World) -> bool:
    """As the loops do, for a day; whether trouble was seen on the way."""
    seen = False
    for _ in range(12):
        for turn in (world.plan, world.dispatch):
            try:
                turn()
            except Exception:  # noqa: BLE001 - a loop would log it, say so in its health, and go on
                seen = True
        world.clock.advance(hours=2)
    return seen or world.store.reports.count_parked() > 0 or not prove(world.store.database).holds


def _judged(world: World, truth: Sent, *, seen: bool) -> str:
    sent = _sent(world)
    for there, true in ((sent.records, truth.records), (sent.tasks, truth.tasks), (sent.notes, truth.notes)):
        if any(true.get(key) != value for key, value in there.items()):
            return "wrong data sent"
    if len(world.crm.records) > PEOPLE:
        return "doubled"
    if sent == truth:
        return "set aside or refused at use" if seen else "no effect"
    return "set aside or refused at use" if seen else "silently lost"


def _sent(world: World) -> Sent:
    records = {r.get("email", ""): tuple(sorted(r.items())) for r in world.crm.records.values()}
    who = {number: record.get("email", "") for number, record in world.crm.records.items()}
    taken = {owner.id for owner in world.crm.people.values()}  # which of them, is a matter of whose turn it is
    owners = {who[number]: owner in taken for number, owner in world.crm.owner_of.items()}
    return Sent(
        {mail: (*values, ("owner", owners.get(mail, False))) for mail, values in records.items()},
        {t.mark: (who.get(t.record.id), t.subject, t.body, t.due_at, t.zone) for t in world.crm.tasks.values()},
        {n.mark: (who.get(n.record.id), n.body, n.at) for n in world.crm.notes.values()},
    )


def _enquiry(number: int):
    return submission(
        str(number), name=f"Anna Number{number}", email=f"anna{number}@firm{number}.com", company=f"Firm {number} Ltd",
        message=f"What does the service cost for {number + 10} people in our two offices?",
    )  # fmt: skip


def _open(path: Path) -> World:
    store = Store(f"sqlite:///{path}", clock := FakeClock(), lambda: ["crm"])
    store.open()
    return World(store, clock)


def _close(world: World) -> None:
    """Everything in the one file."""
    try:
        with world.store.database.connect() as tx:
            tx.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    except (StoreBusy, StoreError, SQLAlchemyError):
        pass
    world.store.close()


def cut_log(folder: Path, leads: int, seed: int, commits: int = COMMITS) -> Findings:
    """The write-ahead log ends at every frame and at random places beyond: what was answered before is there."""
    found, dice, cuts = Findings(), random.Random(seed), min(max(leads // 20, 100), 1000)
    world = _open(path := folder / "syncd.db")
    with world.store.database.connect() as tx:
        tx.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        page = int(tx.exec_driver_sql("PRAGMA page_size").scalar_one())
    log = path.with_name(path.name + "-wal")
    answered: list[int] = []  # size of the log when the n-th enquiry had been answered
    for number in range(commits):
        world.receive(_enquiry(number))
        answered.append(log.stat().st_size)
    base, whole = path.read_bytes(), log.read_bytes()
    places = [*range(32, len(whole) + 1, page + 24), *(dice.randrange(len(whole)) for _ in range(cuts))]
    missing = [place for place in places if _kept(folder / "cut.db", base, whole[:place]) < _owed(answered, place)]
    world.store.close()
    found.runs, found.accepted, found.lost = len(places), commits, len(missing)
    found.told("places at which it was cut", len(places))
    found.none("cuts after which something answered was missing", missing)
    return found


def _owed(answered: Sequence[int], place: int) -> int:
    return sum(size <= place for size in answered)


def _kept(path: Path, base: bytes, log: bytes) -> int:
    """Rows of the inbox after such a cut; minus one when the file is not sound."""
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    path.write_bytes(base)
    path.with_name(path.name + "-wal").write_bytes(log)
    connection = sqlite3.connect(path)
    try:
        if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return -1
        return int(connection.execute("SELECT count(*) FROM inbox").fetchone()[0])
    finally:
        connection.close()
