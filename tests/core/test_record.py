"""What a lead's record should hold, what of it may be sent, and whose it is in a sink."""

from dataclasses import replace
from datetime import timedelta

from syncd.core.playbook import FieldPolicy, Rule
from syncd.core.record import EXTRA_FIELDS, allowed_fields, owner_for, wanted_fields
from syncd.model import FIELDS, OwnerRef, Touch
from syncd.testing.clock import START
from tests.core.drafts import BOOK, drafted, found, lead_of
from tests.world import playbook

EVA = OwnerRef("1", "eva@example.com")
TOM = OwnerRef("2", "tom@example.com")
OWNERS = {EVA.email: EVA, TOM.email: TOM}

LEAD = replace(
    lead_of(drafted()),
    first_touch=Touch(channel="paid_search", campaign="spring"),
    last_touch=Touch(channel="referral"),
    interactions=3,
)


def test_a_record_holds_the_fields_of_the_lead_and_what_syncd_knows_beside_them() -> None:
    wanted = wanted_fields(LEAD)

    assert wanted.items() >= LEAD.fields.items()
    assert wanted.keys() <= FIELDS.keys() | EXTRA_FIELDS.keys()
    assert (
        wanted.items()
        >= {
            "lead_source": "Website",
            "first_channel": "paid_search",
            "first_campaign": "spring",
            "last_channel": "referral",
            "first_touch_at": "2026-11-23T09:00:00Z",
            "inquiries": "3",
        }.items()
    )
    assert "last_campaign" not in wanted


def test_a_new_record_gets_everything() -> None:
    assert allowed_fields(LEAD, None, BOOK) == wanted_fields(LEAD)


def test_what_a_rep_typed_stays_and_what_is_ours_is_brought_up_to_date() -> None:
    known = found(company="ACME Inc", inquiries="2", last_channel="referral", first_name="Eva")

    allowed = allowed_fields(LEAD, known, BOOK)

    assert "company" not in allowed
    assert "first_name" not in allowed
    assert "last_channel" not in allowed
    assert allowed["inquiries"] == "3"
    assert allowed["last_name"] == "Beispiel"


def test_a_first_touch_is_written_once_and_never_mixed_with_another() -> None:
    known = found(first_touch_at="2025-01-01T00:00:00Z")

    assert allowed_fields(LEAD, known, BOOK).keys().isdisjoint({"first_touch_at", "first_channel", "first_campaign"})
    assert allowed_fields(LEAD, found(), BOOK)["first_channel"] == "paid_search"


def test_a_record_that_holds_everything_gets_nothing() -> None:
    known = replace(found(), values=wanted_fields(LEAD))

    assert allowed_fields(LEAD, known, BOOK) == {}


def test_a_refused_consent_is_written_over_a_given_one_and_never_the_other_way_round() -> None:
    book = playbook(policies={"consent": FieldPolicy.OVERWRITE})
    refusing = replace(LEAD, fields={**LEAD.fields, "consent": "no"})
    agreeing = replace(LEAD, fields={**LEAD.fields, "consent": "yes"})

    assert allowed_fields(refusing, found(consent="yes"), BOOK)["consent"] == "no"
    assert "consent" not in allowed_fields(agreeing, found(consent="no"), book)


def test_the_time_of_the_first_touch_is_that_of_the_first_enquiry() -> None:
    later = replace(LEAD, updated_at=START + timedelta(days=3))

    assert wanted_fields(later)["first_touch_at"] == "2026-11-23T09:00:00Z"


def test_people_are_found_in_a_sink_by_their_addresses() -> None:
    assert owner_for("tom", "crm", BOOK, OWNERS) == (TOM, "")


def test_an_owner_outside_the_roster_is_meant_by_the_id_of_the_sink() -> None:
    assert owner_for("crm:77", "crm", BOOK, OWNERS) == (OwnerRef("77"), "")
    assert owner_for("crm:2", "crm", BOOK, OWNERS) == (TOM, "")


def test_an_owner_of_another_sink_is_replaced_with_a_remark() -> None:
    assert owner_for("crm:77", "book", BOOK, OWNERS) == (EVA, "crm:77 is no active user there: eva stands in")


def test_whoever_has_left_the_sink_is_replaced_by_somebody_of_the_catch_all() -> None:
    gone = {**OWNERS, EVA.email: replace(EVA, active=False)}

    assert owner_for("eva", "crm", BOOK, gone) == (TOM, "eva is no active user there: tom stands in")
    assert owner_for("crm:1", "crm", BOOK, gone) == (TOM, "crm:1 is no active user there: tom stands in")


def test_nobody_who_has_left_the_company_stands_in() -> None:
    people = {**BOOK.people, "eva": replace(BOOK.people["eva"], active=False)}

    assert owner_for("crm:9", "book", playbook(people=people), OWNERS)[0] == TOM


def test_where_nobody_can_own_it_the_remark_says_so() -> None:
    book = playbook(rules=(Rule("everyone else", None, person="tom"),))

    assert owner_for("eva", "crm", book, {}) == (None, "eva is no active user there, and nobody of the catch-all is")
