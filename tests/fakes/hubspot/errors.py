"""HubSpot's refusals, in its own words where those were seen in captured answers.

https://developers.hubspot.com/docs/api-reference/error-handling
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from syncd.testing import calls

Context = dict[str, list[str]]


class Refusal(calls.Refusal):
    """An answer outside 2xx; raising it anywhere below the server writes nothing more."""

    def __init__(self, status: int, message: str, **fields: object) -> None:
        Exception.__init__(self, message)
        self.status = status
        self.message = message
        self.fields = fields

    @property
    def answer(self) -> calls.Answer:
        return calls.Answer(self.status, self.body())

    def body(self) -> dict[str, object]:
        return {
            "status": "error",
            "message": self.message,
            "correlationId": str(uuid4()),
            **self.fields,
        }

    def item(self, **context: list[str]) -> dict[str, object]:
        """The same refusal as one entry of a 207's `errors`."""
        own = self.fields.get("context")
        return {
            "status": "error",
            **self.fields,
            "message": self.message,
            "context": {**(own if isinstance(own, dict) else {}), **context},
        }


def invalid(message: str, **fields: object) -> Refusal:
    return Refusal(400, message, category="VALIDATION_ERROR", **fields)


def not_found(message: str = "resource not found", **fields: object) -> Refusal:
    return Refusal(404, message, category="OBJECT_NOT_FOUND", **fields)


@dataclass(frozen=True, slots=True)
class Problem:
    """One property value that HubSpot will not take."""

    name: str
    code: str
    message: str


def invalid_values(problems: Sequence[Problem]) -> Refusal:
    """The list of problems travels as JSON inside the message string."""
    inner = [
        {
            "isValid": False,
            "message": p.message,
            "error": p.code,
            "name": p.name,
            **({} if p.code == "PROPERTY_DOESNT_EXIST" else {"localizedErrorMessage": p.message}),
        }
        for p in problems
    ]
    return invalid(
        "Property values were not valid: " + json.dumps(inner, separators=(",", ":")),
        errors=[{"message": p.message, "code": p.code, "context": {"propertyName": [p.name]}} for p in problems],
    )


def missing_fields(names: Iterable[str]) -> Refusal:
    listed = ", ".join(names)
    return invalid(f"Invalid input JSON on line 1, column 2. Some required fields were not set: [{listed}]")


def missing_values(word: str, names: Sequence[str]) -> Refusal:
    return invalid(
        f"Error creating {word}. Some required properties were not set.",
        context={"properties": list(names)},
    )


def already_exists(word: str, existing: str | None) -> Refusal:
    """409; without `existing` the caller has to find the record by itself."""
    message = f"{word.capitalize()} already exists"
    if existing is not None:
        message += f". Existing ID: {existing}"
    return Refusal(409, message, category="CONFLICT")


def duplicate_ids(ids: Sequence[str]) -> Refusal:
    listed = ", ".join(ids)
    return invalid(
        f"Duplicate IDs found in batch input: [{listed}]. IDs must be unique",
        context={"ids": list(ids)},
    )


def some_missing(word: str, ids: Sequence[str]) -> Refusal:
    return not_found(
        f"Could not get some {word} objects, they may be deleted or not exist. Check that ids are valid.",
        context={"ids": list(ids)},
    )


def missing_scopes(scope: str) -> Refusal:
    return Refusal(
        403,
        "One or more of the following scopes are required.",
        context={
            "requiredGranularScopes": [scope],
            "links": ["https://developers.hubspot.com/scopes"],
        },
        category="MISSING_SCOPES",
    )


def too_many_calls(policy: str) -> Refusal:
    """429 with policyName SECONDLY, TEN_SECONDLY_ROLLING or DAILY."""
    return Refusal(
        429,
        f"You have reached your {policy.lower()} limit.",
        errorType="RATE_LIMIT",
        policyName=policy,
        requestId=str(uuid4()),
    )
