"""`syncd db backup`, `restore` and `restored`: copies of the store by command."""

import os
from datetime import datetime

import pytest

from syncd.store.files import owned
from tests.cli.office import ANNA, Office


def test_a_backup_has_a_name_with_its_time_and_lies_beside_the_store(office: Office) -> None:
    office.land(**ANNA)

    said = office.run("db", "backup")

    (made,) = (office.folder / "data").glob("syncd-backup-*Z.db")
    assert said == f"{made}: {made.stat().st_size} bytes, sound\n"


def test_a_folder_of_backups_keeps_the_newest(office: Office) -> None:
    office.land(**ANNA)
    (office.folder / "copies").mkdir()
    (office.folder / "copies" / "syncd-backup-20260101T000000Z.db").touch()

    found = office.run("db", "backup", office.folder / "copies", "--keep", "1", "--json").json()

    assert [name.rpartition("/")[2] for name in found["deleted"]] == ["syncd-backup-20260101T000000Z.db"]
    assert [str(path) for path in (office.folder / "copies").iterdir()] == [found["file"]]


def test_a_restore_says_what_is_missing_and_what_is_looked_for(office: Office) -> None:
    office.receive(**ANNA)
    office.run("db", "backup", office.folder / "copy.db")
    office.receive(name="Bob Muster", email="bob@muster-bau.com", message="Later")

    found = office.run("db", "restore", office.folder / "copy.db", "--json").json()

    assert (found["submissions"], found["orders"]) == (1, 0)
    assert datetime.fromisoformat(found["newest"]).tzinfo is not None
    assert "-replaced-" in found["aside"]
    assert office.run("status", "--json").json()["waiting"]["submissions"] == 1


def test_a_restore_into_an_empty_folder_sets_nothing_aside(office: Office) -> None:
    office.land(**ANNA)
    office.run("db", "backup", office.folder / "copy.db")
    for file in (office.folder / "data").glob("syncd.db*"):
        file.unlink()

    said = office.run("db", "restore", office.folder / "copy.db")

    assert "What was there" not in said
    assert "1 submissions, the newest of" in said
    assert "The balance holds." in office.run("prove")


@pytest.mark.parametrize("words", [("restore", "copy.db"), ("restored",)])
def test_beside_a_running_daemon_nothing_is_restored(office: Office, words: tuple[str, ...]) -> None:
    office.land(**ANNA)
    office.run("db", "backup", office.folder / "copy.db")

    with owned(office.folder / "data/syncd.db"):
        said = office.run("db", words[0], *[office.folder / word for word in words[1:]], code=5)

    assert "another syncd daemon runs" in said.err


def test_a_store_put_back_by_other_means_is_told_of(office: Office) -> None:
    office.receive(**ANNA)

    assert office.run("db", "restored", "--json").json()["submissions"] == 1


def test_a_file_of_root_belongs_to_whom_the_folder_belongs(office: Office) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes files for others")
    office.land(**ANNA)
    os.chown(office.folder / "data", 12345, 12345)

    office.run("db", "backup")

    (made,) = (office.folder / "data").glob("syncd-backup-*Z.db")
    assert (made.stat().st_uid, made.stat().st_gid) == (12345, 12345)


def test_of_a_postgresql_its_own_tools_are_named(office: Office, postgres: str) -> None:
    office.change("sqlite:///data/syncd.db", postgres)

    assert "pg_dump" in office.run("db", "backup", code=5).err
    assert "pg_restore" in office.run("db", "restore", "copy.db", code=5).err
