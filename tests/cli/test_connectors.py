"""`syncd connectors` and `syncd schema`."""

import pytest

from syncd.config.schema import describe_connector
from syncd.registry import ALERTS, SINKS, SOURCES, Registry
from tests.cli.office import Office

GROUPS = (SOURCES, SINKS, ALERTS)
EVERY = [(group, name) for group in GROUPS for name in Registry().names(group)]


def test_all_that_are_installed_are_listed(office: Office) -> None:
    said = office.run("connectors")

    for _, name in EVERY:
        assert name in said


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_one_shows_every_option_with_its_help(office: Office, group: str, name: str) -> None:
    said = " ".join(office.run("connectors", name).split())

    for option in describe_connector(Registry(), group, name):
        assert f"{option.name}: {option.type}" in said
        assert option.description
        assert " ".join(option.description.split()) in said


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_machines_get_the_same(office: Office, group: str, name: str) -> None:
    (options,) = office.run("connectors", name, "--json").json().values()

    assert [option["name"] for option in options] == [o.name for o in describe_connector(Registry(), group, name)]


def test_secrets_may_be_in_files_and_are_never_defaults(office: Office) -> None:
    said = office.run("connectors", "hubspot")

    assert "token: text, secret" in said
    assert "token_file" in said


def test_a_wrong_name_gets_a_guess(office: Office) -> None:
    said = office.run("connectors", "salesfroce", code=3)

    assert "did you mean salesforce?" in said.err


def test_the_schema_knows_every_connector(office: Office) -> None:
    schema = office.run("schema").json()

    for _, name in EVERY:
        assert f'"const": "{name}"' in str(schema).replace("'", '"')
