"""What Salesforce's refusals mean, in one place.

https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm

The vendor's sentences quote values, so our messages are built from codes and names of fields alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from simple_salesforce import exceptions as library

from connectors.sinks.salesforce.limits import BUSY_PAUSE, DAILY_PAUSE
from syncd.connector import (
    Ambiguous,
    AuthFailed,
    RateLimited,
    Refusal,
    Retryable,
    Wait,
    code_of,
    distinct,
    list_in,
    object_in,
    objects_in,
)

OWNER = "OwnerId"
LOCK_PAUSE = timedelta(seconds=5)  # at most
ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?")
_IN_TEXT = re.compile(r"\b(?:00Q|003)[A-Za-z0-9]{12}(?:[A-Z0-5]{3})?\b")
_MISSING = re.compile(r"Required fields are missing: \[([A-Za-z0-9_, ]{1,400})\]")

LOGIN = frozenset(
    {
        "INVALID_SESSION_ID",
        "INVALID_AUTH_HEADER",
        "API_CURRENTLY_DISABLED",
        "API_DISABLED_FOR_ORG",
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
        "UNSUPPORTED_API_VERSION",
        "ORG_LOCKED",
    }
)
"""Nothing will work until a person does something."""

LOCKED = frozenset({"UNABLE_TO_LOCK_ROW"})
PASSING = LOCKED | {"QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "REQUEST_RUNNING_TOO_LONG"}
GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND"})
DEAD_OWNER = frozenset({"INACTIVE_OWNER_OR_USER", "OPERATION_WITH_INVALID_USER_TYPE_EXCEPTION"})
JUDGED = frozenset({300, 400, 404, 405, 409, 410, 413, 414, 415})

BY_EXCEPTION: Mapping[type[Exception], str] = {
    library.SalesforceMoreThanOneRecord: "judged",
    library.SalesforceMalformedRequest: "judged",
    library.SalesforceExpiredSession: "login",
    library.SalesforceRefusedRequest: "login, unless a limit is named",
    library.SalesforceResourceNotFound: "judged",
    library.SalesforceGeneralError: "by status",
    library.SalesforceError: "by status",
    library.SalesforceAuthenticationFailed: "never raised: we log in ourselves",
    library.SalesforceOperationError: "never raised: of the Bulk API",
    library.SalesforceBulkV2LoadError: "never raised: of the Bulk API",
    library.SalesforceBulkV2ExtractError: "never raised: of the Bulk API",
}
"""The library's exceptions, and how `trouble_of` takes them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What Salesforce has against one record, or against a whole call."""

    codes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    people: tuple[str, ...] = ()  # ids of leads and contacts that it names
    status: int = 0  # of a whole call

    def has(self, codes: frozenset[str] | set[str]) -> bool:
        return not codes.isdisjoint(self.codes)

    @property
    def gone(self) -> bool:
        """The record itself is not there any more."""
        return self.has(GONE) or ("INVALID_CROSS_REFERENCE_KEY" in self.codes and not self.fields)

    @property
    def converted(self) -> bool:
        return "CANNOT_UPDATE_CONVERTED_LEAD" in self.codes

    @property
    def owner(self) -> bool:
        return self.has(DEAD_OWNER) or OWNER in self.fields

    @property
    def no_such_field(self) -> bool:
        return self.has({"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"})

    def refusal(self, what: str) -> Refusal:
        return Refusal(f"{what} refused: {self}", self.fields, owner=self.owner)

    def __str__(self) -> str:
        codes = ", ".join(self.codes) or f"status {self.status}"
        return f"{codes} on {', '.join(self.fields)}" if self.fields else codes


def fault_of(errors: object, status: int = 0) -> Fault:
    """The errors of one record (`statusCode`) or of a call (`errorCode`). Every part may be absent."""
    if status == 300 and isinstance(errors, list):
        links = [str(each).rpartition("/")[2] for each in errors]
        return Fault(
            ("MORE_THAN_ONE_RECORD",), people=distinct(link for link in links if ID.fullmatch(link)), status=300
        )
    listed = objects_in(errors)
    return Fault(
        codes=distinct(code_of(each.get("statusCode") or each.get("errorCode")) for each in listed),
        fields=distinct(name for each in listed for name in _fields(each)),
        people=distinct(person for each in listed for person in _people(each)),
        status=status,
    )


def passing(what: str, fault: Fault, jitter: float) -> Wait:
    """What works later. Rows that somebody else holds are tried again apart from each other."""
    after = LOCK_PAUSE * (0.2 + 0.8 * jitter) if fault.has(LOCKED) else None
    return Wait(f"{what} not written: {fault}", after)


def trouble_of(what: str, status: int, content: object, *, writes: bool) -> Exception | None:
    """What an answer that is no success means for the whole call; None when Salesforce judged what was sent."""
    fault = fault_of(content, status)
    told = f"{what} answered {status}" + (f": {', '.join(fault.codes)}" if fault.codes else "")
    if "REQUEST_LIMIT_EXCEEDED" in fault.codes:
        busy = "ConcurrentRequests" in str(content)
        return RateLimited(told, BUSY_PAUSE if busy else DAILY_PAUSE)
    if status == 429:
        return RateLimited(told, BUSY_PAUSE)
    if status in (401, 403) or fault.has(LOGIN):
        return AuthFailed(told)
    if fault.has(LOCKED) and status < 500:
        return Retryable(told)
    if status >= 500:
        return Ambiguous(told) if writes else Retryable(told)
    judged = status in JUDGED and bool(fault.codes)
    return None if judged else Retryable(told)


def _fields(error: Mapping[str, Any]) -> Iterator[str]:
    yield from (code_of(name) for name in list_in(error, "fields"))
    missing = _MISSING.search(str(error.get("message", "")))
    if missing:
        yield from (code_of(name.strip()) for name in missing.group(1).split(","))


def _people(error: Mapping[str, Any]) -> Iterator[str]:
    """Of the match of a duplicate rule, whose name REST was seen to misspell; or named in the sentence."""
    for word in ("duplicateResult", "duplicateResut"):
        for result in objects_in(list_in(object_in(error, word), "matchResults")):
            for match in objects_in(list_in(result, "matchRecords")):
                found = str(object_in(match, "record").get("Id") or "")
                if ID.fullmatch(found):
                    yield found
    yield from _IN_TEXT.findall(str(error.get("message", "")))
