"""`syncd status`, `syncd parked` and `syncd prove`: how the whole stands."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, update

from syncd.store.schema import inbox, leads
from tests.cli.office import ANNA, Office


def test_an_empty_office_is_at_rest(office: Office) -> None:
    said = office.run("status")

    assert "Submissions to plan: 0" in said
    assert "Sink book: ok" in said
    assert "Parked: 0" in said
    assert "Nothing is parked." in office.run("parked")


def test_what_waits_is_counted_with_its_age(office: Office) -> None:
    office.receive(**ANNA)

    found = office.run("status", "--json").json()

    assert found["waiting"]["submissions"] == 1
    assert found["waiting"]["oldest"].endswith("+00:00")
    assert found["waiting"]["stuck"] is False


def test_what_waits_for_long_asks_for_the_daemon(office: Office) -> None:
    office.receive(**ANNA)
    with office.app() as built, built.store.database.write() as tx:
        tx.execute(update(inbox).values(received_at=inbox.c.received_at - 120_000_000))

    assert "is `syncd run` running?" in office.run("status")


def test_a_paused_sink_says_until_when_and_why(office: Office) -> None:
    with office.app() as built:
        built.store.sinks.pause("book", "login", "the token was revoked", timedelta(minutes=5))

    assert "the token was revoked" in office.run("status")
    assert office.run("status", "--json").json()["sinks"]["book"]["state"] == "login"


def test_an_overdue_lead_is_named_with_its_owner(office: Office) -> None:
    office.land(**ANNA)
    with office.app() as built, built.store.database.write() as tx:
        tx.execute(update(leads).values(due_at=0))

    said = office.run("status")

    assert "Overdue and unanswered: 1" in said
    assert "owner tom" in said
    (overdue,) = office.run("status", "--json").json()["overdue"]
    assert datetime.fromisoformat(overdue["due"]) == datetime(1970, 1, 1, tzinfo=UTC)


def test_parked_things_are_listed_with_reason_and_way_out(office: Office) -> None:
    office.land(message="There is no way to reach me")

    said = office.run("parked")

    assert "s1  contact" in said
    assert "nobody could be reached" in said
    assert "syncd retry" in said
    assert "Parked: 1" in office.run("status")
    assert office.run("parked", "--json").json()[0]["id"] == "s1"


def test_a_long_list_says_how_much_is_left_out(office: Office) -> None:
    for number in range(3):
        office.land(message=f"There is no way to reach me ({number})")

    said = office.run("parked", "--most", "2")

    assert "... and 1 more: `syncd parked --most 3`" in said


def test_the_balance_is_proven_after_each_kind_of_arrival(office: Office) -> None:
    office.land(**ANNA)
    office.land(**{**ANNA, "message": "One more question, please?"})
    office.land(**{**ANNA, "email": "robot@robots.example"}, _gotcha="robot")
    office.land(message="There is no way to reach me")

    said = office.run("prove")

    assert "received 4 = 4: 1 in the CRM + 1 quarantined + 0 suppressed + 1 merged + 0 on its way + 1 parked" in said
    assert "The balance holds." in said


def test_a_lost_submission_breaks_the_balance_and_the_exit_code_tells(office: Office) -> None:
    office.land(message="There is no way to reach me")
    with office.app() as built, built.store.database.write() as tx:
        tx.execute(delete(inbox))

    said = office.run("prove", code=4)

    assert "received 1 != 0" in said
    assert "does NOT hold" in said
    assert office.run("prove", "--json", code=4).json()["holds"] is False
