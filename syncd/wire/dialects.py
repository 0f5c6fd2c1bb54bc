"""How ad platforms export leads: recognised by the header, so that a file heals what a webhook missed, under its key.

Meta: https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving and what people have published of
such files. The headers of Google Ads and LinkedIn are not documented column by column: what is here is what their
programming interfaces call things.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

TEST_LEAD = "<test lead:"  # how Meta fills in a lead of its testing tool


@dataclass(frozen=True, slots=True)
class Dialect:
    """Columns by their plain names: lower case, words parted by one blank."""

    name: str
    needs: frozenset[str]
    any_of: frozenset[str]  # and one of these at least
    ids: tuple[str, ...]
    times: tuple[str, ...]
    hidden: frozenset[str]  # set by the platform, not typed by the person
    test: str = ""  # column that says so of a test
    urn: str = ""  # what may stand before the id, and is no part of the key

    def key(self, named: Mapping[str, str]) -> str:
        """The platform's own id, as its webhook says it; empty where the row has none."""
        found = next((value for name in self.ids if (value := named.get(name, ""))), "")
        return without_prefix(found.removeprefix(self.urn))

    def is_test(self, named: Mapping[str, str]) -> bool:
        return named.get(self.test, "").casefold() in ("1", "true", "yes") if self.test else False


def plain(column: str) -> str:
    return re.sub(r"[\s_\-]+", " ", column.casefold()).strip()


@lru_cache(maxsize=64)
def dialect_of(columns: tuple[str, ...]) -> Dialect | None:
    """The platform whose export has these columns, as they stand in the file."""
    there = {plain(column) for column in columns}
    return next((each for each in DIALECTS if each.needs <= there and each.any_of & there), None)


def without_prefix(value: str) -> str:
    """Meta writes what kind of number a number is, so that no spreadsheet rounds it: l:, ag:, as:, c:, f:, p:, z:."""
    return _PREFIX.sub("", value, count=1)


_PREFIX = re.compile(r"^(?:ag|as|[lcfpz]):(?=[+(\w])")
_PARTS = ("ad", "adset", "ad set", "ad group", "campaign", "form", "creative")
_CAMPAIGN = frozenset(f"{part} {what}" for part in _PARTS for what in ("id", "name"))

DIALECTS = (
    Dialect(
        "Meta",
        needs=frozenset({"id", "created time"}),
        any_of=frozenset({"form id", "ad id", "is organic", "platform"}),
        ids=("id",),
        times=("created time",),
        hidden=_CAMPAIGN
        | {"id", "created time", "is organic", "platform", "lead status", "labels", "inbox url", "retailer item id"},
    ),
    Dialect(
        "Google Ads",
        needs=frozenset({"lead id"}),
        any_of=frozenset({"gclid", "gcl id", "google click id", "google key", "lead submit time"}),
        ids=("lead id",),
        times=("lead submit time", "submission time", "submission date"),
        hidden=_CAMPAIGN
        | {"lead id", "lead submit time", "google key", "google click id", "asset group id", "is test", "api version"}
        | {"lead stage", "ad group", "campaign", "lead form"},
        test="is test",
    ),
    Dialect(
        "LinkedIn",
        needs=frozenset({"lead id"}),
        any_of=frozenset(
            {"lead gen form", "form name", "account name", "lead type", "linkedin profile", "profile url"}
        ),
        ids=("lead id",),
        times=("submitted at", "created at", "submitted date", "date submitted", "submitted on"),
        hidden=_CAMPAIGN
        | {
            "lead id",
            "lead type",
            "account name",
            "lead gen form",
            "test lead",
            "creative",
            "submitted at",
            "created at",
        },
        test="test lead",
        urn="urn:li:leadGenFormResponse:",
    ),
)
