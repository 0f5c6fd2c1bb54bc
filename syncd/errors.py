"""Every error says what happens next. Choose the class by what syncd should do, never by a status code.

The message names the thing, what was tried and what the other side said, in that order, and holds
neither secrets nor personal data: it is logged, shown in the console and stored beside the order.
"""

from datetime import timedelta


class SyncdError(Exception):
    """The root of all errors that syncd raises on purpose."""


class ConfigError(SyncdError):
    """The configuration cannot be used. Printed with file:line:column; exit code 2."""


class StoreError(SyncdError):
    """The store cannot be used as it is (newer schema, second owner, permissions): a person must act."""


class StoreBusy(SyncdError):
    """Nothing can be kept durably now (disk full, database away): answer 503, they send again."""


class Rejected(SyncdError):
    """The input cannot be used. It is kept aside with this reason where a person can see it."""


class Unauthenticated(Rejected):
    """The sender did not prove who they are: answered 401, the body is not kept."""


class TooLarge(Rejected):
    """Over a limit of body, fields or depth: answered 413, nothing is kept."""


class UnsupportedBody(Rejected):
    """The content type is not one that this source takes: answered 415, nothing is kept."""


class Retryable(SyncdError):
    """Surely not done; trying again later may work. Uses up an attempt."""

    def __init__(self, message: str, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class RateLimited(SyncdError):
    """The other side asks for a pause. Pauses the whole connector; no attempt is used up."""

    def __init__(self, message: str, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


class AuthFailed(SyncdError):
    """The credentials were refused. Pauses the connector, one loud line, health degraded, orders stay."""


class Refused(SyncdError):
    """The other side will not take this one as it stands. The order is parked with its words."""


class Ambiguous(SyncdError):
    """The call was sent and no answer came: look for the mark first, then decide."""
