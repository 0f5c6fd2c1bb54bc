"""A person has deleted a lead's record in the CRM, and then the lead writes again."""

from dataclasses import replace

from tests.world import World, submission

ASKED_AGAIN = {"name": "Eva Beispiel", "email": "eva@acme.com", "message": "And the licence, please?"}


def delete_and_ask_again(world: World) -> None:
    world.receive(submission("1"))
    world.settle()
    world.crm.records.clear()
    world.clock.advance(minutes=20)
    world.receive(submission("2", "webinar", **ASKED_AGAIN))
    world.settle()


def test_record_that_somebody_deleted_is_not_made_again_without_a_word(world: World) -> None:
    delete_and_ask_again(world)

    (parked,) = world.store.reports.parked()
    assert parked.reason == "the record was deleted in crm: `syncd retry` makes it again"
    assert world.crm.records == {}


def test_person_who_lets_it_go_gets_a_whole_new_record_with_its_owner(world: World) -> None:
    delete_and_ask_again(world)

    world.operations().retry([parked.id for parked in world.store.reports.parked()])
    world.dispatch()

    ((record, values),) = world.crm.records.items()
    assert (values["email"], values["last_name"]) == ("eva@acme.com", "Beispiel")
    assert world.crm.owner_of[record] == "1"
    assert world.store.reports.parked() == []


def test_sink_that_is_told_so_makes_the_record_again_by_itself(world: World) -> None:
    world.line.options = replace(world.line.options, remakes=True)

    delete_and_ask_again(world)

    ((_, values),) = world.crm.records.items()
    assert values["last_name"] == "Beispiel"
    assert len(world.crm.notes) == 2
    assert world.store.reports.parked() == []


def test_record_that_a_person_made_in_place_of_the_deleted_one_is_taken(world: World) -> None:
    world.receive(submission("1"))
    world.settle()
    world.crm.records = {"900": {"email": "eva@acme.com", "last_name": "Beispiel"}}
    world.clock.advance(minutes=20)

    world.receive(submission("2", "webinar", **ASKED_AGAIN))
    world.settle()

    assert list(world.crm.records) == ["900"]
    assert world.store.reports.parked() == []


def test_story_tells_where_the_deleted_record_was(world: World) -> None:
    delete_and_ask_again(world)

    (line,) = world.leads()
    told = [event for event in world.story(line.lead.id).events if event.event == "parked"]
    assert [event.detail["was"] for event in told] == ["100"]
