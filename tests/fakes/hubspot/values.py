"""What a property is, and which values it takes.

https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from tests.fakes.hubspot.clock import stamp

LONGEST = 65_536

Check = Callable[[str], str]

_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[A-Za-z0-9\u0080-\uffff-]+(\.[A-Za-z0-9\u0080-\uffff-]+)+")
_EPOCH = re.compile(r"-?\d{10,14}")


class Unfit(ValueError):
    """A verdict on a value, with HubSpot's code for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    label: str
    type: str
    field_type: str
    group: str
    options: tuple[tuple[str, str], ...] = ()  # label, value
    external: str = ""  # "owner" or "email": values checked against more than the definition
    read_only: bool = False
    unique: bool = False
    native: bool = False
    description: str = ""

    def body(self) -> dict[str, Any]:
        """The answer to GET of this property."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "groupName": self.group,
            "description": self.description,
            "options": [
                {"label": label, "value": value, "displayOrder": at, "hidden": False}
                for at, (label, value) in enumerate(self.options)
            ],
            "displayOrder": -1,
            "calculated": False,
            "externalOptions": self.external == "owner",
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": self.native,
            "archived": False,
            "formField": not self.read_only,
            "modificationMetadata": {
                "archivable": not self.native,
                "readOnlyDefinition": self.native,
                "readOnlyValue": self.read_only,
            },
        }


def checker(prop: Property, active_owner: Callable[[str], bool]) -> Check:
    """A function from a value on the wire to the stored one; "" clears. It raises Unfit."""
    if prop.read_only:
        return partial(_refuse, prop.name)
    if prop.external == "owner":
        return partial(_owner, active_owner)
    if prop.external == "email":
        return _email
    if prop.type == "enumeration":
        return _chooser(prop)
    checks: dict[str, Check] = {
        "number": _number,
        "bool": _bool,
        "datetime": datetime_value,
        "date": _date,
    }
    return checks.get(prop.type, _text)


def normal_email(value: str) -> str:
    return value.strip().lower()


@lru_cache(4096)
def datetime_value(value: str) -> str:
    """Epoch milliseconds or ISO 8601 (UTC when it names no zone), as HubSpot stores it."""
    try:
        if _EPOCH.fullmatch(value):
            return stamp(datetime.fromtimestamp(int(value) / 1000, UTC))
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError) as error:
        raise Unfit("INVALID_LONG", f"{value} was not a valid long.") from error
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _refuse(name: str, _: str) -> str:
    message = f'"{name}" is a read only property; its value cannot be set.'
    raise Unfit("READ_ONLY_VALUE", message)


def _email(value: str) -> str:
    address = normal_email(value)
    if not _EMAIL.fullmatch(address):
        raise Unfit("INVALID_EMAIL", f"Email address {value} is invalid")
    return address


def _owner(active_owner: Callable[[str], bool], value: str) -> str:
    if not active_owner(value):
        raise Unfit("INVALID_OWNER_ID", f"{value} was not a valid owner ID")
    return value


def _chooser(prop: Property) -> Callable[[str], str]:
    allowed = frozenset(value for _, value in prop.options)
    listed = ", ".join(value for _, value in prop.options)
    several = prop.field_type == "checkbox"

    def choose(value: str) -> str:
        for each in value.strip(";").split(";") if several else (value,):
            if each not in allowed:
                message = f"{each} was not one of the allowed options: [{listed}]"
                raise Unfit("INVALID_OPTION", message)
        return value

    return choose


def _number(value: str) -> str:
    try:
        float(value)
    except ValueError as error:
        raise Unfit("INVALID_NUMBER", f"{value} was not a valid number.") from error
    return value


def _bool(value: str) -> str:
    if value not in {"true", "false"}:
        raise Unfit("INVALID_OPTION", f"{value} was not one of the allowed options: [true, false]")
    return value


def _date(value: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        midnight = datetime_value(value)
        if not midnight.endswith("T00:00:00.000Z"):
            raise Unfit("INVALID_DATE", f"{value} is at {midnight[11:19]} UTC, not midnight!")
        return midnight[:10]
    datetime_value(value)
    return value


def _text(value: str) -> str:
    if len(value) > LONGEST:
        raise Unfit("INVALID_LENGTH", f"The value is longer than {LONGEST} characters")
    return value
