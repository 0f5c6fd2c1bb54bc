"""The endpoints under /_fake/, for a test in another process."""

from collections.abc import Callable, Mapping
from typing import Any

from syncd.testing import Steering
from tests.fakes.hubspot.account import Account
from tests.fakes.hubspot.humans import Humans
from tests.fakes.hubspot.state import dump

Body = Mapping[str, Any]


def steering(account: Account, counts: Callable[[Body], object], forget: Callable[[], None]) -> Steering:
    """`counts`: how often each call was made; `forget`: begin again."""
    return {
        ("GET", "state"): lambda body: {**dump(account), **_counted(account, counts(body))},
        ("GET", "calls"): lambda body: _counted(account, counts(body)),
        ("POST", "advance"): lambda body: account.clock.advance(body["seconds"]),
        ("POST", "reset"): lambda _: forget(),
        ("POST", "human"): lambda body: _act(account, body),
        ("POST", "token"): lambda body: _token(account, body),
    }


def _counted(account: Account, calls: Any) -> dict[str, Any]:
    """With the live objects by type; cheap at any size."""
    with account.lock:
        return {**calls, "counts": {name: len(table.by_change) for name, table in account.tables.items()}}


def _act(account: Account, body: Body) -> object:
    """{"do": name, ...}; what the action returns comes back as `id`."""
    humans = Humans(account)
    given = {name: value for name, value in body.items() if name != "do"}
    acts: dict[str, Callable[..., str | None]] = {
        "adds_owner": account.add_owner,
        "adds_contact": humans.add_contact,
        "edits": humans.edit,
        "deletes": humans.delete,
        "completes": humans.complete,
        "logs_activity": humans.log_activity,
        "merges": humans.merge,
    }
    made = acts[body["do"]](**given)
    return None if made is None else {"id": made}


def _token(account: Account, body: Body) -> None:
    """{"valid": false} makes the static token and all access tokens useless."""
    if body["valid"]:
        account.tokens.static_valid = True
    else:
        account.tokens.revoke()
