"""`syncd check`."""

from pathlib import Path

from tests.cli.office import CONFIG, Office


def test_a_sound_config_is_called_fine_without_touching_the_store(office: Office) -> None:
    said = office.run("check")

    assert "fine. sources: contact, demo, fair; sinks: book; 2 rules, 2 people" in said
    assert not (office.folder / "data").exists()


def test_every_problem_is_named_at_once_with_file_line_and_column(office: Office) -> None:
    office.write(CONFIG.replace("type: local", "type: locla").replace("assign: tom", "assign: tim"))

    said = office.run("check", code=2)

    assert said == ""
    assert f'{office.config}:15:16  sinks.book.type: "locla"' in said.err
    assert f'{office.config}:19:13  rules[0].assign: "tim"' in said.err
    assert "did you mean local?" in said.err
    assert "2 problems" in said.err


def test_problems_are_there_for_machines_too(office: Office) -> None:
    office.change("type: local", "type: locla")

    found = office.run("check", "--json", code=2).json()

    (problem,) = found["problems"]
    assert (found["ok"], problem["line"], problem["path"]) == (False, 15, "sinks.book.type")


def test_a_config_that_is_not_there_says_what_to_do(office: Office) -> None:
    said = office.run("check", "--config", office.folder / "other.yaml", code=2)

    assert "other.yaml: there is no such file. Copy config.example.yaml" in said.err
    assert "--config FILE or SYNCD_CONFIG" in said.err


def test_connect_asks_every_connector_and_looks_for_every_person(office: Office) -> None:
    said = office.run("check", "--connect")

    for told in ("contact:", "demo:", "fair:", "book:", "user for eva", "user for tom", "fine."):
        assert told in said


def test_connect_finds_people_who_are_no_users_of_the_crm(office: Office) -> None:
    office.change("type: local", "type: local, owners: [eva@example.com]")

    said = office.run("check", "--connect", code=1)

    assert "ok       user for eva" in said
    assert "MISSING  user for tom  not known there" in said
    assert "give people.tom.email the address of an active user" in said


def test_people_who_get_no_leads_need_no_user(office: Office) -> None:
    office.change("type: local", "type: local, owners: [eva@example.com]")
    office.change("email: tom@example.com", "email: tom@example.com, active: no")

    assert "user for tom" not in office.run("check", "--connect")


def test_one_connector_in_trouble_does_not_hide_the_others(office: Office) -> None:
    (office.folder / "inbox").rmdir()
    office.change("type: local", 'type: hubspot, token: pat-canary-0000, base_url: "http://127.0.0.1:9"')

    found = office.run("check", "--connect", "--json", code=1)

    connectors = found.json()["connectors"]
    assert [finding["ok"] for finding in connectors["fair"]] == [False, False]
    assert any("127.0.0.1" in f["detail"] or "not sent" in f["detail"] for f in connectors["book"] if not f["ok"])
    assert all(finding["ok"] for finding in connectors["contact"])
    assert "canary" not in found + found.err


def test_warnings_are_told_and_do_not_fail(office: Office) -> None:
    office.change("email: tom@example.com", "email: tom@example.com, active: no")

    said = office.run("check")

    assert "warning:" in said.err
    assert "tom is not active" in said.err


def test_the_config_is_found_by_option_before_environment(office: Office, tmp_path: Path) -> None:
    other = tmp_path / "broken.yaml"
    other.write_text("version: 1\n")
    other.chmod(0o600)

    assert "broken.yaml" in office.run("check", "-c", other, code=2).err
