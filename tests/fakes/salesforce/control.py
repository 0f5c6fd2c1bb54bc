"""The endpoints under /_fake/, for a test in another process."""

from collections.abc import Callable, Mapping
from typing import Any

from syncd.testing import Steering
from tests.fakes.salesforce.humans import Humans
from tests.fakes.salesforce.org import Org
from tests.fakes.salesforce.state import dump

Body = Mapping[str, Any]


def steering(org: Org, counts: Callable[[Body], object], forget: Callable[[], None]) -> Steering:
    """`counts`: how often each call was made; `forget`: begin again."""
    return {
        ("GET", "state"): lambda body: {**dump(org), **_counted(org, counts(body))},
        ("GET", "calls"): lambda body: _counted(org, counts(body)),
        ("POST", "advance"): lambda body: org.clock.advance(body["seconds"]),
        ("POST", "reset"): lambda _: forget(),
        ("POST", "human"): lambda body: _act(org, body),
        ("POST", "item_fault"): lambda body: org.item_faults.append((body["code"], body.get("count", 1))),
        ("POST", "login"): lambda body: _login(org, body),
    }


def _counted(org: Org, calls: Any) -> dict[str, Any]:
    """With the live objects by type; cheap at any size."""
    with org.lock:
        return {**calls, "counts": {name: sum(1 for _ in table.live()) for name, table in org.tables.items()}}


def _act(org: Org, body: Body) -> object:
    """{"do": name, ...}; what the action returns comes back as `id`."""
    humans = Humans(org)
    given = {name: value for name, value in body.items() if name != "do"}
    acts: dict[str, Callable[..., str | None]] = {
        "adds_user": org.add_user,
        "adds": humans.add,
        "edits": humans.edit,
        "deletes": humans.delete,
        "completes": humans.complete,
        "logs_activity": humans.log_activity,
        "merges": humans.merge,
        "converts": humans.convert,
        "closes": humans.close,
    }
    made = acts[body["do"]](**given)
    return None if made is None else {"id": made}


def _login(org: Org, body: Body) -> None:
    """{"valid": false} refuses all grants and ends all tokens."""
    org.tokens.valid = bool(body["valid"])
    if not org.tokens.valid:
        org.tokens.revoke()
