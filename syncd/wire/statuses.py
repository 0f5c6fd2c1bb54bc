"""What an HTTP status means for a call of a service that also says in its own words what it has against an order."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from syncd.errors import Ambiguous, AuthFailed, RateLimited, Retryable

Trouble = type[Ambiguous] | type[AuthFailed] | type[RateLimited] | type[Retryable]

BY_STATUS: Mapping[int, Trouble] = MappingProxyType(
    {
        401: AuthFailed,
        402: AuthFailed,  # the account is closed or not paid for
        403: AuthFailed,
        408: Retryable,
        423: Retryable,  # locked
        425: Retryable,
        429: RateLimited,
    }
)
"""Nothing was done, whoever answered."""

JUDGED = frozenset({400, 404, 405, 409, 410, 413, 414, 415, 422})
NOTHING: Mapping[int, Trouble | None] = MappingProxyType({})
OF_DELETIONS: Mapping[int, Trouble | None] = MappingProxyType({204: None, 403: None})
"""It may be answered with nothing; and without the right to delete the login is as good as before."""


def trouble_of(
    status: int, *, writes: bool, known: bool, but: Mapping[int, Trouble | None] = NOTHING
) -> Trouble | None:
    """None when the service took the call or judged what was sent.

    `known`: the body is what the service answers with, not a page of somebody before it. `but`: what statuses mean for
    this service alone, None where it judges by one.
    """
    doubt: Trouble = Ambiguous if writes else Retryable
    if status // 100 == 2:
        return None if known or status in but else doubt
    if (meant := but.get(status, BY_STATUS.get(status))) is not None:
        return meant
    if status >= 500:
        return doubt
    return None if known and (status in JUDGED or status in but) else Retryable


def of_method(method: str) -> Mapping[int, Trouble | None]:
    """What statuses mean for calls by this method alone: `but` of `trouble_of`."""
    return OF_DELETIONS if method == "DELETE" else NOTHING


def raise_trouble(trouble: Trouble | None, words: str, after: timedelta | None, pause: timedelta) -> None:
    """`after`: what `Retry-After` said; `pause`: how long a 429 lasts."""
    if trouble is RateLimited:
        raise RateLimited(words, pause)
    if trouble is Retryable:
        raise Retryable(words, after)
    if trouble is Ambiguous or trouble is AuthFailed:
        raise trouble(words)
