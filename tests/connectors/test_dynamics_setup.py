"""What an environment lacks is named with its remedy, and made where it can be."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from connectors.sinks.dynamics.multipart import Request, batch_of, parts_of
from syncd.connector import AuthFailed, Finding
from tests.connectors.dynamics_world import BEN, dynamics_world, keys, record, refs
from tests.fakes.dynamics.tables import Column, Key


def wrong(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.what: finding.detail for finding in findings if not finding.ok}


def test_missing_columns_and_keys_are_named_and_made_in_a_solution_of_our_own(tmp_path: Path) -> None:
    with dynamics_world(tmp_path, prepared=False) as world:
        before = wrong(world.sink.prepare(apply=False))
        made = world.sink.prepare(apply=True)

        assert before["column lead.syncd_key"] == before["alternate key of contact"] == "missing"
        assert "column contact.syncd_company" in before
        assert wrong(made) == {}
        assert {finding.what for finding in made if finding.changed} == before.keys()
        assert [row["uniquename"] for row in world.fake.rows("solution")] == ["syncd"]
        assert len(refs(world.sink.upsert([record(1)]))) == 1


def test_key_whose_index_is_being_built_is_told_until_it_is_active(tmp_path: Path) -> None:
    with dynamics_world(tmp_path, prepared=False, key_delay=120) as world:
        first = wrong(world.sink.prepare(apply=True))
        world.advance(minutes=3)
        second = wrong(world.sink.prepare(apply=True))

        told = "not active yet: InProgress"
        assert first == {"alternate key of lead": told, "alternate key of contact": told}
        assert second == {}


def test_key_that_could_not_be_built_is_told_with_the_remedy(tmp_path: Path) -> None:
    with dynamics_world(tmp_path) as world:
        world.fake.org.tables["lead"].keys[0].failed = True

        (finding,) = (finding for finding in world.sink.prepare(apply=True) if not finding.ok)

        assert finding.what == "alternate key of lead"
        assert "share a value of syncd_key" in finding.remedy
        with pytest.raises(AuthFailed, match="no alternate key"):
            world.sink.upsert([record(1)])


def test_without_the_right_to_customise_it_is_said_what_to_make_by_hand(tmp_path: Path) -> None:
    with dynamics_world(tmp_path, prepared=False) as world:
        world.fake.org.hidden |= {"publisher"}

        findings = world.sink.prepare(apply=True)

        first = findings[0]
        assert not first.ok
        assert "0x80040220" in first.detail
        assert "System Customizer" in first.detail


def test_doctor_finds_what_was_planted(tmp_path: Path) -> None:
    teams = {"eva@sales.example": "Nobody"}
    options: dict[str, Any] = {"lead_sources": {"Chat": "Bakery"}, "statuses": {"Gone": "lost"}, "teams": teams}
    with dynamics_world(tmp_path, sink=options) as world:
        lead = world.fake.org.tables["lead"]
        lead.columns["syncd_inquiries"] = Column("syncd_inquiries", "String", 10)
        del lead.columns["syncd_lastchannel"]
        lead.keys.append(Key("other", ("subject",), world.fake.now()))
        world.fake.org.hidden |= {"opportunity"}
        world.fake.humans.leave(world.owner(BEN).id)

        found = {f.what: f for f in (*world.sink.check(), *world.sink.prepare(apply=False)) if not f.ok}

        assert found.keys() == {
            "column lead.syncd_inquiries", "column lead.syncd_lastchannel", "table opportunities",
            "values of lead.leadsourcecode", "values of lead.statuscode", "team Nobody",
        }  # fmt: skip
        assert "is of type String" in found["column lead.syncd_inquiries"].detail
        assert "not read back" in found["table opportunities"].detail
        assert "Advertisement" in found["values of lead.leadsourcecode"].remedy
        assert all(finding.remedy for finding in found.values())
        assert [owner.active for owner in world.sink.owners().values() if owner.email == BEN] == [False]


def test_login_that_is_refused_is_one_error(tmp_path: Path) -> None:
    with dynamics_world(tmp_path) as world:
        world.fake.refuse_login()

        for ask in (world.sink.check, lambda: world.sink.prepare(apply=False)):
            with pytest.raises(AuthFailed, match="invalid_client"):
                ask()


def test_token_of_another_environment_is_not_asked_for(tmp_path: Path) -> None:
    with dynamics_world(tmp_path) as world:
        other = world.another_sink(tenant="elsewhere")

        with pytest.raises(Exception, match="404"):
            other.find([keys(1)])


def test_batch_keeps_what_a_text_holds_in_its_own_part() -> None:
    text = 'Line\r\n--batch_1--\r\n{"a": "é\u2028"}'

    body = batch_of([Request("POST", "tasks", {"subject": text}), Request("GET", "leads")], "/api/", "batch_1")

    assert body.count(b"--batch_1\r\n") == 2
    assert body.endswith(b"--batch_1--\r\n")
    assert b"\n--batch_1--" not in body[:-13]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b\r\n",
        b"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        b"--b\r\nContent-Type: application/http\r\n\r\nno answer\r\n--b--\r\n",
        b"--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 abc\r\n\r\n--b--\r\n",
    ],
)
def test_answer_that_is_no_whole_batch_is_none(body: bytes) -> None:
    assert parts_of("multipart/mixed; boundary=b", body) is None


def test_answers_are_read_in_their_order() -> None:
    part = b"--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    first = part + b'HTTP/1.1 200 OK\r\nETag: W/"1"\r\n\r\n{"subject":"\xc3\xa9\xe2\x80\xa8"}\r\n'
    second = part + b"HTTP/1.1 404 Not Found\r\n\r\n\r\n"

    parts = parts_of("multipart/mixed; boundary=b", first + second + b"--b--\r\n")

    assert parts is not None
    assert [each.status for each in parts] == [200, 404]
    assert (parts[0].json(), parts[0].headers["etag"]) == ({"subject": "é\u2028"}, 'W/"1"')
