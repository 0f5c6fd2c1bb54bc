"""Leads and contacts: who is there already is found, what a rep typed stays, one bad value never blocks a lead."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from syncd.connector import Done, OwnerRef, Ref, Refusal, Unknown, Wait
from tests.connectors.zoho_world import ANNA, BEN, START, World, keys, record, refs, zoho_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with zoho_world(tmp_path) as world:
        yield world


FEWER_SCOPES = "ZohoCRM.modules.ALL ZohoCRM.users.READ ZohoCRM.settings.fields.ALL ZohoCRM.coql.READ"
FIELDS = {"first_name": "Ada", "last_name": "Beispiel", "email": "p1@firm.example"}


def test_lead_carries_names_owner_source_and_our_key(world: World) -> None:
    fields = {
        **FIELDS,
        "company": "Firm",
        "lead_source": "Website",
        "inquiries": "2",
        "first_touch_at": "2026-03-02T09:00:00Z",
    }

    (ref,) = refs(world.sink.upsert([record(1, fields=fields, owner=world.owner(ANNA))]))

    row = world.row(ref)
    assert ref.object == "record"
    assert ref.id.startswith("Leads/")
    assert ref.url == f"https://crm.zoho.com/crm/tab/{ref.id}"
    assert (row["First_Name"], row["Last_Name"], row["Company"], row["Email"]) == (
        "Ada",
        "Beispiel",
        "Firm",
        FIELDS["email"],
    )
    assert (row["Owner"]["email"], row["Syncd_Key"], row["Lead_Source"]) == (ANNA, "lead-1", "Website")
    assert (row["Syncd_Inquiries"], row["Syncd_First_Touch_At"]) == (2, "2026-03-02T09:00:00+00:00")


def cost_of_a_hundred_strangers(world: World) -> Counter[str]:
    orders = [record(number) for number in range(100)]
    world.sink.find([keys(0)])
    with world.counted() as calls:
        world.sink.find([order.keys for order in orders])
        refs(world.sink.upsert(orders))
    return calls


def test_hundred_strangers_cost_one_look_into_both_modules_and_one_upsert(world: World) -> None:
    assert cost_of_a_hundred_strangers(world) == {"POST /__composite_requests": 1, "POST /Leads/upsert": 1}


def test_grant_without_the_scope_of_composite_calls_has_each_module_asked(tmp_path: Path) -> None:
    with zoho_world(tmp_path, scopes=FEWER_SCOPES) as world:
        assert cost_of_a_hundred_strangers(world) == {"POST /coql": 2, "POST /Leads/upsert": 1}


def test_composite_call_that_is_refused_is_made_apart_and_not_tried_again_for_an_hour(world: World) -> None:
    world.fake.humans.add("Leads", {"Last_Name": "B", "Company": "C", "Email": "p1@firm.example"})
    world.sink.owners()
    world.fake.order_fault("answer", path="*/__composite_requests", status=400, body=b'{"code":"NOT_SUPPORTED"}')

    with world.counted() as calls:
        found = [world.sink.find([keys(1)]) for _ in range(2)]
    world.advance(hours=1)
    with world.counted() as later:
        world.sink.find([keys(1)])

    assert all(known is not None for (known,) in found)
    assert calls == {"POST /__composite_requests": 1, "POST /coql": 4}
    assert later["POST /__composite_requests"] == 1


def test_of_more_records_than_a_page_holds_the_oldest_is_found(world: World) -> None:
    oldest, *_ = [
        world.fake.humans.add("Leads", {"Last_Name": "B", "Company": "C", "Email": address})
        for address in ["p1@firm.example"] * 201 + ["p2@firm.example"]
    ]

    (one, two) = world.sink.find([keys(1), keys(2)])

    assert one is not None
    assert one.ref.id == f"Leads/{oldest}"
    assert two is not None


def test_fillers_stand_in_for_what_zoho_demands_and_give_way_to_what_is_real(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1, fields={"email": "p1@firm.example"})]))
    (known,) = world.sink.find([keys(1)])

    assert (world.row(ref)["Last_Name"], world.row(ref)["Company"]) == ("[not provided]", "[not provided]")
    assert known is not None
    assert "last_name" not in known.values
    assert "company" not in known.values


def test_contact_is_found_before_a_lead_and_keeps_its_owner(world: World) -> None:
    world.fake.humans.add("Leads", {"Last_Name": "B", "Company": "C", "Email": "p1@firm.example"})
    contact = world.fake.humans.add(
        "Contacts", {"Last_Name": "B", "Email": "P1@Firm.example", "Owner": {"id": world.owner(BEN).id}}
    )

    (known,) = world.sink.find([keys(1)])

    assert known is not None
    assert known.ref.id == f"Contacts/{contact}"
    assert known.owner == world.owner(BEN)


def test_second_address_of_a_person_finds_them(world: World) -> None:
    there = world.fake.humans.add("Leads", {"Last_Name": "B", "Company": "C", "Secondary_Email": "p1@firm.example"})

    (known,) = world.sink.find([keys(1)])

    assert known is not None
    assert known.ref.id == f"Leads/{there}"


@pytest.mark.parametrize("address", ["o'brien@firm.example", "jörg@firm.example", "x\\' or 1=1@firm.example"])
def test_address_that_a_query_might_misread_is_searched_for(world: World, address: str) -> None:
    there = world.fake.humans.add("Leads", {"Last_Name": "B", "Company": "C", "Email": address})

    with world.counted() as calls:
        (known, other) = world.sink.find([keys(1, emails=(address,)), keys(2)])

    assert known is not None
    assert known.ref.id == f"Leads/{there}"
    assert other is None
    assert calls["GET /Leads/search"] == 1


def test_without_the_scope_of_the_search_a_strange_address_stops_nobody(tmp_path: Path) -> None:
    with zoho_world(tmp_path, scopes=FEWER_SCOPES) as world:
        world.fake.humans.add("Leads", {"Last_Name": "B", "Company": "C", "Email": "p2@firm.example"})

        found = world.sink.find([keys(1, emails=("o'brien@firm.example",)), keys(2)])

        assert [known is not None for known in found] == [False, True]


def test_converted_lead_is_its_contact(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))
    contact = world.fake.humans.convert(world.id_of(ref), mapped=False)

    (known,) = world.sink.find([keys(9, emails=(), ref=ref)])

    assert known is not None
    assert known.ref.id == f"Contacts/{contact}"


def test_write_to_a_lead_that_was_converted_meanwhile_lands_on_its_contact(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))
    contact = world.fake.humans.convert(world.id_of(ref))

    (outcome,) = refs(world.sink.upsert([record(1, ref=ref, fields={"phone": "+49301234567"})]))

    assert outcome.id == f"Contacts/{contact}"
    assert world.row(outcome)["Phone"] == "+49301234567"


def test_write_to_a_record_that_was_merged_away_lands_on_the_survivor(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))
    survivor = world.fake.humans.add("Leads", {"Last_Name": "B", "Company": "C", "Email": "p1@firm.example"})
    world.fake.humans.merge(survivor, world.id_of(ref))

    (outcome,) = refs(world.sink.upsert([record(1, ref=ref)]))

    assert outcome.id == f"Leads/{survivor}"


def test_record_that_a_person_deleted_is_told_to_be_gone_and_not_made_again(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))
    world.fake.humans.delete(world.id_of(ref))

    (outcome, other) = world.sink.upsert([record(1, ref=ref), record(2)])

    assert outcome == Refusal("zoho: a person has deleted this record", gone=True)
    assert isinstance(other, Done)
    assert len(world.fake.rows("Leads")) == 1


def test_record_that_went_away_since_it_was_looked_up_is_looked_up_again(world: World) -> None:
    refs(world.sink.upsert([record(1)]))
    (known,) = world.sink.find([keys(1)])
    assert known is not None
    world.fake.humans.delete(world.id_of(known.ref))

    (outcome,) = world.sink.upsert([replace(record(1, ref=known.ref), known=known)])

    assert isinstance(outcome, Wait)


@pytest.mark.parametrize("place", range(4))
def test_bad_record_at_any_place_does_not_touch_its_neighbours(world: World, place: int) -> None:
    orders = [record(number) for number in range(4)]
    orders[place] = record(place, fields={"email": "no address"}, emails=("no address",))

    outcomes = world.sink.upsert(orders)

    assert [at for at, outcome in enumerate(outcomes) if not isinstance(outcome, Done)] == [place]
    assert outcomes[place] == Refusal("zoho: record refused: INVALID_DATA on Email", ("Email",))
    assert len(world.fake.rows("Leads")) == 3


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("phone", "call me maybe", "Phone"),
        ("industry", "Bakery", "Industry"),
        ("lead_source", "Website", "Lead_Source"),
    ],
)
def test_value_that_zoho_will_not_take_is_left_out_and_never_blocks_a_lead(
    tmp_path: Path, field: str, value: str, name: str
) -> None:
    with zoho_world(tmp_path, restricted_picklists=True) as world:
        (one, two) = refs(world.sink.upsert([record(1, fields={**FIELDS, field: value}), record(2)]))

        assert world.row(one)["First_Name"] == "Ada"
        assert world.row(one).get(name) is None
        assert world.row(two)["First_Name"] == "First2"


@pytest.mark.parametrize(
    ("field", "value", "name", "kept"),
    [
        ("last_name", "x" * 200, "Last_Name", "x" * 74 + " [...]"),
        ("message", "y" * 40_000, "Description", "y" * 31_994 + " [...]"),
        ("company_size", "50-100", "No_of_Employees", None),
        ("company_size", "70", "No_of_Employees", 70),
        ("first_name", "=cmd|'/c calc'!A1", "First_Name", "=cmd|'/c calc'!A1"),
        ("company", "<script>ö 北京</script>') or 1=1", "Company", "<script>ö 北京</script>') or 1=1"),
    ],
)
def test_values_fit_their_fields_and_arrive_as_plain_text(
    world: World, field: str, value: str, name: str, kept: object
) -> None:
    (ref,) = refs(world.sink.upsert([record(1, fields={**FIELDS, field: value})]))

    assert world.row(ref).get(name) == kept


def test_owner_who_has_left_is_told_so_that_owners_are_asked_anew(world: World) -> None:
    ben = world.owner(BEN)
    world.fake.humans.leave(ben.id)

    (outcome,) = world.sink.upsert([record(1, owner=ben)])

    assert outcome == Refusal("zoho: record refused: INVALID_DATA on Owner", ("Owner",), owner=True)
    assert not world.owner(BEN).active


def test_stranger_whom_another_module_knows_is_filled_in_there_where_it_is_empty(tmp_path: Path) -> None:
    with zoho_world(tmp_path, cross_module_duplicates=True) as world:
        contact = world.fake.humans.add("Contacts", {"Last_Name": "Typed", "Email": "p1@firm.example"})

        (ref,) = refs(world.sink.upsert([record(1, fields={**FIELDS, "phone": "+49301234567"})]))

        assert ref.id == f"Contacts/{contact}"
        assert (world.row(ref)["Last_Name"], world.row(ref)["Phone"]) == ("Typed", "+49301234567")
        assert world.fake.rows("Leads") == []


def test_value_that_stands_in_another_record_is_left_out_of_a_change(world: World) -> None:
    one, two = refs(world.sink.upsert([record(1), record(2)]))
    field = world.fake.account.modules["Leads"].fields["Phone"]
    world.fake.account.modules["Leads"].fields["Phone"] = replace(field, unique=True)
    refs(world.sink.upsert([record(1, ref=one, fields={"phone": "+49301234567"})]))

    refs(world.sink.upsert([record(2, ref=two, fields={"phone": "+49301234567", "company": "Moved"})]))

    assert (world.row(two).get("Phone"), world.row(two)["Company"]) == (None, "Moved")


def test_without_a_unique_key_field_an_address_does_and_nothing_does_without_one(tmp_path: Path) -> None:
    with zoho_world(tmp_path, prepared=False) as world:
        first, second = world.sink.upsert([record(1, fields=FIELDS), record(2, emails=())])

        assert isinstance(first, Done)
        assert isinstance(second, Refusal)
        assert "Syncd_Key" in second.reason


def test_lead_without_an_address_is_known_by_our_key(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1, emails=())]))

    (again,) = refs(world.sink.upsert([record(1, emails=(), fields={"company": "Moved"})]))
    (known,) = world.sink.find([keys(1, emails=())])

    assert known is not None
    assert ref == again == known.ref


def test_part_of_a_call_that_is_lost_is_in_doubt_and_the_rest_waits(world: World) -> None:
    (known,) = refs(world.sink.upsert([record(1)]))
    world.fake.order_fault("commit_then_drop", "PUT", "/crm/v8/Leads")

    (changed, new) = world.sink.upsert([record(1, ref=known), record(2)])

    assert isinstance(changed, Unknown)
    assert isinstance(new, Wait)
    assert len(world.fake.rows("Leads")) == 1


def test_doubtful_stranger_is_looked_for_before_fillers_are_sent(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))
    world.fake.humans.edit(world.id_of(ref), {"Company": "Typed by a rep"})

    refs(world.sink.upsert([replace(record(1), sent_at=START)]))

    assert world.row(ref)["Company"] == "Typed by a rep"


def test_options_set_what_new_leads_begin_with(world: World) -> None:
    sink = world.another_sink(
        lead_status="Not Contacted", layout="123456789", fixed={"City": "Berlin"}, trigger=["workflow"]
    )

    (ref,) = refs(sink.upsert([record(1)]))
    refs(sink.upsert([record(1, ref=ref, fields={"company": "Moved"})]))

    row = world.row(ref)
    assert (row["Lead_Status"], row["City"], row["Layout"]) == ("Not Contacted", "Berlin", {"id": "123456789"})
    assert b'"trigger":["workflow"]' in world.fake.log[-1].body


def test_field_that_an_account_has_lost_is_read_again_and_waited_for(world: World) -> None:
    refs(world.sink.upsert([record(1)]))
    del world.fake.account.modules["Leads"].fields["Syncd_Inquiries"]

    (outcome,) = refs(world.sink.upsert([record(2, fields={**FIELDS, "inquiries": "1"}, emails=("p2@firm.example",))]))

    assert "Syncd_Inquiries" not in world.row(outcome)


def test_owner_of_a_ref_that_a_person_typed_without_a_module_is_looked_for_where_strangers_go(world: World) -> None:
    (ref,) = refs(world.sink.upsert([record(1)]))

    (known,) = world.sink.find([keys(9, emails=(), ref=Ref("record", world.id_of(ref)))])

    assert known is not None
    assert known.ref == ref
    assert isinstance(known.owner, OwnerRef)


def test_call_that_zoho_refuses_whole_is_halved_until_the_offender_stands_alone(world: World) -> None:
    body = b'{"code":"INVALID_DATA","details":{},"message":"invalid data","status":"error"}'
    world.fake.order_fault("answer", "POST", "/crm/v8/Leads/upsert", status=400, body=body, count=1)

    outcomes = world.sink.upsert([record(1), record(2), record(3)])

    assert [type(outcome) for outcome in outcomes] == [Done] * 3


def test_change_of_which_nothing_can_be_written_makes_no_call(tmp_path: Path) -> None:
    with zoho_world(tmp_path, prepared=False) as world:
        contact = Ref("record", "Contacts/" + world.fake.humans.add("Contacts", {"Last_Name": "B"}))

        with world.counted() as calls:
            (ref,) = refs(world.sink.upsert([record(1, ref=contact, fields={"company": "Firm"})]))

        assert ref.id == contact.id
        assert calls["PUT /Contacts"] == 0
