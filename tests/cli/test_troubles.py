"""Whatever goes wrong, people get one line and an exit code; no traceback."""

import socket
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import typer
from typer.testing import CliRunner

from syncd.cli.troubles import Commands
from syncd.config.problems import ConfigErrors, Problem
from syncd.errors import (
    Ambiguous,
    AuthFailed,
    RateLimited,
    Refused,
    Rejected,
    Retryable,
    StoreBusy,
    StoreError,
    SyncdError,
)
from tests.cli.office import ANNA, Office
from tests.e2e.processes import Process

COMMANDS = ("status", "parked", "prove", "quarantine")


def ended(error: BaseException) -> tuple[int, str]:
    """Exit code and standard error of a command that ends with this error."""
    app = typer.Typer(cls=Commands, add_completion=False, pretty_exceptions_enable=False)

    @app.command("fail")
    def fail() -> None:
        raise error

    @app.command("other")
    def other() -> None: ...

    told = CliRunner().invoke(app, ["fail"])
    if told.exception is not None and not isinstance(told.exception, SystemExit):
        raise told.exception
    return told.exit_code, told.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigErrors([Problem("config.yaml", 3, 1, "rules", "wrong")]), 2),
        (StoreError("another daemon"), 5),
        (StoreBusy("the disk is full"), 5),
        (AuthFailed("crm: the token was refused"), 1),
        (Refused("crm: no such user"), 1),
        (Retryable("crm: no answer"), 1),
        (RateLimited("crm: slow down", timedelta(seconds=1)), 1),
        (Ambiguous("crm: sent, no answer"), 1),
        (Rejected("no such submission"), 1),
        (SyncdError("anything else"), 1),
        (FileNotFoundError(2, "No such file or directory", "a.csv"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_trouble_is_one_line_and_an_exit_code(error: BaseException, code: int) -> None:
    exit_code, said = ended(error)

    assert exit_code == code
    assert len(said.splitlines()) == 1


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(KeyError):
        ended(KeyError("x"))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_store_in_an_impossible_place_is_told(office: Office, command: str) -> None:
    (office.folder / "data").write_text("a file, not a folder")

    said = office.run(command, code=5)

    assert "the store cannot be opened" in said.err
    assert "data" in said.err


def test_a_store_that_is_a_folder_is_told(office: Office) -> None:
    (office.folder / "data" / "syncd.db").mkdir(parents=True)

    assert "unable to open database file" in office.run("status", code=5).err


def test_a_file_that_is_no_database_is_told(office: Office) -> None:
    (office.folder / "data").mkdir()
    office.file("data/syncd.db", "This is a letter and no database." * 100)

    assert "file is not a database" in office.run("status", code=5).err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_of_a_newer_version_is_told(office: Office, command: str) -> None:
    office.land(**ANNA)
    with closing(sqlite3.connect(office.folder / "data/syncd.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
        connection.commit()

    assert "newer version (9999_later)" in office.run(command, code=5).err


def test_a_postgresql_server_that_is_away_is_told_without_the_password(office: Office) -> None:
    office.change("sqlite:///data/syncd.db", "postgresql://syncd:canary-word@127.0.0.1:9/syncd")

    said = office.run("status", code=5)

    assert "the store cannot be used" in said.err
    assert "canary-word" not in said.err


def test_an_address_that_is_none_is_told_without_the_password(office: Office) -> None:
    office.change("sqlite:///data/syncd.db", "postgresql://syncd:canary-word@127.0.0.1:port/syncd")

    said = office.run("status", code=5)

    assert "store.url is no address of a database" in said.err
    assert "canary-word" not in said.err


def test_a_store_that_somebody_else_locks_is_told_after_a_while(office: Office) -> None:
    office.land(message="There is no way to reach me")
    with closing(sqlite3.connect(office.folder / "data/syncd.db", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")

        said = office.run("retry", "s1", code=5)

    assert "the store cannot be used now: database is locked" in said.err


@pytest.mark.process
def test_a_second_daemon_on_the_same_store_is_told(office: Office) -> None:
    office.change("log:", "web: {port: 0}\nlog:")
    with office.app() as built:
        built.store.own()

        said = office.run("run", code=5)

    assert "another syncd daemon runs on syncd.db" in said.err


@pytest.mark.process
def test_a_port_that_is_taken_is_told(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        office.change("log:", f"web: {{port: {port}}}\nlog:")

        started = Process("syncd", "run", "-c", str(office.config), cwd=office.folder)
        code = started.process.wait(60)
        started.stop()

    assert code == 1
    assert f"cannot listen on 127.0.0.1:{port}: is it in use?" in started.lines[-1]
    assert not [line for line in started.lines if "Traceback" in line]


@pytest.mark.process
def test_the_daemon_on_an_impossible_store_is_told(office: Office) -> None:
    (office.folder / "data").write_text("a file, not a folder")

    assert "the store cannot be opened" in office.run("run", code=5).err
