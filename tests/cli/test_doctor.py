"""`syncd doctor`: one look at everything a sink needs."""

from tests.cli.office import Office


def test_sink_that_can_do_all_is_fine(office: Office) -> None:
    said = office.run("doctor", "book")

    assert said.startswith("book:")
    assert "MISSING" not in said


def test_person_whom_the_sink_does_not_know_is_named_with_the_remedy(office: Office) -> None:
    office.change("{type: local}", "{type: local, owners: [eva@example.com]}")

    said = office.run("doctor", code=1)

    assert "MISSING  person tom  no user there has their e-mail address" in said
    assert "set `active: no`" in said


def test_doctor_for_a_sink_that_is_not_there(office: Office) -> None:
    assert "no sink is called 'crm'; there are: book" in office.run("doctor", "crm", code=3).err


def test_nothing_is_said_twice(office: Office) -> None:
    lines = office.run("doctor").splitlines()

    assert len(lines) == len(set(lines))
