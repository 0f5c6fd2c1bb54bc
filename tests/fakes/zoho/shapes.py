"""Records as the API shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.fakes.zoho.account import Account, Record


def stamp(moment: datetime) -> str:
    """With an offset and without fractions."""
    return moment.isoformat(timespec="seconds")


def small(account: Account, user_id: str) -> dict[str, str]:
    user = account.users.get(user_id)
    return user.small() if user else {"name": "", "id": user_id}


def value_of(account: Account, record: Record, name: str) -> Any:
    match name:
        case "id":
            return record.id
        case "Created_Time":
            return stamp(record.created_at)
        case "Modified_Time":
            return stamp(record.modified_at)
        case "Created_By":
            return record.created_by.small()
        case "Modified_By":
            return record.modified_by.small()
        case "Owner":
            return small(account, record.values["Owner"]["id"])
        case "Converted_Contact":
            return {"id": record.contact} if record.contact else None
    value = record.values.get(name)
    return stamp(value) if isinstance(value, datetime) else value


def shown(account: Account, record: Record, names: Iterable[str]) -> dict[str, Any]:
    return {"id": record.id, **{name: value_of(account, record, name) for name in names}}
