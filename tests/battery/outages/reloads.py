"""The config changes while leads are on their way (H14, F21): swapped, broken, and an owner who leaves the CRM."""

import itertools
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

from syncd.app import App
from syncd.config.load import Loaded, load_text
from syncd.core.playbook import Rule
from syncd.errors import ConfigError
from syncd.model import Answer, Context, Submission
from syncd.registry import Registry
from syncd.store.proof import prove
from tests.battery.oracle import Evidence, Ledger, check, doubled, lost
from tests.battery.outages.findings import Findings
from tests.battery.outages.stage import stage, told
from tests.battery.views import book, stored_in
from tests.e2e.processes import until
from tests.world import playbook

CONFIG = """
version: 1
company: {{name: Example Ltd, domains: [shop.example.com], country: DE, zone: Europe/Berlin}}
store: {{url: "sqlite:///{folder}/syncd.db"}}
people:
  eva: {{name: Eva Muster, email: eva@example.com}}
  tom: {{name: Tom Test, email: tom@example.com}}
pools: {{sales: {{members: [eva, tom]}}}}
sources:
  contact: {{type: form}}
sinks:
  crm: {{type: local}}
rules:
  - {{name: "{rule}", {assign}}}
"""
OWNERS = {"eva", "tom"}


def run(folder: Path, leads: int, seed: int) -> Findings:
    """As many swaps as a fifth of the leads; every third config is broken and must leave the old one alone."""
    found, swaps = Findings(), max(leads // 5, 20)
    whole = [_loaded(folder, "one", "assign: eva"), _loaded(folder, "two", "assign: {pool: sales}")]
    turns = itertools.cycle([whole[0], whole[1], ConfigError("rules: no catch-all")])

    def reread() -> Loaded:
        config = next(turns)
        if isinstance(config, ConfigError):
            raise config
        return config

    with told() as events:
        app, ledger = App(whole[0], reread), Ledger()
        app.start()
        try:
            wrong = _swapped(app, ledger, leads, swaps)
            until(lambda: _open_orders(app) == 0 or None, "all orders done", 300)
            found.runs = swaps
            found.exactly(
                "broken configs that were refused", sum(map(bool, wrong)), sum(n % 3 == 2 for n in range(swaps))
            )
            owners = _owners(app)
            found.exactly("leads with exactly one owner of the roster", sum(owners[o] for o in OWNERS), leads)
            found.exactly("parked", app.store.reports.count_parked(), 0)
            found.exactly("promises hold", prove(app.store.database).holds, True)
            found.none("bugs logged", [event["event"] for event in events if "exc_info" in event])
            evidence = Evidence(ledger, stored_in(app.store.database), {"crm": book(folder / "crm.book.db")})
            violations = check(evidence)
            found.accepted, found.lost, found.doubled = ledger.accepted, lost(violations), doubled(violations)
            found.none("violations", [str(each) for each in violations])
        finally:
            app.stop()
    return found


def _swapped(app: App, ledger: Ledger, leads: int, swaps: int) -> list[str]:
    """What each reload said, while another thread takes the enquiries in."""

    def post() -> None:
        for number in range(leads):
            ledger.sent("contact", f"k{number}", f"ada@firm{number}.com")
            app.store.inbox.accept([_enquiry(app, number)])
            ledger.answered("contact", f"k{number}", 200)
            app.plan_bell.ring()

    posting = threading.Thread(target=post)
    posting.start()
    said = [app.reload() for _ in range(swaps)]
    posting.join()
    return said


def owner_left(folder: Path, leads: int, seed: int) -> Findings:
    """One of two owners is deactivated when a third of the leads is in; the list of owners was read before."""
    found, leads = Findings(), max(leads, 30)
    plays = playbook(rules=(Rule("everyone else", None, pool="sales"),))
    with told(), stage(folder, plays=plays) as here:
        left = next(o.id for o in here.fake.account.owners.by_id.values() if o.email == "eva@example.com")
        for number in range(leads):
            here.post(number)
            here.plan()
            if number == leads // 3:
                here.until_done(timedelta(minutes=5))
            if number == leads // 2:
                here.fake.archive_owner(left)
            if number > leads // 2 and number % 5 == 0:
                here.work()
                here.clock.advance(seconds=3)
        here.until_done(timedelta(hours=1))
        of = Counter(task["properties"]["hubspot_owner_id"] for task in here.fake.tasks)
        found.told("tasks by owner", dict(of))
        found.most("tasks of the one who has left", of[left], leads // 3 + 1)
        found.none("contacts without an owner", [c for c in here.fake.contacts if not c["properties"].get(_OWNER)])
        here.check(found)
    return found


_OWNER = "hubspot_owner_id"


def _loaded(folder: Path, rule: str, assign: str) -> Loaded:
    return load_text(CONFIG.format(folder=folder, rule=rule, assign=assign), {}, Registry())


def _open_orders(app: App) -> int:
    waiting, _ = app.store.inbox.waiting()
    return waiting + sum(n for _, _, state, n, _ in app.store.reports.queue() if state != "parked")


def _owners(app: App) -> Counter[str]:
    with app.store.database.read() as tx:
        return Counter(tx.exec_driver_sql("SELECT owner FROM leads").scalars())


def _enquiry(app: App, number: int) -> Submission:
    answers = (
        Answer("name", "Ada Beispiel", label="name"),
        Answer("email", f"ada@firm{number}.com", label="email"),
        Answer("message", "How much is it for ten people?", label="message"),
    )
    return Submission("contact", f"k{number}", app.clock.now(), answers, raw=b"raw", context=Context())
