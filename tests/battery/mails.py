"""Mails while the line breaks, the folder is renumbered and the daemon is killed: each is kept once (F22, H16)."""

import argparse
import random
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from syncd import log
from syncd.clock import SystemClock
from syncd.store.proof import prove
from syncd.store.schema import inbox
from syncd.store.store import Store
from tests.battery.crash_world import Postgres
from tests.battery.daemons import Daemon, Nursery
from tests.battery.odd_mails import mails
from tests.battery.report import Row, write
from tests.fakes.imap import PASSWORD, USER, FakeImap

PATIENCE = 300.0  # seconds in which nothing more is kept, moved or landed
WAYS = {
    "sqlite-left": ("sqlite", False),
    "sqlite-moved": ("sqlite", True),
    "postgresql-moved": ("postgresql", True),
}
"""The store, and whether mails are moved once they are kept."""
_CONFIG = """
version: 1
company: {{name: Example Ltd, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "{store}"}}
web: {{port: 0}}
log: {{format: json}}
people: {{eva: {{name: Eva Muster, email: eva@example.com}}}}
sources:
  box:
    {{type: imap, host: 127.0.0.1, port: {port}, tls: "off", user: {user}, password: {password}, history: all{more}}}
sinks: {{book: {{type: local, file: book.db}}}}
rules: [{{name: everyone, assign: eva}}]
"""


@dataclass(frozen=True, slots=True)
class Plan:
    mails: int = 2000
    odd: int = 20
    breaks: int = 40  # of the line: at a command, in the middle of an answer, between two
    kills: int = 8
    moved: bool = False  # mails are moved away once they are kept


def options(parser: argparse.ArgumentParser) -> None:
    usual = Plan()
    parser.add_argument("--mails", type=int, default=usual.mails)
    parser.add_argument("--odd", type=int, default=usual.odd, help="malformed ones among them")
    parser.add_argument("--breaks", type=int, default=usual.breaks, help="of the connection")
    parser.add_argument("--kills", type=int, default=usual.kills, help="kill -9 of the daemon")
    parser.add_argument("--only", choices=WAYS, action="append", help="one of them; may be given again")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/promises.md")


def run(said: argparse.Namespace) -> int:
    log.set_up("critical", "json")
    bad, rows = 0, []
    postgres = Postgres()
    try:
        for way in said.only or WAYS:
            store, moved = WAYS[way]
            plan = Plan(said.mails, said.odd, said.breaks, said.kills, moved)
            url = postgres.fresh() if store == "postgresql" else ""
            began = time.monotonic()
            lost, doubled, wrong = fetched(plan, said.seed, url)
            bad += lost + doubled + len(wrong)
            how = "moved once kept" if moved else "left where they are"
            print(f"{store}, {how}: {said.mails:,} mails, {lost} lost, {doubled} doubled", *wrong[:10], sep="\n  ")
            also = f"{said.breaks} breaks, one change of UIDVALIDITY, {time.monotonic() - began:.0f} s"
            what = f"mails, {said.odd} malformed, {how}: breaks of the line, kill -9, other UIDs"
            by = "a real daemon, a strict IMAP server"
            rows.append(Row(f"mails/{way}", what, by, said.kills, said.mails, lost, doubled, also))
    finally:
        postgres.close()
    if said.write and not bad:
        write(rows)
    return 1 if bad else 0


def fetched(plan: Plan, seed: int, url: str = "") -> tuple[int, int, list[str]]:
    """How many mails were lost and doubled, and what else went wrong."""
    dice = random.Random(seed)
    sent = mails(plan.mails, plan.odd, dice)
    with tempfile.TemporaryDirectory() as name, FakeImap() as server, Nursery(Path(name)) as nursery:
        folder = Path(name)
        store = url or f"sqlite:///{folder}/syncd.db"
        more = ", every: 1" + (", move_to: Done" if plan.moved else "")
        config = folder / "config.yaml"
        config.write_text(_CONFIG.format(store=store, port=server.port, user=USER, password=PASSWORD, more=more))
        config.chmod(0o600)
        with closing(Daemon(nursery, config, "daemon")) as daemon, _eye(store) as eye:
            wrong = _course(plan, dice, server, daemon, sent, eye)
            daemon.terminate()
            lost, doubled = _compared(_kept(eye), sent)
            wrong += _landed(folder / "book.db", plan)
            if not prove(eye.database).holds:
                wrong.append("the balance does not hold")
    return lost, doubled, wrong


def _course(
    plan: Plan, dice: random.Random, server: FakeImap, daemon: Daemon, sent: Sequence[bytes], eye: Store
) -> list[str]:
    """Deliver and strike, then wait until all is done."""
    wrong: list[str] = []
    strikes = ["break"] * plan.breaks + ["kill"] * plan.kills
    dice.shuffle(strikes)
    strikes.insert(len(strikes) // 2, "renumber")
    shares = [sent[at :: len(strikes) + 1] for at in range(len(strikes) + 1)]
    daemon.start()
    for strike, share in zip([*strikes, ""], shares, strict=True):
        feeding = threading.Thread(target=_deliver, args=(server, share))
        feeding.start()
        time.sleep(dice.random() * 0.4)
        if strike == "break":
            _break(server, dice)
        elif strike == "renumber":
            server.renumber()
        elif strike == "kill":
            daemon.kill()
            wrong += _moved_unkept(server, eye)
            daemon.start()
        feeding.join()
    server.manners.resets.clear()
    server.manners.cuts.clear()
    return wrong + _waited(eye, len(sent), server, plan)


def _deliver(server: FakeImap, share: Sequence[bytes]) -> None:
    for raw in share:
        server.deliver(raw)


def _break(server: FakeImap, dice: random.Random) -> None:
    kind = dice.choice(["reset", "cut", "drop"])
    if kind == "drop":
        server.drop()
    else:
        (server.manners.resets if kind == "reset" else server.manners.cuts).add(server.count + dice.randint(1, 6))


def _moved_unkept(server: FakeImap, eye: Store) -> list[str]:
    """What is moved away must have been kept before."""
    moved = {raw for _, raw, _ in server.held("Done")}
    lacking = moved - set(_kept(eye))
    return [f"{len(lacking)} mails were moved away and not kept"] if lacking else []


def _waited(eye: Store, wanted: int, server: FakeImap, plan: Plan) -> list[str]:
    end, before = time.monotonic() + PATIENCE, (0, 0, 0)
    while time.monotonic() < end:
        with eye.database.read() as tx:
            keys = [key for (key,) in tx.execute(select(inbox.c.key))]
        fates = eye.reports.fates("box", keys)
        held = len(server.held())
        on_the_way = sum(fate.state == "on its way" for fate in fates.values())
        if len(keys) >= wanted and not on_the_way and not (plan.moved and held):
            return []
        if (now := (len(keys), held, on_the_way)) != before:
            end, before = time.monotonic() + PATIENCE, now
        time.sleep(0.2)
    states = dict(Counter(fate.state for fate in fates.values()))
    return [f"{PATIENCE:.0f} s without news: {len(keys)} of {wanted} are kept, {states}, {held} in the folder"]


def _kept(eye: Store) -> list[bytes]:
    with eye.database.read() as tx:
        numbers = [number for (number,) in tx.execute(select(inbox.c.id))]
    found = (eye.inbox.read(number) for number in numbers)
    return [one.submission.raw for one in found if one]


def _compared(kept: Sequence[bytes], sent: Sequence[bytes]) -> tuple[int, int]:
    """Lost and doubled."""
    wanted, there = Counter(sent), Counter(kept)
    return (wanted - there).total(), (there - wanted).total()


def _landed(book: Path, plan: Plan) -> list[str]:
    """Every person has one record and one task, and none has two."""
    with closing(sqlite3.connect(book)) as opened:
        people = Counter(email for (email,) in opened.execute("SELECT lower(email) FROM contacts"))
        tasks = Counter(contact for (contact,) in opened.execute("SELECT contact FROM tasks"))
        (records,) = opened.execute("SELECT count(*) FROM contacts").fetchone()
    writers = sum(email.startswith("ada") for email in people if email)
    wrong = [f"{count} records of one person" for count in people.values() if count > 1]
    wrong += [f"{count} tasks of one record" for count in tasks.values() if count > 1]
    if writers != plan.mails - plan.odd:
        wrong.append(f"{writers} people have a record, {plan.mails - plan.odd} have written")
    if len(tasks) != records:
        wrong.append(f"{records} records, but {len(tasks)} have a task")
    return wrong


@contextmanager
def _eye(url: str) -> Iterator[Store]:
    """Looks into the store beside the daemon."""
    with closing(Store(url, SystemClock(), lambda: ["book"])) as store:
        store.open()
        yield store
