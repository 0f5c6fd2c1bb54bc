"""A stateful SugarCRM and SuiteCRM on loopback: one state, three dialects, each as strict as it is documented.

    with FakeSugar(Options(users=("anna@x.com",))) as fake:
        ...  # fake.url + /rest/v11_10 (SugarCRM), /Api (SuiteCRM V8), /service/v4_1/rest.php (SuiteCRM v4_1)

Leads, contacts, opportunities, tasks, notes, calls, meetings and users; fields, lists of choices, filters.

Options
    users: addresses of the users there at the start, beside the one as whom syncd works
    custom: the fields that an administrator may make for syncd are there
    email_filter: False refuses filters by address in the V8 API, as SuiteCRM before 7.12.3 does
    hides_addresses: the V8 API shows no rows of the table of addresses, and does not say so
    most_rows: what one answer of SugarCRM has at most, whatever is asked for
    platforms: names registered for SugarCRM's API
    start: the clock stands at this (aware) time and moves only through `advance`

Where documents leave room, the fake takes the harder reading: values that do not fit are refused by all dialects, a
value off a list of choices by SugarCRM. An id may be chosen by the caller and is taken once: SugarCRM says so of one
that is there and fails (500) on one that was deleted, V8 refuses both, v4_1 fails (500) on both. v4_1 says nothing of a
change of what is not there. All of them take any owner and any parent. Texts of SuiteCRM come with HTML entities.

As a process: `python -m tests.fakes.sugar --port 0 --users a@x.com,b@x.com` prints `listening URL`.
    GET  /_fake/state, /_fake/calls
    POST /_fake/fault    the fields of Fault; {"kind": "clear"} forgets all
    POST /_fake/advance  {"seconds": 60}
    POST /_fake/human    {"do": "complete", "task_id": ..}: a method of `humans.Humans`
"""

from tests.fakes.sugar.fake import FakeSugar
from tests.fakes.sugar.options import Options

__all__ = ["FakeSugar", "Options"]
