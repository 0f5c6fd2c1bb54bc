"""From a form to Salesforce and back, with the whole of syncd in one process and the CRM on a socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.office import ANNA, Office, keep, settle
from tests.fakes.salesforce import FakeSalesforce, Options
from tests.fakes.salesforce.fields import Field

EVA, TOM = "eva@example.com", "tom@example.com"


@pytest.fixture
def salesforce() -> Iterator[FakeSalesforce]:
    with FakeSalesforce(Options(users=(EVA, TOM))) as fake:
        yield fake


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, salesforce: FakeSalesforce) -> Office:
    """The office with Salesforce in the place of its book, prepared as a person would."""
    monkeypatch.chdir(tmp_path)
    made = Office(tmp_path)
    own = salesforce.options
    login = f"{{client_id: {own.client_id}, client_secret: {own.client_secret}}}"
    made.change(
        "book: {type: local}", f"crm: {{type: salesforce, login_url: '{salesforce.url}', client_credentials: {login}}}"
    )
    made.run("prepare", "crm", "--apply")
    return made


def user(salesforce: FakeSalesforce, email: str) -> str:
    return next(str(each["Id"]) for each in salesforce.records("User") if each["Email"] == email)


def test_form_becomes_one_lead_with_owner_task_and_note_and_again_adds_a_note(
    office: Office, salesforce: FakeSalesforce
) -> None:
    office.land()
    office.land(**{**ANNA, "message": "One more thing: is there a discount?"})

    (lead,) = salesforce.records("Lead")
    tasks = salesforce.records("Task")
    (task,) = [each for each in tasks if not each["IsClosed"]]
    notes = [each for each in tasks if each["IsClosed"]]
    assert (lead["FirstName"], lead["LastName"], lead["Company"]) == ("Anna", "Berg", "Berg Bau GmbH")
    assert lead["OwnerId"] == task["OwnerId"] == user(salesforce, TOM)
    assert task["WhoId"] == lead["Id"]
    assert "Anna Berg" in task["Subject"]
    assert "discount" in task["Description"]
    assert len(notes) == 2
    assert all(note["WhoId"] == lead["Id"] for note in notes)
    assert office.run("prove")


def test_contact_whom_somebody_owns_keeps_them_and_what_they_have(office: Office, salesforce: FakeSalesforce) -> None:
    eva = user(salesforce, EVA)
    given = {"LastName": "Berg-Typed", "Email": ANNA["email"], "OwnerId": eva}
    contact = salesforce.people.add("Contact", given)

    office.land()

    (task,) = [each for each in salesforce.records("Task") if not each["IsClosed"]]
    held = salesforce.record(contact)
    assert salesforce.records("Lead") == []
    assert (held["LastName"], held["FirstName"], held["OwnerId"]) == ("Berg-Typed", "Anna", eva)
    assert (task["WhoId"], task["OwnerId"]) == (contact, eva)


def test_lone_lead_takes_three_calls_beside_its_note(office: Office, salesforce: FakeSalesforce) -> None:
    with office.app() as built:
        keep(built, **ANNA)
        settle(built)
        before = sum(salesforce.calls.values())

        keep(built, **{**ANNA, "name": "Bert Baum", "email": "bert@baum-holz.com", "company": "Baum"})
        settle(built)

        assert sum(salesforce.calls.values()) - before == 3 + 1


def test_check_tells_of_a_lead_source_that_no_list_has_and_then_finds_nothing_wrong(office: Office) -> None:
    told = office.run("check", "--connect", code=1)
    assert "values of Lead.LeadSource" in told
    assert "Website" in told

    office.change("type: salesforce,", "type: salesforce, lead_sources: {Website: Web},")

    assert "API version 66.0" in office.run("check", "--connect")


def test_doctor_finds_what_was_planted(office: Office, salesforce: FakeSalesforce) -> None:
    """Somebody has left, a field is hidden, a status and a queue are not there, a field that must be filled is new."""
    planted = "status: Brand new, queues: {inbound@example.com: No_Queue}, lead_sources: {Website: Web},"
    office.change("type: salesforce,", f"type: salesforce, {planted}")
    salesforce.deactivate(user(salesforce, EVA))
    lead = salesforce.org.tables["Lead"]
    lead.hidden.add("Syncd_Inquiries__c")
    lead.fields["Region__c"] = Field("Region__c", "string", 40, "cuF")

    told = office.run("doctor", "crm", "--json", code=1).json()

    bad = {finding["what"] for findings in told.values() for finding in findings if not finding["ok"]}
    assert bad == {
        "person eva",
        "field Lead.Syncd_Inquiries__c",
        "values of Lead.Status",
        "queue No_Queue",
        "required field Lead.Region__c",
    }
