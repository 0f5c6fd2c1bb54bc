"""Finding people among contacts and leads: by ref, by address, and by the id under which we make a lead.

All of it reads the records themselves; there is no index that runs behind.
"""

from collections.abc import Iterable, Mapping, Sequence

from connectors.sinks.sugar import wire
from connectors.sinks.sugar.options import SugarOptions
from connectors.sinks.sugar.people import People, Place, Presence
from connectors.sinks.sugar.schema import Schema
from connectors.sinks.sugar.service import CONTACTS, DELETED, EMAIL, EMAILS, LEADS, MODULES, Question, Row, Service
from syncd.connector import Known, LeadKeys, Recent, Ref, Refused, Retryable, text_in

SEATS = 4  # how often a person may delete a lead that comes again
REMEMBERED = 10_000


Hit = tuple[Place, Row]


class Lookup:
    def __init__(
        self,
        options: SugarOptions,
        service: Service,
        schema: Schema,
        people: People,
        presence: Presence,
    ) -> None:
        self._options, self._service, self._schema = options, service, schema
        self._people, self._presence = people, presence
        self._free: Recent[str, int] = Recent(REMEMBERED)  # lead -> seat that is not taken

    def names(self, module: str) -> dict[str, str]:
        """Canonical field -> name of a field."""
        return {**wire.NAMES[module], **self._options.map}

    def find(self, leads: Sequence[LeadKeys]) -> list[Known | None]:
        """By ref, then by address, contacts before leads, then by our own id.

        Raises Retryable where the question is refused: no answer must not pass for a stranger.
        """
        found = self._asked(leads)
        for place, _ in found.values():
            self._presence.saw(place)
        return [self._known(*found[at]) if at in found else None for at in range(len(leads))]

    def seat(self, lead: str) -> int:
        """The number under which this lead is to be made."""
        return self._free.get(lead) or 0

    def taken(self, lead: str, number: int) -> None:
        """It cannot be made there, and is not there either."""
        self._free.put(lead, number + 1)

    def by_ids(self, places: Iterable[Place]) -> dict[Place, Row]:
        wanted = sorted(set(places))
        modules = [module for module in MODULES if any(where == module for where, _ in wanted)]
        questions = [self._by_id(module, [each for where, each in wanted if where == module]) for module in modules]
        answers = self._service.read(questions)
        return {
            (module, str(row["id"])): row for module, rows in zip(modules, answers, strict=True) for row in rows
        }  # fmt: skip

    def ref(self, place: Place) -> Ref:
        return wire.record_ref(*place, self._service.page_of(*place))

    def values_of(self, module: str, row: Row) -> dict[str, str]:
        """What we have filled in for want of anything gives way to what is real."""
        values = wire.fields_from(row, self.names(module))
        return {field: text for field, text in values.items() if (field, text) != ("last_name", self._options.unnamed)}

    def _asked(self, leads: Sequence[LeadKeys]) -> dict[int, Hit]:
        try:
            return self._found(leads)
        except Refused as error:  # a field may have gone since the fields were read
            self._schema.forget()
            raise Retryable(str(error)) from error

    def _found(self, leads: Sequence[LeadKeys]) -> dict[int, Hit]:
        """Refs first; then everything else that has to be asked, in one call where the dialect can."""
        found = self._by_ref({at: wire.place_of(lead.ref) for at, lead in enumerate(leads) if lead.ref})
        rest = {at: lead for at, lead in enumerate(leads) if at not in found}
        addresses = tuple(dict.fromkeys(each.strip().lower() for lead in rest.values() for each in lead.emails))
        keyed = [lead.lead for lead in rest.values() if lead.lead and not lead.ref and not lead.emails]
        questions = [Question(module, EMAIL, addresses, self._columns(module)) for module in MODULES if addresses]
        questions += [self._by_seat(keyed)] if keyed else []
        answers = self._service.read(questions)
        found |= _by_address(rest, answers[: len(MODULES)] if addresses else [])
        seats = _seated(keyed, answers[-1]) if keyed else {}
        found |= {at: seats[lead.lead] for at, lead in rest.items() if at not in found and lead.lead in seats}
        return found

    def _by_ref(self, places: Mapping[int, Place]) -> dict[int, Hit]:
        """A lead that was converted lives on as its contact."""
        rows = self.by_ids(places.values())
        became = {
            place: (CONTACTS, contact)
            for place, row in rows.items()
            if place[0] == LEADS and (contact := text_in(row, "contact_id")) and text_in(row, "converted") in _YES
        }
        rows |= self.by_ids(became.values())
        ends = {at: became.get(place, place) for at, place in places.items()}
        ends = {at: end if end in rows else places[at] for at, end in ends.items()}
        return {at: (end, rows[end]) for at, end in ends.items() if end in rows}

    def _by_seat(self, leads: Sequence[str]) -> Question:
        ids = tuple(wire.id_of("lead", lead, number) for lead in leads for number in range(SEATS))
        return Question(LEADS, "id", ids, self._columns(LEADS))

    def _by_id(self, module: str, ids: Sequence[str]) -> Question:
        return Question(module, "id", tuple(each for each in ids if wire.is_id(each)), self._columns(module))

    def _columns(self, module: str) -> tuple[str, ...]:
        extra = ("converted", "contact_id", DELETED) if module == LEADS else ()
        return self._schema.asked(module, self.names(module), *wire.ASKED, self._options.key_field, *extra)

    def _known(self, place: Place, row: Row) -> Known:
        owner = text_in(row, "assigned_user_id")
        return Known(
            ref=self.ref(place),
            owner=self._people.owner(owner) if owner else None,
            values=self.values_of(place[0], row),
        )


def _seated(leads: Sequence[str], rows: Sequence[Row]) -> dict[str, Hit]:
    """Where those of our leads stand that are there."""
    there = {str(row["id"]): row for row in rows}
    seats = ((lead, wire.id_of("lead", lead, number)) for lead in leads for number in range(SEATS))
    return {lead: ((LEADS, seat), there[seat]) for lead, seat in seats if seat in there}


def _by_address(leads: Mapping[int, LeadKeys], answers: Sequence[Sequence[Row]]) -> dict[int, Hit]:
    """Contacts before leads; of several the oldest."""
    found: dict[int, Hit] = {}
    for module, rows in zip(MODULES, answers, strict=False):
        for at, lead in leads.items():
            mine = {email.strip().lower() for email in lead.emails}
            row = wire.oldest(row for row in rows if mine & {each.lower() for each in row[EMAILS]})
            if row is not None and at not in found:
                found[at] = (module, str(row["id"])), row
    return found


_YES = ("yes", "1", "true")
