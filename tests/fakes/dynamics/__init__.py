"""A stateful Dataverse environment with Dynamics 365 Sales on loopback, as strict as the real one is documented to be.

    with FakeDynamics(Options(users=("anna@x.com",))) as fake:
        ...  # fake.url gives tokens (/fake-tenant/oauth2/v2.0/token) and answers the Web API (/api/data/v9.2/)

Leads, contacts, accounts, opportunities, tasks, phone calls, e-mails, appointments, notes, users, teams; definitions of
tables, columns and alternate keys; publishers and solutions; batches. See `Options` for what a test may choose.

Always: a filter of 500 conditions at most and no functions in it; an address of 32 KiB, of 64 KiB within a batch;
lines of a batch that end with CR LF; a batch that ends at the first refusal unless it asks otherwise; texts measured as
UTF-16; lookups only by `@odata.bind`, and only to what is there; an alternate key that cannot be used until its index
is built, and keeps nothing single; a new column only under the prefix of its solution's publisher. Where the documents
leave room, the fake takes the harder reading: a qualified lead cannot be changed, but for its owner.

A batch is counted, and befallen by faults, under what its first request does: `/api/data/v9.2/$batch/PATCH/leads`.

As a process: `python -m tests.fakes.dynamics --port 0 --users a@x.com,b@x.com` prints `listening URL`.
    GET  /_fake/state, /_fake/calls
    POST /_fake/fault    the fields of Fault; {"kind": "clear"} forgets all
    POST /_fake/advance  {"seconds": 60}
    POST /_fake/human    {"do": "complete", "task_id": ..}: a method of `humans.Humans`
"""

from tests.fakes.dynamics.fake import FakeDynamics
from tests.fakes.dynamics.options import Options

__all__ = ["FakeDynamics", "Options"]
