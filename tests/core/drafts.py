"""Drafts, leads and decisions for the tests of the core, made by the core's own functions."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from syncd.core.decide import Surroundings, decide
from syncd.core.decision import Decision, TaskPlan
from syncd.core.draft import Draft
from syncd.core.facts import FACT_NAMES
from syncd.core.identity import Match, match_person
from syncd.core.playbook import Playbook, Rule
from syncd.core.read import read
from syncd.core.routing.conditions import compile_condition
from syncd.model import Answer, Context, Known, Lead, OwnerRef, Ref, Submission
from syncd.testing.clock import START
from tests.world import playbook, submission

BOOK = playbook()
NOBODY = Match(None, "nobody with these keys")
HOT = Rule("hot", None, pool="sales", hot=True)
REST = Rule("everyone else", None, pool="sales")
JUNK = {"name": "https://spam.example.com", "email": "x@mailinator.com", "message": "<a href=x> [url=x] casino"}
EVA = OwnerRef("1", "eva@example.com")
TOM = OwnerRef("2", "TOM@example.com")
ZOE = OwnerRef("9", "zoe@elsewhere.com")


def posted(said: Mapping[str, str] | None = None, key: str = "1", source: str = "contact") -> Submission:
    """A form post with these fields; without any, the usual one of Eva Beispiel."""
    usual = submission(key, source)
    if said is None:
        return usual
    return replace(usual, answers=tuple(Answer(name, value, label=name) for name, value in said.items()))


def drafted(
    said: Mapping[str, str] | None = None,
    key: str = "1",
    *,
    context: Context | None = None,
    book: Playbook = BOOK,
    after: timedelta = timedelta(0),
    trusted: bool = False,
) -> Draft:
    made = posted(said, key)
    arrived = replace(made, received_at=START + after, context=context or made.context)
    return read(arrived, book, trusted=trusted)


def around(book: Playbook = BOOK, *, known: Known | None = None, after: timedelta = timedelta(0)) -> Surroundings:
    """`known`: what the CRM, which was asked, said."""
    return Surroundings(book, {}, START + after, "crm", known=known, asked=True)


def lead_of(draft: Draft, book: Playbook = BOOK) -> Lead:
    """The lead that a first submission makes."""
    lead = decide(draft, NOBODY, around(book)).lead
    assert lead is not None
    return lead


def match_beside(draft: Draft, *earlier: Draft, linked: Lead | None = None) -> Match:
    """Where each of the earlier drafts has become a lead of its own."""
    leads = {lead.id: lead for lead in map(lead_of, earlier)}
    keys: dict[str, list[str]] = {}
    for lead, each in zip(leads.values(), earlier, strict=True):
        for key in each.keys:
            keys.setdefault(key.text, []).append(lead.id)
    return match_person(draft, leads, keys, linked)


def found(owner: OwnerRef | None = None, account_owner: OwnerRef | None = None, **values: str) -> Known:
    """What a CRM says of somebody it knows."""
    return Known(Ref("contact", "7", "https://crm.example.com/7"), owner, account_owner, values)


def when(name: str, tree: Mapping[str, object], **more: str | bool) -> Rule:
    return replace(Rule(name, compile_condition(tree, FACT_NAMES), pool="sales"), **more)  # type: ignore[arg-type]


def landed(decision: Decision) -> tuple[Lead, TaskPlan]:
    assert decision.lead is not None
    assert decision.task is not None
    return decision.lead, decision.task


def first(said: Mapping[str, str] | None = None, book: Playbook = BOOK, known: Known | None = None) -> Decision:
    return decide(drafted(said), NOBODY, around(book, known=known))


def again(
    lead: Lead,
    said: Mapping[str, str] | None = None,
    book: Playbook = BOOK,
    known: Known | None = None,
    after: timedelta = timedelta(minutes=20),
) -> Decision:
    draft = drafted(said or {"email": "eva@acme.com"}, "2", after=after)
    return decide(draft, Match(lead, "same e-mail address"), around(book, known=known, after=after))
