"""The store is lost, and made whole from its receipts."""

from pathlib import Path

import pytest

from tests.cli.office import ANNA, Office

BEN = {"name": "Ben Lang", "email": "ben@lang-holz.com", "message": "Could somebody call me about a shop?"}


@pytest.fixture
def office(office: Office) -> Office:
    office.change('{url: "sqlite:///data/syncd.db"}', '{url: "sqlite:///data/syncd.db", receipts: receipts}')
    return office


def lose(office: Office) -> None:
    for file in (office.folder / "data").glob("syncd.db*"):
        file.unlink()


def test_lost_store_has_everything_again_and_the_book_nobody_twice(office: Office, folder_of_book: Path) -> None:
    office.land(**ANNA)
    office.land(**BEN)
    lose(office)

    said = office.run("db", "rebuild", office.folder / "receipts")

    assert "2 receipts read, 2 submissions were missing here" in said
    office.land(**{**ANNA, "message": "And for twenty people?"})
    office.run("export", "book", folder_of_book)
    assert (folder_of_book / "contacts.csv").read_text("utf-8").count("@") >= 2
    assert "holds" in office.run("prove")


def test_older_copy_gets_what_came_after_it(office: Office) -> None:
    office.land(**ANNA)
    office.run("db", "backup", office.folder / "copy.db")
    office.land(**BEN)
    office.run("db", "restore", office.folder / "copy.db")

    found = office.run("db", "rebuild", office.folder / "receipts", "--json").json()

    assert (found["read"], found["new"], found["damaged"]) == (2, 1, [])


def test_damaged_receipt_is_named(office: Office) -> None:
    office.land(**ANNA)
    (file,) = (office.folder / "receipts").iterdir()
    file.write_bytes(file.read_bytes()[:-5])

    said = office.run("db", "rebuild", office.folder / "receipts", code=1)

    assert f"cannot be read: {file.name} at 0" in said.err


@pytest.fixture
def folder_of_book(tmp_path: Path) -> Path:
    return tmp_path / "out"
