"""A stateful Zoho CRM on loopback, as strict as the real one is documented or was seen to be.

    with FakeZoho(Options(owners=("anna@x.com",))) as fake:
        ...  # fake.url gives tokens (/oauth/v2/token) and answers the API (/crm/v8)

Leads, contacts, accounts, tasks, notes, calls and deals; users, fields, COQL, search, related lists, timelines.

Options
    owners: addresses of the users there at the start, beside the one as whom syncd writes
    limits: Limits(credits=100_000, concurrency=10); each may be None. Off unless given
    search_lag: seconds until a write shows in the search
    read_lag: seconds until a task or note shows in queries and related lists
    task_fields: "unique" allows fields of one's own on tasks, "plain" not unique ones, "none" none at all
    restricted_picklists: True refuses values that are not in a picklist
    cross_module_duplicates: True refuses a lead whose address a contact has
    scopes, client_id, client_secret, refresh_token, token_seconds: what logs in, and for how long
    start: the clock stands at this (aware) time and moves only through `advance`

Always: ten access tokens in ten minutes; a hundred records of a write; two fields of one's own without duplicates
in a module; whole seconds. Where the documents leave room, the fake takes the harder reading: a field that the module
does not have is refused in writes, reads and queries (Zoho passes over it in writes), no quote or backslash in a
query's value, notes cannot be queried, a converted lead is gone from queries and takes no task, a composite call
holds queries alone.

As a process: `python -m tests.fakes.zoho --port 0 --owners a@x.com,b@x.com` prints `listening URL`.
    GET  /_fake/state, /_fake/calls
    POST /_fake/fault    the fields of Fault; {"kind": "clear"} forgets all
    POST /_fake/advance  {"seconds": 60}
    POST /_fake/human    {"do": "complete", "task_id": ..}: a method of `humans.Humans`
"""

from tests.fakes.zoho.fake import FakeZoho
from tests.fakes.zoho.options import NO_LIMITS, Limits, Options

__all__ = ["NO_LIMITS", "FakeZoho", "Limits", "Options"]
