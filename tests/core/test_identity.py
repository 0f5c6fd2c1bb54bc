"""Who is the same person: exact keys decide, a name beside a weaker key decides too, all else only suggests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.draft import Draft
from tests.core.drafts import drafted, lead_of, match_beside


def person(key: str, **said: str) -> Draft:
    return drafted(said, key)


def same(one: Draft, other: Draft) -> bool:
    """Whether the one joins the lead of the other."""
    return match_beside(one, other).lead is not None


def test_one_mailbox_is_one_person_whatever_the_name() -> None:
    first, second = person("1", email="Eva@acme.com", name="Eva Beispiel"), person("2", email="eva@ACME.com", name="E")

    match = match_beside(second, first)

    assert match.lead == lead_of(first)
    assert match.reason == "same e-mail address"


def test_a_shared_address_with_two_names_is_two_people_and_somebody_looks() -> None:
    eva, tom = (
        person("1", email="info@acme.com", name="Eva Beispiel"),
        person("2", email="info@acme.com", name="Tom Li"),
    )

    match = match_beside(tom, eva)

    assert match.lead is None
    assert match.possible == (lead_of(eva).id,)


@pytest.mark.parametrize("said", [{"name": "Eva Beispiel"}, {"name": "eva beispiel"}, {"name": "E. Beispiel"}])
def test_a_shared_address_with_a_similar_name_is_one_person(said: dict[str, str]) -> None:
    first = person("1", email="sales@acme.com", name="Eva Beispiel")

    assert match_beside(person("2", email="sales@acme.com", **said), first).reason == (
        "same shared address and a similar name"
    )


def test_one_telephone_is_one_person_only_with_a_similar_name() -> None:
    eva = person("1", phone="+49 30 901820", name="Eva Beispiel", email="eva@acme.com")
    again = person("2", phone="030 901820", name="Eva Beispiel", email="eva.private@web.de")
    colleague = person("3", phone="030 901820", name="Tom Li", email="tom@acme.com")

    assert match_beside(again, eva).reason == "same phone number and a similar name"
    assert match_beside(colleague, eva).lead is None
    assert match_beside(colleague, eva).possible == (lead_of(eva).id,)


def test_nameless_callers_from_one_telephone_are_one_person() -> None:
    assert same(person("2", phone="030 901820"), person("1", phone="+4930901820"))


def test_nameless_people_of_one_switchboard_are_told_apart_by_their_addresses() -> None:
    one, other = (
        person("1", phone="030 901820", email="eva@acme.com"),
        person("2", phone="030 901820", email="t@acme.com"),
    )

    assert match_beside(other, one).lead is None


def test_nameless_writers_of_one_shared_mailbox_are_one_person() -> None:
    assert same(person("2", email="info@acme.com"), person("1", email="info@acme.com"))


def test_nearly_the_same_address_needs_a_similar_name() -> None:
    tagged = person("1", email="eva+news@acme.com", name="Eva Beispiel")

    assert match_beside(person("2", email="eva@acme.com", name="Eva Beispiel"), tagged).reason == (
        "nearly the same address and a similar name"
    )
    assert match_beside(person("3", email="eva@acme.com"), tagged).lead is None
    assert match_beside(person("4", email="eva@acme.com"), person("5", email="eva+x@acme.com")).lead is None


def test_a_name_alone_is_nobody() -> None:
    match = match_beside(person("2", name="Eva Beispiel"), person("1", name="Eva Beispiel"))

    assert (match.lead, match.possible) == (None, ())


def test_a_record_that_the_crm_finds_by_a_persons_own_address_is_theirs() -> None:
    linked = lead_of(person("1", email="eva@acme.com", name="Eva Beispiel"))

    match = match_beside(person("2", email="eva@private.com", name="Eva Neu"), linked=linked)

    assert (match.lead, match.reason) == (linked, "the CRM finds the same record")


@pytest.mark.parametrize("said", [{"email": "info@acme.com"}, {"phone": "030 901820"}])
def test_a_record_found_by_what_several_people_share_needs_a_similar_name(said: dict[str, str]) -> None:
    linked = lead_of(person("1", name="Eva Beispiel", **said))

    assert match_beside(person("2", name="Tom Li", **said), linked=linked).lead is None
    assert match_beside(person("3", name="Eva Beispiel", **said), linked=linked).lead == linked


def test_of_two_leads_with_one_key_the_older_is_chosen() -> None:
    first = drafted({"phone": "030 901820", "name": "Eva Beispiel"}, "9")
    second = drafted({"phone": "030 901820", "name": "Eva Beispiel"}, "1")

    forwards = match_beside(drafted({"phone": "030 901820", "name": "Eva Beispiel"}, "3"), first, second)
    backwards = match_beside(drafted({"phone": "030 901820", "name": "Eva Beispiel"}, "3"), second, first)

    assert forwards.lead is not None
    assert forwards.lead == backwards.lead


def test_a_stronger_key_wins_over_a_weaker_one() -> None:
    by_mail = person("1", email="eva@acme.com", name="Eva Alt")
    by_phone = person("2", phone="030 901820", name="Eva Neu")

    match = match_beside(person("3", email="eva@acme.com", phone="030 901820", name="Eva Neu"), by_phone, by_mail)

    assert match.lead == lead_of(by_mail)


emails = st.sampled_from(
    ["", "eva@acme.com", "e.va@acme.com", "eva+x@acme.com", "info@acme.com", "eva@gmail.com", "e.v.a@googlemail.com"]
)
phones = st.sampled_from(["", "030 901820", "+49 30 901820", "089 12345"])
names = st.sampled_from(["", "Eva Beispiel", "Eva Maria Beispiel", "E. Beispiel", "Tom Li", "Li, Tom", "Beispiel"])


@st.composite
def people(draw: st.DrawFn) -> dict[str, str]:
    said = {"email": draw(emails), "phone": draw(phones), "name": draw(names)}
    return said if any(said.values()) else {"email": "eva@acme.com"}


@given(people(), people())
def test_the_order_of_arrival_does_not_change_who_is_the_same_person(
    one_said: dict[str, str], other_said: dict[str, str]
) -> None:
    one, other = drafted(one_said, "1"), drafted(other_said, "2")

    forwards, backwards = match_beside(other, one), match_beside(one, other)

    assert (forwards.lead is None) is (backwards.lead is None)
    assert bool(forwards.possible) is bool(backwards.possible)
    assert forwards.reason == backwards.reason


@given(st.lists(people(), min_size=1, max_size=5), st.randoms())
def test_the_order_in_which_leads_are_listed_changes_nothing(said: list[dict[str, str]], chance: object) -> None:
    new, *earlier = [drafted(each, str(number)) for number, each in enumerate(said)]

    assert match_beside(new, *earlier).lead == match_beside(new, *reversed(earlier)).lead
