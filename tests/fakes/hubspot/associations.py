"""Which types join which objects, and the joining itself.

https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.calls import closed
from tests.fakes.hubspot.errors import invalid
from tests.fakes.hubspot.kinds import NOTES, TASKS, Kind
from tests.fakes.hubspot.records import Record, Table

CATEGORY = "HUBSPOT_DEFINED"
PRIMARY = "Primary"
PRIMARY_COMPANY = 1
CONTACT_COMPANY = ("contacts", "companies")

End = tuple[Table, Record]

# (from, to) -> the unlabelled type, and its counterpart the other way round
_PLAIN = {
    CONTACT_COMPANY: (279, 280),
    ("contacts", "contacts"): (449, 449),
    ("companies", "companies"): (450, 450),
    ("tasks", "contacts"): (204, 203),
    ("tasks", "companies"): (192, 191),
    ("notes", "contacts"): (202, 201),
    ("notes", "companies"): (190, 189),
}
PLAIN = {
    **{pair: there for pair, (there, _) in _PLAIN.items()},
    **{(to, of): back for (of, to), (_, back) in _PLAIN.items()},
}
_PRIMARY = {CONTACT_COMPANY: (PRIMARY_COMPANY, 2), CONTACT_COMPANY[::-1]: (2, PRIMARY_COMPANY)}


@dataclass(frozen=True, slots=True)
class Link:
    """A checked wish to join a record to `target` by `types`."""

    kind: Kind
    target: str
    types: tuple[int, ...]


def plain_type(of: Kind, to: Kind) -> int:
    found = PLAIN.get((of.name, to.name))
    if found is None:
        raise invalid(f"No default association type between {of.word} and {to.word}")
    return found


def label(of: Kind, to: Kind, type_id: int) -> str | None:
    return PRIMARY if type_id in _PRIMARY.get((of.name, to.name), ())[:1] else None


def checked_types(of: Kind, to: Kind, given: Sequence[Any]) -> tuple[int, ...]:
    """The type ids; 400 for a wrong category or an id that does not join these two objects."""
    if not given:
        raise invalid("At least one association type is required")
    allowed = {plain_type(of, to), *_PRIMARY.get((of.name, to.name), ())[:1]}
    ids: list[int] = []
    for each in given:
        spec = closed(each, {"associationCategory": str, "associationTypeId": int})
        category, type_id = spec["associationCategory"], spec["associationTypeId"]
        if category != CATEGORY or type_id not in allowed:
            raise invalid(
                f"No association type with category {category} and id {type_id} exists between {of.word} and {to.word}",
                subCategory="crm.associations.INVALID_ASSOCIATION_TYPE",
            )
        ids.append(type_id)
    return tuple(ids)


def checked_links(account: Account, of: Kind, given: Sequence[Any]) -> list[Link]:
    """Inline associations of a create; the object type of each follows from its type id."""
    return [_checked_link(account, of, each) for each in given]


def join(of: End, to: End, types: Iterable[int], at: str | None) -> None:
    """Both directions; a first company becomes the primary one, and there is only one.

    With `at` the joined record's own activity properties follow a task or note.
    """
    pair = (of[0].kind.name, to[0].kind.name)
    if pair not in _PLAIN:
        join(to, of, [_turned(pair, each) for each in types], at)
        return
    wanted = {PLAIN[pair], *types}
    if pair in _PRIMARY:
        wanted = _with_primary(of[1], to, wanted)
    _links(of[1], pair[1], to[1].id).update(wanted)
    _links(to[1], pair[0], of[1].id).update(_turned(pair, each) for each in wanted)
    if at is not None:
        _felt(at, of[0].kind, of[1], to)


def join_all(account: Account, of: End, links: Iterable[Link], at: str) -> None:
    for link in links:
        table = account.table(link.kind)
        join(of, (table, table.by_id[link.target]), link.types, at)


def part(of: End, to: End) -> None:
    for (_, record), (table, other) in ((of, to), (to, of)):
        record.links.get(table.kind.name, {}).pop(other.id, None)
        if record.properties.get("associatedcompanyid") == other.id:
            del record.properties["associatedcompanyid"]


def _checked_link(account: Account, of: Kind, given: Any) -> Link:
    entry = closed(given, {"to": dict, "types": list})
    target = closed(entry["to"], {"id": str})["id"]
    for table in account.tables.values():
        record = table.get(target)
        if record is not None:
            types = checked_types(of, table.kind, entry["types"])
            return Link(table.kind, record.id, types)
    raise invalid(
        f"{target} is not a valid ID",
        subCategory="crm.associations.INVALID_IDENTIFIER",
        context={"id": [target]},
    )


def _turned(pair: tuple[str, str], type_id: int) -> int:
    """The same association seen from the other end."""
    there, back = _PRIMARY.get(pair, (0, 0))
    return back if type_id == there else PLAIN[pair[::-1]]


def _links(record: Record, kind: str, target: str) -> set[int]:
    return record.links.setdefault(kind, {}).setdefault(target, set())


def _with_primary(contact: Record, company: End, wanted: set[int]) -> set[int]:
    table, new = company
    joined = contact.links.get("companies", {})
    old = next((each for each, types in joined.items() if PRIMARY_COMPANY in types), None)
    if old is not None and PRIMARY_COMPANY not in wanted:
        return wanted
    if old is not None and old != new.id:
        joined[old].discard(PRIMARY_COMPANY)
        former = table.get(old)
        if former is not None:
            former.links["contacts"][contact.id].discard(_turned(CONTACT_COMPANY, PRIMARY_COMPANY))
    contact.properties["associatedcompanyid"] = new.id
    return {*wanted, PRIMARY_COMPANY}


def _felt(at: str, of: Kind, record: Record, to: End) -> None:
    """A task or note that is joined to a record shows in that record's own activity properties."""
    table, other = to
    if of is TASKS and record.properties.get("hs_task_status") != "COMPLETED":
        due = record.properties.get("hs_timestamp", "")
        table.put(other, {"notes_next_activity_date": due}, at)
    elif of is NOTES:
        notes = int(other.properties.get("num_notes", "0")) + 1
        noted = record.properties.get("hs_timestamp", "")
        table.put(other, {"notes_last_updated": noted, "num_notes": str(notes)}, at)
