"""A stateful Streak on loopback: a pipeline with boxes, fields and stages, contacts, tasks, comments, a team, a search.

    with FakeStreak(users=("anna@x.com",)) as fake:
        ...  # fake.url answers /api/v1 and /api/v2

`lag`: seconds until the search shows what was made. `list_lag`: seconds until the list of boxes does. `burst`: calls in
a second; None: no limit. Where Streak's pages leave room, the fake takes the harder reading: unknown keys, wrong types
are refused, fields of a box are not taken when it is made, bodies of refusals are empty where none is documented.

As a process: `python -m tests.fakes.streak --port 0 --users a@x.com,b@x.com [--limits]` prints `listening URL`.
    GET  /_fake/state, /_fake/calls
    POST /_fake/fault    the fields of Fault; {"kind": "clear"} forgets all
"""

from tests.fakes.streak.service import FakeStreak

__all__ = ["FakeStreak"]
