"""One field of an object, and what it takes.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/primitive_data_types.htm
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tests.fakes.salesforce.errors import Problem

_EMAIL = re.compile(r"[^@\s<>()\[\],;:\\\"]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEXTS = frozenset({"string", "textarea", "phone", "url", "picklist", "combobox"})


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    length: int = 0
    flags: str = ""
    references: tuple[str, ...] = ()
    values: tuple[str, ...] = ()  # of a picklist
    external: bool = False
    unique: bool = False
    label: str = ""

    @property
    def createable(self) -> bool:
        return "c" in self.flags

    @property
    def updateable(self) -> bool:
        return "u" in self.flags

    @property
    def nillable(self) -> bool:
        return "n" in self.flags

    @property
    def defaulted(self) -> bool:
        return "d" in self.flags

    @property
    def filterable(self) -> bool:
        return "F" in self.flags

    @property
    def restricted(self) -> bool:
        return "r" in self.flags

    @property
    def lookup(self) -> bool:
        return "l" in self.flags or self.external

    @property
    def required(self) -> bool:
        return self.createable and not self.nillable and not self.defaulted

    def described(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "length": self.length,
            "nillable": self.nillable,
            "createable": self.createable,
            "updateable": self.updateable,
            "defaultedOnCreate": self.defaulted,
            "externalId": self.external,
            "idLookup": self.lookup,
            "unique": self.unique,
            "restrictedPicklist": self.restricted,
            "caseSensitive": False,
            "referenceTo": list(self.references),
            "calculated": False,
            "filterable": self.filterable,
            "label": self.label or self.name,
        }
        if self.type in ("picklist", "combobox"):
            told["picklistValues"] = [
                {"value": value, "label": value, "active": True, "defaultValue": False} for value in self.values
            ]
        return told

    def checked(self, value: Any) -> Any:
        """What is stored; None clears. Raises Problem."""
        if value is None or value == "":
            if not self.nillable and not self.defaulted:
                raise Problem("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{self.name}]", (self.name,))
            return None
        if self.type in _TEXTS or self.type in ("email", "reference"):
            return self._text(value)
        if self.type in ("date", "datetime"):
            return self._moment(value)
        if self.type == "boolean":
            return self._of(value, "bool")
        if self.type == "int":
            return self._of(value, "int")
        return self._of(value, "int", "float")

    def _text(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self._strange(value)
        text = value.strip() if self.type != "textarea" else value
        if len(text.encode("utf-16-le")) // 2 > self.length:
            said = f"{self.name}: data value too large: {text[:40]} (max length={self.length})"
            raise Problem("STRING_TOO_LONG", said, (self.name,))
        if self.type == "email" and not _EMAIL.fullmatch(text):
            raise Problem("INVALID_EMAIL_ADDRESS", f"{self.name}: invalid email address: {text}", (self.name,))
        if self.type == "picklist" and self.restricted and text not in self.values:
            said = f"{self.name}: bad value for restricted picklist field: {text}"
            raise Problem("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", said, (self.name,))
        return text

    def _moment(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self._strange(value)
        try:
            if self.type == "date":
                if not _DAY.fullmatch(value):
                    raise self._strange(value)
                return date.fromisoformat(value).isoformat()
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise self._strange(value) from None
        if moment.tzinfo is None:
            raise self._strange(value)
        return stamp(moment)

    def _of(self, value: Any, *kinds: str) -> Any:
        if value.__class__.__name__ not in kinds:
            raise self._strange(value)
        return value

    def _strange(self, value: Any) -> Problem:
        said = (
            f"Cannot deserialize instance of {self.type} from value {value} or request may be missing a required field"
        )
        return Problem("JSON_PARSER_ERROR", said, (self.name,))


def stamp(moment: datetime) -> str:
    """As Salesforce writes a time: UTC, milliseconds, +0000."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}+0000"
