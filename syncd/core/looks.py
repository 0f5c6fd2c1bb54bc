"""When a lost answer is looked for: what was made shows in a CRM only after a while."""

from datetime import timedelta

LOOKS = (timedelta(seconds=2), timedelta(seconds=15), timedelta(minutes=2), timedelta(minutes=10))
"""Pauses before the first look and after each one in vain; the last holds for all further ones."""

_SHARE = 4


def after_send(since_first: timedelta) -> timedelta:
    """Before the first look after a call whose answer was lost; `since_first`: since the order's first try.

    Grows with it, so that a CRM which loses every answer is not asked every two seconds for a day.
    """
    return max(LOOKS[0], min(since_first / _SHARE, LOOKS[-1]))


def after_look(looks: int) -> timedelta:
    """After look number `looks` (>= 1) in vain."""
    return LOOKS[min(looks, len(LOOKS) - 1)]


def waited(looks: int) -> timedelta:
    """So long ago at least is the last call that may have made the thing, after so many looks in vain."""
    return sum((after_look(look) for look in range(1, looks + 1)), timedelta(0))
