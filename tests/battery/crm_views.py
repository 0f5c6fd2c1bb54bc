"""What each of the other CRMs holds, read from its fake's `/_fake/state`."""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.sinks.salesforce.texts import marks_in
from connectors.sinks.sugar.wire import is_ours
from syncd.connector import mark_in
from tests.battery.evidence import Crm, Made
from tests.battery.views import addresses, words


def agency(state: Mapping[str, Any]) -> Crm:
    def lead(row: Mapping[str, Any]) -> Made:
        return Made(row["id"], row["external_id"], people=addresses(row.get("email")))

    def made(row: Mapping[str, Any]) -> Made:
        return Made(row["id"], row["external_id"], records=(row["lead"],), words=words(row["body"]))

    return Crm(
        records=tuple(map(lead, state["leads"])),
        tasks=tuple(map(made, state["tasks"])),
        notes=tuple(map(made, state["notes"])),
    )


def close(state: Mapping[str, Any]) -> Crm:
    """A lead with a second contact counts as two: syncd makes one with one."""
    codes, seen = state["codes"], set[str]()

    def contact(row: Mapping[str, Any]) -> Made:
        first = row["lead_id"] not in seen
        seen.add(row["lead_id"])
        people = tuple(one["email"].lower() for one in row["emails"])
        inquiries = row.get(codes["syncd_inquiries"])
        record = row["lead_id"] if first else row["id"]
        return Made(record, row.get(codes["syncd_key"], ""), people=people, inquiries=inquiries)

    def made(row: Mapping[str, Any], text: str) -> Made:
        return Made(row["id"], mark_in(row[text]), records=(row["lead_id"],), words=words(row[text]))

    contacts = tuple(contact(row) for row in state["contacts"])
    bare = tuple(Made(row["id"], "") for row in state["leads"] if row["id"] not in seen)
    return Crm(
        records=(*contacts, *bare),
        tasks=tuple(made(row, "text") for row in state["tasks"]),
        notes=tuple(made(row, "note") for row in state["notes"]),
    )


def copper(state: Mapping[str, Any]) -> Crm:
    """From the fake's `/_fake/state`. Marks end the details of tasks and notes."""
    fields = {field["id"]: field["name"] for field in state["fields"]}

    def record(row: Mapping[str, Any], kind: str) -> Made:
        held = {fields[one["custom_field_definition_id"]]: one["value"] for one in row["custom_fields"]}
        emails = row["emails"] if kind == "person" else [row["email"]] if row["email"] else []
        count = held.get("Inquiries")
        return Made(f"{kind}/{row['id']}", held.get("syncd_key") or "",
                    people=tuple(one["email"].lower() for one in emails),
                    inquiries=int(count) if count else None)  # fmt: skip

    def made(row: Mapping[str, Any], parent: str) -> Made:
        on = row[parent]
        return Made(str(row["id"]), mark_in(row["details"]), records=(f"{on['type']}/{on['id']}",),
                    words=words(row["details"]))  # fmt: skip

    leads = [record(row, "lead") for row in state["leads"] if not row["converted_at"]]
    return Crm(
        records=(*leads, *(record(row, "person") for row in state["people"])),
        tasks=tuple(made(row, "related_resource") for row in state["tasks"]),
        notes=tuple(made(row, "parent") for row in state["activities"]),
    )


def dynamics(state: Mapping[str, Any]) -> Crm:
    """The mark of a task or note is the last line of its text."""
    rows, sets = state["rows"], {"lead": "leads", "contact": "contacts"}

    def made(row: Mapping[str, Any], key: str, text: str, about: str) -> Made:
        kind = row.get(f"{about}@Microsoft.Dynamics.CRM.lookuplogicalname")
        records = (f"{sets[kind]}/{row[about]}",) if kind in sets else ()
        return Made(row[key], mark_in(row[text]), records=records, words=words(str(row[text] or "")))

    def person(kind: str, row: Mapping[str, Any]) -> Made:
        people = addresses(row["emailaddress1"])
        key, count = str(row.get("syncd_key") or ""), row.get("syncd_inquiries")
        return Made(f"{sets[kind]}/{row[f'{kind}id']}", key, people=people, inquiries=count)

    return Crm(
        records=tuple(person(kind, row) for kind in sets for row in rows[kind]),
        tasks=tuple(made(row, "activityid", "description", "_regardingobjectid_value") for row in rows["task"]),
        notes=tuple(made(row, "annotationid", "notetext", "_objectid_value") for row in rows["annotation"]),
    )


def odoo(state: Mapping[str, Any]) -> Crm:
    """What a message says of an activity that was done is no note."""

    def lead(row: Mapping[str, Any]) -> Made:
        people = addresses(row.get("email_normalized"))
        return Made(str(row["id"]), row.get("x_syncd_key") or "", people=people, inquiries=row.get("x_syncd_inquiries"))

    def made(row: Mapping[str, Any], text: str) -> Made:
        return Made(str(row["id"]), mark_in(row[text]), records=(str(row["res_id"]),), words=words(row[text]))

    return Crm(
        records=tuple(lead(row) for row in state["crm.lead"]),
        tasks=tuple(made(row, "note") for row in state["mail.activity"]),
        notes=tuple(made(row, "body") for row in state["mail.message"]),
    )


def pipedrive(state: Mapping[str, Any]) -> Crm:
    """A person with a second lead counts as two: syncd makes one with one."""
    codes = state["codes"]
    openings: dict[int, list[str]] = {}
    for row in state["leads"]:
        openings.setdefault(row["person_id"], []).append(row["id"])

    def person(row: Mapping[str, Any]) -> Iterator[Made]:
        custom, people = row["custom_fields"], tuple(one["value"].lower() for one in row["emails"])
        mark, inquiries = custom.get(codes["syncd_key"], ""), custom.get(codes["syncd_inquiries"])
        for record in (str(row["id"]), *openings.get(row["id"], [])[1:]):
            yield Made(record, mark, people=people, inquiries=inquiries)

    def made(row: Mapping[str, Any], text: str) -> Made:
        return Made(str(row["id"]), mark_in(row[text]), records=(str(row["person_id"]),), words=words(row[text]))

    return Crm(
        records=tuple(one for row in state["persons"] for one in person(row)),
        tasks=tuple(made(row, "note") for row in state["activities"]),
        notes=tuple(made(row, "content") for row in state["notes"]),
    )


def salesforce(state: Mapping[str, Any]) -> Crm:
    """Notes are tasks that are done."""

    def live(kind: str) -> Iterator[Mapping[str, Any]]:
        return (each for each in state["objects"][kind] if not each["IsDeleted"])

    def made(task: Mapping[str, Any]) -> Made:
        text = str(task.get("Description", ""))
        mark = task.get("Syncd_Mark__c") or next(iter(marks_in(text)), "")
        return Made(task["Id"], mark, records=(task["WhoId"],), words=words(text))

    people = [*live("Lead"), *live("Contact")]
    tasks = [(task["IsClosed"], made(task)) for task in live("Task")]
    return Crm(
        records=tuple(_person(each) for each in people),
        tasks=tuple(task for closed, task in tasks if not closed),
        notes=tuple(task for closed, task in tasks if closed),
    )


def streak(state: Mapping[str, Any]) -> Crm:
    """A box has our id in its field, or in its notes while it is new."""
    fields = {field["name"]: field["key"] for field in state["fields"]}

    def box(row: Mapping[str, Any]) -> Made:
        held = {name: row["fields"].get(key) for name, key in fields.items()}
        people, count = addresses(held["Email"]), held["Inquiries"]
        return Made(row["key"], held["syncd_key"] or mark_in(row["notes"]), people=people,
                    inquiries=int(count) if count else None)  # fmt: skip

    def made(row: Mapping[str, Any], text: str) -> Made:
        return Made(row["key"], mark_in(row[text]), records=(row["boxKey"],), words=words(row[text]))

    return Crm(
        records=tuple(box(row) for row in state["boxes"]),
        tasks=tuple(made(row, "text") for row in state["tasks"]),
        notes=tuple(made(row, "message") for row in state["comments"]),
    )


def sugar(state: Mapping[str, Any]) -> Crm:
    """A task or note has no mark but its id, which comes of its mark."""
    objects = state["objects"]

    def made(row: Mapping[str, Any]) -> Made:
        mark = row["id"] if is_ours(row["id"]) else ""
        records = (f"{row['parent_type']}/{row['parent_id']}",)
        return Made(row["id"], mark, records=records, words=words(row["description"]))

    def record(module: str, row: Mapping[str, Any]) -> Made:
        people = tuple(each["email_address"].lower() for each in row["email"])
        count = row["syncd_inquiries_c"]
        return Made(f"{module}/{row['id']}", row["syncd_key_c"], people=people, inquiries=int(count) if count else None)

    return Crm(
        records=tuple(record(module, row) for module in ("Leads", "Contacts") for row in objects[module]),
        tasks=tuple(made(row) for row in objects["Tasks"]),
        notes=tuple(made(row) for row in objects["Notes"]),
    )


def zoho(state: Mapping[str, Any]) -> Crm:
    """A note's mark ends its title; a task's ends its text where it has no field."""
    objects = state["objects"]

    def made(row: Mapping[str, Any], text: str, marked: str, *parents: str) -> Made:
        found = [row[name] for name in parents if row.get(name)]
        records = tuple(f"{each['module']['api_name']}/{each['id']}" for each in found)
        mark = row.get("Syncd_Mark") or str(row.get(marked) or "").rstrip().rpartition(" ")[2]
        return Made(row["id"], mark, records=records, words=words(str(row.get(text) or "")))

    return Crm(
        records=tuple(_known(module, row) for module in ("Leads", "Contacts") for row in objects[module]),
        tasks=tuple(made(row, "Description", "Description", "What_Id", "Who_Id") for row in objects["Tasks"]),
        notes=tuple(made(row, "Note_Content", "Note_Title", "Parent_Id") for row in objects["Notes"]),
    )


def _known(module: str, row: Mapping[str, Any]) -> Made:
    people, count = addresses(row.get("Email")), row.get("Syncd_Inquiries")
    return Made(f"{module}/{row['id']}", str(row.get("Syncd_Key") or ""), people=people, inquiries=count)


def _person(values: Mapping[str, Any]) -> Made:
    count = values.get("Syncd_Inquiries__c")
    return Made(
        values["Id"],
        values.get("Syncd_Key__c", ""),
        people=addresses(values.get("Email")),
        inquiries=None if count is None else int(count),
    )
