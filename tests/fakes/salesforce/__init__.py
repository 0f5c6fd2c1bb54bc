"""A stateful Salesforce organisation on loopback, as strict as the real one is documented or was seen to be.

    with FakeSalesforce(Options(users=("anna@x.com",))) as fake:
        ...  # fake.url, fake.records("Lead"), fake.people.edit(...)

Leads, contacts, accounts, tasks, events, opportunities, users, queues; sObject Collections, single upserts,
composite queries, SOQL with queryAll and pages, describes, limits, versions, custom fields by the Tooling API with
field-level security by permission sets; OAuth by client credentials, JWT bearer, refresh token and password.

Options
    users: addresses of the people there at the start; the user we run as is there as well
    queues, task_queues: developer names of queues for leads, and whether they take tasks too
    daily_limit: calls in any 24 hours; None: no end
    hidden_fields: standard fields that this organisation does not show us ("Task.Type")
    activity_fields: False refuses an external id on Activity
    prepared: True has the fields that `syncd prepare` makes
    maps_keys: False lets custom fields vanish when a lead is converted
    history: False keeps no LeadHistory
    duplicate_rule: off, alert (can be passed over) or block; duplicate_word: duplicateResult, or as REST was seen
        to spell it, duplicateResut
    restricted: picklists that take listed values only ("Lead.LeadSource")
    assigns_to: address of the user whom the active assignment rule gives new leads, where the call lets it
    can_customise: False refuses to make custom fields
    versions, page_size; client_id, client_secret, refresh_token, rotates, public_key (of JWT bearer), username,
    password, token_seconds
    start: the clock stands at this (aware) time and moves only through `advance`

Faults, ordered with `fake.order_fault(kind, method, path, ...)`, are those of `syncd.testing.Faults`; too_many is
REQUEST_LIMIT_EXCEEDED (403), unauthorized INVALID_SESSION_ID (401). `fake.fail_records(code, count)` fails single
records of a collection, with UNABLE_TO_LOCK_ROW for one.

Where the documents leave room, the fake takes the harder reading: unknown body keys and values of a wrong type
spoil a whole call; text is counted in UTF-16 units; a key given twice in one batch fails both; a custom field is
hidden from who made it; AND and OR do not mix without brackets; an unknown escape in SOQL is an error; what cannot
be filtered is refused in WHERE; a task for a converted lead is refused.

As a process: `python -m tests.fakes.salesforce --port 0 --users a@x.com,b@x.com [--daily-limit N]
[--no-activity-fields] [--prepared] [--state FILE]` prints `listening URL client=...`.
    GET  /_fake/state       objects, fields, calls, counts
    GET  /_fake/calls       calls and counts only
    POST /_fake/fault       the fields of Fault; {"kind": "clear"} forgets all
    POST /_fake/item_fault  {"code": "UNABLE_TO_LOCK_ROW", "count": 1}
    POST /_fake/advance     {"seconds": 60}
    POST /_fake/human       {"do": "edits", "record_id": .., "values": {..}}, and in the same way adds(kind, values),
                            adds_user(email, name), deletes(record_id), completes(task_id), merges(winner_id, loser_id),
                            logs_activity(record_id, activity), converts(lead_id), closes(opportunity_id, won, amount)
    POST /_fake/login       {"valid": false}
    POST /_fake/reset
"""

from tests.fakes.salesforce.fake import FakeSalesforce
from tests.fakes.salesforce.options import Options

__all__ = ["FakeSalesforce", "Options"]
