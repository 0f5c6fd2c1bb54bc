"""The history in sentences."""

import pytest

from syncd.console.rows import ORDER_STATES, STATES
from syncd.console.wording import headline, reasons
from syncd.model import LeadState, SignalKind
from tests.world import playbook

BOOK = playbook()


@pytest.mark.parametrize(
    ("event", "detail", "told"),
    [
        ("planned: new", {}, "Planned: a new lead"),
        ("planned: quarantined", {}, "Held back as junk or as no lead"),
        ("made in the CRM", {"kind": "record", "object": "Contact"}, "Contact made in the CRM"),
        ("made in the CRM", {"kind": "task", "object": "tasks"}, "Task made in the CRM"),
        ("parked", {"kind": "record"}, "Record parked"),
        ("owner found in the CRM", {}, "Owner found in the CRM"),
        ("something of tomorrow", {}, "Something of tomorrow"),
    ],
)
def test_each_event_has_a_headline(event: str, detail: dict[str, str], told: str) -> None:
    assert headline(event, detail) == told


@pytest.mark.parametrize("kind", list(SignalKind))
def test_every_signal_has_words_of_its_own(kind: SignalKind) -> None:
    assert not headline(f"signal: {kind.value}", {}).startswith("signal")


def test_every_state_has_a_meaning() -> None:
    assert set(STATES) == set(LeadState)
    assert set(ORDER_STATES) == {"blocked", "waiting", "sending", "unknown", "done", "parked"}


def test_owners_are_named_and_refs_are_told() -> None:
    assert reasons({"owner": "eva", "sink": "crm"}, BOOK) == ["in crm", "owner: Eva Muster"]
    assert reasons({"sink": "crm", "object": "contact", "ref": "7"}, BOOK) == ["crm: contact 7"]
    assert reasons({"reason": "crm: e-mail is not valid", "sink": "crm"}, BOOK)[0] == "crm: e-mail is not valid"


def test_what_is_held_back_says_why() -> None:
    story = {
        "match": {"reason": "nobody with these keys"},
        "junk": {"score": 0, "signals": []},
        "reason": "bounce: a report of failed delivery",
    }

    assert reasons(story, BOOK)[0] == "Held back: bounce: a report of failed delivery"


def test_a_decision_says_what_the_crm_knew() -> None:
    story = {
        "match": {"reason": "the CRM finds the same record", "possible": ["L2"]},
        "crm": {"asked": True, "found": True, "ref": "7", "owner": "crm:9"},
        "junk": {"score": 40, "signals": [["free_mail", 10], ["links", 30]]},
    }

    assert reasons(story, BOOK) == [
        "Known already? the CRM finds the same record. In the CRM as 7, owner crm:9.",
        "Might be the same as lead L2",
        "Junk score: 40 of 100 (free mail +10, links +30)",
    ]
