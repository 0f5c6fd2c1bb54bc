"""A stateful HubSpot on loopback, as strict as the real one is documented or was seen to be.

    with FakeHubSpot(Options(owners=("anna@x.com",))) as fake:
        ...  # fake.base_url, fake.token

Contacts, companies, tasks and notes; associations, owners, properties, OAuth, usage, account; paths of
v3/v4 (`/crm/v3/objects/contacts`) and of the date-versioned API (`/crm/objects/2026-03/contacts`).

Options
    owners: addresses of the people there at the start
    limits: Limits(burst=190, daily=650_000, search=4) as on a Professional account; each may be
        None. Off unless given. Searches count against `search` and `daily` only
    search_lag: seconds until a write shows in searches (batch read has no lag)
    unique_task_properties: False refuses hasUniqueValue on properties of tasks and notes
    conflicts_name_the_id: False leaves "Existing ID: n" out of a single create's or update's 409
        (a batch's 409 never has it, an entry of a 207 always does)
    echo_trace_ids: False leaves objectWriteTraceId out of batch results
    merge_gives_new_id: False lets the primary keep its id
    scopes: granted ones; a missing one is a 403
    token, client_id, client_secret, refresh_token, token_seconds: what logs in, and for how long
    zone: of the account; its own midnight is not the daily limit's, which is UTC here
    start: the clock stands at this (aware) time and moves only through `advance`
    seed: of the order in which batch results come back

Faults, ordered with `fake.order_fault(kind, method, path, ...)`; `path` is a pattern with `*`
    latency: wait `seconds`, then go on as usual
    hang: no answer for `seconds` (None: until the fake stops), then the connection ends
    too_many: 429 with `policy` SECONDLY, TEN_SECONDLY_ROLLING or DAILY, and `retry_after`
    server_error: `status` (502) with an HTML page
    unauthorized: 401 although the token is good
    drop_before_commit: the connection ends, nothing was written
    commit_then_drop: everything was written, then the connection ends without an answer
    reset: everything was written, then the connection is reset (RST)
    half_body: written, but the answer breaks off in the middle
    nth=1, count=1: the first matching call befallen and how many from there (count=None: all)
    committed=True: hang and server_error come after the write instead of before it

What people do
    human_edits, human_deletes, human_completes (a task), human_logs_activity, merge, add_contact.
    A logged call, e-mail or meeting sets notes_last_contacted, num_contacted_notes,
    notes_last_updated and, once, hs_sa_first_engagement_date. A note and a completed task set
    the last two only: HubSpot does not count them as contact made

Where the documents leave room, the fake takes the harder reading: unknown body keys and values
that are not strings are refused; ids may not repeat in a batch, reads included; a batch gives a
207 only if every input has its own trace id, and an upsert keyed by e-mail never; an archived owner
cannot be assigned; search bodies end at 3,000 characters and text in IN has to be lower case; a
task or note joined to a contact touches that contact, so syncd sees its own echo.

As a process: `python -m tests.fakes.hubspot --port 0 --owners a@x.com,b@x.com [--limits]
[--search-lag S] [--no-unique-task-properties] [--state FILE]` prints `listening URL token=...`.
    GET  /_fake/state    objects (by type), owners, properties, merged, calls, counts
    GET  /_fake/calls    calls and counts only
    POST /_fake/fault    the fields of Fault; {"kind": "clear"} forgets all
    POST /_fake/advance  {"seconds": 60}
    POST /_fake/human    {"do": "edits", "record_id": .., "properties": {..}}, and in the same way
                         adds_owner(email, name), adds_contact(properties), deletes(record_id),
                         completes(task_id), logs_activity(record_id, activity),
                         merges(primary_id, other_id)
    POST /_fake/token    {"valid": false}
    POST /_fake/reset
"""

from tests.fakes.hubspot.fake import FakeHubSpot
from tests.fakes.hubspot.faults import Fault
from tests.fakes.hubspot.options import NO_LIMITS, Limits, Options

__all__ = ["NO_LIMITS", "FakeHubSpot", "Fault", "Limits", "Options"]
