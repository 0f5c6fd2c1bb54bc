"""What the environment says of its tables: columns, choices, alternate keys.

https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connectors.sinks.dynamics.client import Client
from connectors.sinks.dynamics.multipart import Request
from connectors.sinks.dynamics.values import Encoded, encode
from syncd.connector import (
    AuthFailed,
    Clock,
    FieldState,
    Fresh,
    RateLimited,
    Retryable,
    json_object,
    list_in,
    object_in,
    objects_in,
)

TABLES = ("lead", "contact", "task", "annotation")
ACTIVE, FAILED = "Active", "Failed"
BUILDING = timedelta(minutes=1)
WHAT = "read of the definitions of tables"
_ALL = (
    "?$select=LogicalName&$expand=Attributes($select=LogicalName,AttributeType,IsValidForRead,IsValidForCreate,"
    "IsValidForUpdate),Keys($select=SchemaName,KeyAttributes,EntityKeyIndexStatus)"
)
_CHOICES = "?$select=LogicalName&$expand=OptionSet($select=Options)"
_TYPED = (
    "/Attributes/Microsoft.Dynamics.CRM.StringAttributeMetadata?$select=LogicalName,MaxLength",
    "/Attributes/Microsoft.Dynamics.CRM.MemoAttributeMetadata?$select=LogicalName,MaxLength",
    f"/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata{_CHOICES}",
    f"/Attributes/Microsoft.Dynamics.CRM.StatusAttributeMetadata{_CHOICES}",
)


@dataclass(frozen=True, slots=True)
class Column:
    type: str
    readable: bool
    createable: bool
    updateable: bool
    length: int = 0
    choices: Mapping[int, str] = field(default_factory=dict)

    def state(self, *, ours: bool) -> FieldState:
        """The API asks for no column; those that forms ask for it takes empty."""
        choices = tuple(sorted(self.choices.values())) if ours else ()
        return FieldState(self.type, ours=ours, writable=self.createable and self.updateable, choices=choices)


@dataclass(frozen=True, slots=True)
class Table:
    columns: Mapping[str, Column]
    keys: Mapping[tuple[str, ...], str]  # columns -> state of the index

    def visible(self, *names: str) -> list[str]:
        """Those that we may read, each once."""
        return [name for name in dict.fromkeys(names) if name in self.columns and self.columns[name].readable]

    def choices(self, name: str) -> Mapping[int, str]:
        column = self.columns.get(name)
        return column.choices if column else {}

    def writable(self, values: Mapping[str, str], *, creating: bool) -> dict[str, Encoded]:
        """What the columns can hold, in their own types; `check` tells a person what they cannot."""
        written = {}
        for name, value in values.items():
            column = self.columns.get(name)
            if column is None or not (column.createable if creating else column.updateable):
                continue
            encoded = encode(value, name, column.type, column.length, column.choices)
            if encoded is not None:
                written[name] = encoded
        return written


class Schema:
    """Thread-safe. All of it is read by one call, when it is needed and every ten minutes."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._told = Fresh(self._read, clock)

    def table(self, name: str) -> Table:
        return self._told.value()[name]

    def forget(self) -> None:
        self._told.forget()

    def check_key(self, table: str, key: str) -> None:
        """Without it every order would be refused, and it is one errand for all: so they wait.

        Raises RateLimited while Dataverse builds the index, AuthFailed where a person has to do something.
        """
        state = self.table(table).keys.get((key,), "")
        if state == ACTIVE:
            return
        self.forget()
        if state in ("", FAILED):
            raise AuthFailed(f"dynamics: {table}.{key} is no alternate key: let syncd prepare the environment")
        raise RateLimited(f"dynamics: the index of the alternate key {table}.{key} is being built ({state})", BUILDING)

    def _read(self) -> Mapping[str, Table]:
        paths = [f"EntityDefinitions(LogicalName='{name}'){part}" for name in TABLES for part in (_ALL, *_TYPED)]
        replies = self._client.send([Request("GET", path) for path in paths], what=WHAT, writes=False)
        bodies = [json_object(reply) for reply in replies]
        if any(body is None or reply.status != 200 for body, reply in zip(bodies, replies, strict=True)):
            raise Retryable(f"dynamics: {WHAT}: not all of it was answered")
        each = 1 + len(_TYPED)
        return {name: _table(bodies[at * each : (at + 1) * each]) for at, name in enumerate(TABLES)}


def _table(bodies: list[Any]) -> Table:
    general, *typed = bodies
    more = {str(row.get("LogicalName")): row for body in typed for row in objects_in(list_in(body, "value"))}
    columns = {
        str(row.get("LogicalName")): _column(row, more.get(str(row.get("LogicalName")), {}))
        for row in objects_in(list_in(general, "Attributes"))
    }
    keys = {
        tuple(map(str, list_in(row, "KeyAttributes"))): str(row.get("EntityKeyIndexStatus"))
        for row in objects_in(list_in(general, "Keys"))
    }
    return Table(columns, keys)


def _column(row: Mapping[str, Any], more: Mapping[str, Any]) -> Column:
    length = more.get("MaxLength")
    return Column(
        type=str(row.get("AttributeType")),
        readable=row.get("IsValidForRead") is not False,
        createable=row.get("IsValidForCreate") is True,
        updateable=row.get("IsValidForUpdate") is True,
        length=length if isinstance(length, int) else 0,
        choices=dict(_choices(more)),
    )


def _choices(row: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    for option in objects_in(list_in(object_in(row, "OptionSet"), "Options")):
        label = object_in(object_in(option, "Label"), "UserLocalizedLabel").get("Label")
        if isinstance(option.get("Value"), int):
            yield option["Value"], str(label or option["Value"])
