"""The endpoints under /_fake/, for a test in another process."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from tests.fakes.hubspot.calls import Answer, Call
from tests.fakes.hubspot.errors import Refusal
from tests.fakes.hubspot.faults import Fault
from tests.fakes.hubspot.humans import Humans
from tests.fakes.hubspot.service import Service
from tests.fakes.hubspot.state import dump

Body = Mapping[str, Any]


class Control:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.humans = Humans(service.account)
        self._calls: dict[tuple[str, str], Callable[[Body], object]] = {
            ("GET", "state"): lambda _: self.state(),
            ("GET", "calls"): lambda _: self.counts(),
            ("POST", "fault"): self._order,
            ("POST", "advance"): lambda body: service.account.clock.advance(body["seconds"]),
            ("POST", "reset"): lambda _: service.forget(),
            ("POST", "human"): self._act,
            ("POST", "token"): self._token,
        }

    def __call__(self, call: Call) -> Answer:
        """200 with what was asked for, 204 for an order, 400 with the reason it was not taken."""
        act = self._calls.get((call.method, call.path.removeprefix("/_fake/")))
        if act is None:
            return Answer(404, {"message": "no such control"})
        try:
            body = orjson.loads(call.body or b"{}")
            done = act(body)
        except (Refusal, KeyError, TypeError, ValueError) as error:
            return Answer(400, {"message": f"{type(error).__name__}: {error}"})
        return Answer(204) if done is None else Answer(200, done)

    def state(self) -> dict[str, Any]:
        """Every object, owner and count."""
        return {**dump(self.service.account), **self.counts()}

    def counts(self) -> dict[str, Any]:
        """Calls by method and template, live objects by type; cheap at any size."""
        service = self.service
        with service.account.lock:
            return {
                "calls": {" ".join(key): count for key, count in service.calls.items()},
                "counts": {n: len(table.by_change) for n, table in service.account.tables.items()},
            }

    def _order(self, body: Body) -> None:
        if body.get("kind") == "clear":
            self.service.faults.clear()
        else:
            self.service.faults.order(Fault(**body))

    def _act(self, body: Body) -> object:
        """{"do": name, ...}; what the action returns comes back as `id`."""
        given = {name: value for name, value in body.items() if name != "do"}
        acts: dict[str, Callable[..., str | None]] = {
            "adds_owner": self.service.account.add_owner,
            "adds_contact": self.humans.add_contact,
            "edits": self.humans.edit,
            "deletes": self.humans.delete,
            "completes": self.humans.complete,
            "logs_activity": self.humans.log_activity,
            "merges": self.humans.merge,
        }
        made = acts[body["do"]](**given)
        return None if made is None else {"id": made}

    def _token(self, body: Body) -> None:
        """{"valid": false} makes the static token and all access tokens useless."""
        tokens = self.service.account.tokens
        if body["valid"]:
            tokens.static_valid = True
        else:
            tokens.revoke()
