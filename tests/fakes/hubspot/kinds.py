"""The object types of the account and the names HubSpot uses for each."""

from dataclasses import dataclass

from tests.fakes.hubspot.errors import Refusal


@dataclass(frozen=True, slots=True)
class Kind:
    name: str  # in paths
    word: str  # in messages
    type_id: str
    scope: str  # tasks and notes are covered by the scopes of contacts
    created: str
    modified: str
    shown: tuple[str, ...]  # what a read returns when it names no properties
    needs: tuple[str, ...] = ()  # on create, every one
    needs_any: tuple[str, ...] = ()  # on create, at least one

    @property
    def stamps(self) -> tuple[str, str, str]:
        """Returned with every record, asked for or not."""
        return (self.created, self.modified, "hs_object_id")


CONTACTS = Kind(
    name="contacts",
    word="CONTACT",
    type_id="0-1",
    scope="contacts",
    created="createdate",
    modified="lastmodifieddate",
    shown=("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    needs_any=("email", "firstname", "lastname"),
)
COMPANIES = Kind(
    name="companies",
    word="COMPANY",
    type_id="0-2",
    scope="companies",
    created="createdate",
    modified="hs_lastmodifieddate",
    shown=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    needs_any=("name", "domain"),
)
TASKS = Kind(
    name="tasks",
    word="TASK",
    type_id="0-27",
    scope="contacts",
    created="hs_createdate",
    modified="hs_lastmodifieddate",
    shown=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    needs=("hs_timestamp",),
)
NOTES = Kind(
    name="notes",
    word="NOTE",
    type_id="0-46",
    scope="contacts",
    created="hs_createdate",
    modified="hs_lastmodifieddate",
    shown=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    needs=("hs_timestamp",),
)
KINDS = {kind.name: kind for kind in (CONTACTS, COMPANIES, TASKS, NOTES)}

_BY_ANY_NAME = {
    alias: kind for kind in KINDS.values() for alias in (kind.name, kind.word.lower(), kind.type_id, kind.word)
}


def kind_called(name: str) -> Kind:
    """`contacts`, `contact` or `0-1`; 400 for anything else."""
    kind = _BY_ANY_NAME.get(name)
    if kind is None:
        raise Refusal(400, f"Unable to infer object type from: {name}")
    return kind
