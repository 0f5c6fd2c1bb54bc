"""One environment: everything the fake remembers."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.dynamics.options import Options
from tests.fakes.dynamics.tables import Column, Key, Table, tables

Values = dict[str, Any]
EMAILS = ("emailaddress1", "emailaddress2", "emailaddress3")


@dataclass
class Row:
    """Values by column; a lookup is (table, id)."""

    id: str
    values: Values
    version: int


@dataclass
class Org:
    options: Options
    tables: dict[str, Table] = field(default_factory=tables)
    tokens: dict[str, datetime] = field(default_factory=dict)
    login_works: bool = True
    rejected: dict[str, str] = field(default_factory=dict)  # a plug-in is against this value of that column
    hidden: set[str] = field(default_factory=set)  # tables that the role of syncd does not open
    keeps: bool = False  # the role of syncd may not delete
    running: int = 0
    asked: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._shift, self._version, self._made = timedelta(0), 1_000_000, 0
        self.rows: dict[str, dict[str, Row]] = {name: {} for name in self.tables}
        self.deleted: list[tuple[int, str, str]] = []  # version, table, id
        self.index: dict[tuple[str, str, str], set[str]] = {}
        self.robot = self.add_user("syncd@apps.example", "# syncd")
        for email in self.options.users:
            self.add_user(email)
        for name, email in self.options.teams.items():
            self.make("team", {"name": name, "emailaddress": email, "teamtype": 0}, self.robot)
        if self.options.prepared:
            self.prepare()

    def prepare(self) -> None:
        """What `syncd prepare --apply` makes."""
        for table in ("lead", "contact"):
            known = self.tables[table]
            texts = ("key", "firstchannel", "lastchannel", "firstcampaign", "lastcampaign")
            columns = [Column(f"syncd_{name}", "String", 255) for name in texts]
            columns += [Column("syncd_firsttouchat", "DateTime"), Column("syncd_inquiries", "Integer")]
            if table == "contact":
                columns += [Column(f"syncd_{name}", "String", 255) for name in ("company", "leadsource")]
            known.columns |= {column.name: column for column in columns}
            known.keys.append(Key("syncd_key", ("syncd_key",), self.now()))

    def now(self) -> datetime:
        """A given start stands still but for `advance`. Dataverse shows whole seconds."""
        return ((self.options.start or datetime.now(UTC)) + self._shift).replace(microsecond=0)

    def advance(self, seconds: float) -> None:
        self._shift += timedelta(seconds=seconds)

    def table_of(self, set_name: str) -> Table | None:
        return next((table for table in self.tables.values() if table.set == set_name), None)

    def add_user(self, email: str, name: str = "") -> str:
        values = {"internalemailaddress": email, "fullname": name or email.partition("@")[0].title()}
        made = self.make("systemuser", {**values, "isdisabled": False}, "")
        return made.id

    def new_id(self) -> str:
        self._made += 1
        return str(uuid.UUID(int=(self._made << 80) | 0xAD1100224822577B))

    @property
    def version(self) -> int:
        return self._version

    def next_version(self) -> int:
        self._version += 1
        return self._version

    def make(self, table: str, values: Values, by: str) -> Row:
        known = self.tables[table]
        row_id = str(values.get(known.id) or self.new_id())
        stamps = {"createdon": self.now(), "modifiedon": self.now(), "createdby": _user(by), "modifiedby": _user(by)}
        defaults: Values = {"ownerid": _user(by)} if "ownerid" in known.columns else {}
        for column in known.columns.values():
            if column.type in ("State", "Status"):
                defaults[column.name] = min(column.choices)
            if column.type == "Boolean":
                defaults[column.name] = False
        row = Row(row_id, {**defaults, **values, known.id: row_id, **stamps}, self.next_version())
        self.rows[table][row_id] = row
        self._indexed(table, row, {})
        return row

    def change(self, table: str, row: Row, values: Mapping[str, Any], by: str) -> None:
        before = dict(row.values)
        row.values |= {**values, "modifiedon": self.now(), "modifiedby": _user(by)}
        row.version = self.next_version()
        self._indexed(table, row, before)

    def delete(self, table: str, row_id: str) -> None:
        row = self.rows[table].pop(row_id)
        self.deleted.append((self.next_version(), table, row_id))
        self._indexed(table, Row(row_id, {}, 0), row.values)

    def delete_with_all(self, table: str, row_id: str) -> None:
        """What hangs on it goes too."""
        self.delete(table, row_id)
        for name in ("task", "annotation"):
            for row in self.live(name):
                if (table, row_id) in row.values.values():
                    self.delete(name, row.id)

    def find(self, row_id: str) -> tuple[str, Row]:
        return next((name, rows[row_id]) for name, rows in self.rows.items() if row_id in rows)

    def held(self, table: str, column: str, value: object) -> list[Row]:
        """Rows with this text in a column that is indexed."""
        found = self.index.get((table, column, str(value).casefold()), set())
        return [self.rows[table][each] for each in sorted(found)]

    def _indexed(self, table: str, row: Row, before: Values) -> None:
        for column in (*EMAILS, *(name for key in self.tables[table].keys for name in key.columns)):
            old, new = (str(values.get(column) or "").casefold() for values in (before, row.values))
            if old and old != new:
                self.index.get((table, column, old), set()).discard(row.id)
            if new and old != new:
                self.index.setdefault((table, column, new), set()).add(row.id)

    def live(self, table: str) -> Iterator[Row]:
        return iter(list(self.rows[table].values()))


def _user(user_id: str) -> tuple[str, str] | None:
    return ("systemuser", user_id) if user_id else None
