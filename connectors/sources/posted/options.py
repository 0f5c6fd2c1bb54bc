"""What a person sets for providers of the table."""

from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from syncd.connector import (
    FetchOptions,
    Field,
    LockedSourceOptions,
    ProvenSourceOptions,
    SourceOptions,
    field_validator,
)

FORM_ID = r"^[A-Za-z0-9_.:-]{0,100}$"
WEB = r"^https?://"


class ZonedOptions(SourceOptions):
    """The provider writes times of the account's own zone, without saying which that is."""

    zone: str = Field("UTC", description="time zone of the account, as Europe/Berlin, for its times do not name it")

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, OSError, ValueError):
            raise ValueError(f'"{zone}" is no time zone; write it as Europe/Berlin') from None
        return zone


class LockedFetchOptions(FetchOptions, LockedSourceOptions):
    """The provider signs nothing, and has an API."""


class ProvenFetchOptions(FetchOptions, ProvenSourceOptions):
    """The provider signs, or sends a key along, and has an API."""


def zone_of(options: Any) -> tzinfo:
    return ZoneInfo(options.zone)
