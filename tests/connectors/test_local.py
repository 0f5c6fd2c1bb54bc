"""The local book keeps the contract of sinks, and can be read by people."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.sinks.local import Local, LocalOptions, plugin
from syncd.connector import ConfigError, Done, OwnerRef, Refusal, SignalKind
from syncd.model import OrderKind
from syncd.testing import FakeClock, SinkContract, lent_tools

COUNTS = {
    OrderKind.RECORD: "SELECT count(*) AS n FROM contacts",
    OrderKind.TASK: "SELECT count(*) AS n FROM tasks",
    OrderKind.NOTE: "SELECT count(*) AS n FROM notes",
}


class TestLocalSink(SinkContract):
    plugin = plugin
    book: Local

    @pytest.fixture
    def sink(self, tmp_path: Path) -> Iterator[Local]:
        self.book = Local(LocalOptions(file=str(tmp_path / "book.db")), lent_tools("book", FakeClock()))
        yield self.book
        self.book.close()

    def count(self, kind: OrderKind) -> int:
        (row,) = self.book.book.rows(COUNTS[kind])
        return int(row["n"])

    def test_an_owner_given_once_stays_when_nobody_is_named(self, sink: Local) -> None:
        sink.upsert([replace(self.record(1), owner=OwnerRef("eva@example.com", "eva@example.com"))])

        sink.upsert([self.record(1)])

        (known,) = sink.find([self.keys(1)])
        assert known is not None
        assert known.owner == OwnerRef("eva@example.com", "eva@example.com")

    def test_an_address_that_another_contact_has_is_refused_and_changes_nothing(self, sink: Local) -> None:
        self.written(sink, 1)
        second = self.written(sink, 2)
        taken = replace(
            self.record(2), keys=replace(self.keys(2), ref=second), fields={"email": self.keys(1).emails[0]}
        )

        (outcome,) = sink.upsert([taken])

        assert isinstance(outcome, Refusal)
        assert outcome.fields == ("email",)

    def test_a_task_marked_done_is_told_once(self, sink: Local) -> None:
        (task,) = sink.add_tasks([self.task(1, self.written(sink))])
        assert isinstance(task, Done)
        (before,) = sink.changes(None)

        assert sink.complete_task(task.ref)
        assert not sink.complete_task(task.ref)

        (page,) = sink.changes(before.cursor)
        assert [(signal.kind, signal.ref.id) for signal in page.signals] == [(SignalKind.TASK_DONE, task.ref.id)]
        (after,) = sink.changes(page.cursor)
        assert list(after.signals) == []

    def test_the_export_is_one_file_per_table_and_no_cell_is_a_formula(self, sink: Local, tmp_path: Path) -> None:
        record = self.written(sink)
        sink.add_notes([replace(self.note(1, record), body="=HYPERLINK(1)")])

        files = sink.export(tmp_path / "out")

        assert [file.name for file in files] == ["contacts.csv", "tasks.csv", "notes.csv"]
        (note,) = csv.DictReader(files[2].read_text("utf-8").splitlines())
        assert note["body"] == "'=HYPERLINK(1)"

    def test_only_named_owners_are_known_when_some_are_named(self, tmp_path: Path) -> None:
        options = LocalOptions(file=str(tmp_path / "b.db"), owners=("Eva@Example.com",))
        book = Local(options, lent_tools("book", FakeClock()))

        assert list(book.owners()) == ["eva@example.com"]
        book.close()


def test_a_file_that_is_no_book_is_named(tmp_path: Path) -> None:
    (tmp_path / "book.db").write_bytes(b"this is no database at all, and it is long enough to be read as one" * 20)

    with pytest.raises(ConfigError, match="is no book"):
        Local(LocalOptions(file=str(tmp_path / "book.db")), lent_tools("book", FakeClock()))


def test_a_due_time_is_kept_in_utc(tmp_path: Path) -> None:
    book = Local(LocalOptions(file=str(tmp_path / "b.db")), lent_tools("book", FakeClock()))
    contract = TestLocalSink()
    record = contract.written(book)

    book.add_tasks([contract.task(1, record)])

    (row,) = book.book.rows("SELECT due_at FROM tasks")
    assert row["due_at"] == "2026-03-02T12:00:00+00:00"
    book.close()
