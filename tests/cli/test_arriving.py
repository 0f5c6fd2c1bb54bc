"""`syncd sources`, and what `syncd status` and the console say of a source that brings nothing."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text, update

from syncd.console.routes import console_routes
from syncd.core.silence import WEEK_HOURS, hour_of
from syncd.store.schema import arrivals
from tests.cli.office import ANNA, Office
from tests.console.browser import Browser


def fall_silent(office: Office) -> None:
    """The form has brought one enquiry, ten days ago."""
    office.change("type: form, tag: Website", "type: form, tag: Website, expect: 1 per week")
    office.receive(**ANNA)
    ago = timedelta(days=10)
    with office.app() as built, built.store.database.write() as tx:
        shift = {"hour": arrivals.c.hour - ago // timedelta(hours=1)}
        tx.execute(update(arrivals).values(last_at=arrivals.c.last_at - ago // timedelta(microseconds=1), **shift))


def test_what_comes_from_where_is_listed_and_what_never_came_too(office: Office) -> None:
    office.receive(**ANNA)

    said = office.run("sources").splitlines()

    assert [line.split()[0] for line in said[1:]] == ["contact", "demo", "fair"]
    assert "not known before 4 weeks and 20 arrivals" in said[1]
    assert "never" in said[2]
    found = office.run("sources", "--json").json()
    assert found["contact"]["silent"] is False
    assert found["contact"]["last"].startswith(f"{datetime.now(UTC):%Y-%m-%dT}")
    assert found["demo"]["last"] is None


def test_a_silent_source_is_named_by_status_and_sources_with_its_last_good_time(office: Office) -> None:
    fall_silent(office)

    said = office.run("status")

    assert "Source contact is silent: nothing for 10 days, less than the config expects; the last came at" in said
    assert "`syncd sources contact`" in said
    assert list(office.run("status", "--json").json()["silent"]) == ["contact"]
    assert "SILENT" in office.run("sources", "contact")
    assert office.run("sources", "--json").json()["contact"]["by"] == "expect"


def test_the_console_says_which_source_is_silent(office: Office) -> None:
    fall_silent(office)
    with office.app() as built:
        built.build_web(console_routes(built))
        with built.store.database.write() as tx:  # the daemon has listened all the while
            tx.execute(text("DELETE FROM cursors WHERE name = 'listening'"))
        built.health.silences = built.keepers.silences.look()

        found = Browser(built.web).get("/api/leads").json()

    assert [each["source"] for each in found["silent"]] == ["contact"]


def test_the_usual_week_of_one_source_is_shown(office: Office) -> None:
    now = hour_of(datetime.now(UTC))
    rows = [
        {"source": "contact", "hour": hour, "n": 2, "last_at": hour * 3_600_000_000}
        for hour in range(now - 6 * WEEK_HOURS, now, 4)
    ]
    with office.app() as built, built.store.database.write() as tx:
        tx.execute(arrivals.insert(), rows)

    said = office.run("sources", "contact")

    assert " per day" in said
    assert "A usual week:" in said
    assert [line.split()[0] for line in said.splitlines()[-7:]] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert 70 < office.run("sources", "--json").json()["contact"]["usual_per_week"] < 86


def test_a_source_that_is_not_there_is_told(office: Office) -> None:
    assert '"contakt" is no source' in office.run("sources", "contakt", code=3).err
