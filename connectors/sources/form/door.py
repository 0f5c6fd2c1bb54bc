"""What is suspicious about a post before anybody has read it. Each sign gives points; none refuses anything."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from connectors.sources.form.options import Options
from connectors.sources.form.stamps import Stamps
from syncd.connector import Clock, Often, Suspicion

HOUR = timedelta(hours=1)
MOST_PER_STAMP = 5
"""Somebody who corrects a field and sends again has the same page open; a robot goes on for longer."""


class Door:
    """`rates` are this daemon's own: nobody's address is kept anywhere."""

    def __init__(self, name: str, options: Options, clock: Clock) -> None:
        self.options, lasts = options, timedelta(hours=options.stamp_hours)
        self.stamps = Stamps(name, options.stamp_secret, lasts) if options.stamp_secret else None
        self._posts, self._stamps = Often(clock, HOUR), Often(clock, lasts)

    def suspicions(self, stamp: str, client: str, now: datetime, *, counts: bool) -> Iterator[Suspicion]:
        """`counts`: it is a real post, not a dry run."""
        if counts and self._posts.count(_address(client)) > self.options.per_hour:
            yield Suspicion.MANY_POSTS
        if self.stamps is None:
            return
        read = self.stamps.read(stamp, now)
        if read.kind == "forged":
            yield Suspicion.FORGED_STAMP
        elif read.kind in ("none", "old"):
            yield Suspicion.NO_STAMP
        elif read.seconds is not None and read.seconds < self.options.fastest:
            yield Suspicion.TOO_FAST
        if counts and read.word and self._stamps.count(read.word) > MOST_PER_STAMP:
            yield Suspicion.REUSED_STAMP

    def seconds(self, stamp: str, now: datetime) -> float | None:
        return self.stamps.read(stamp, now).seconds if self.stamps else None


def _address(client: str) -> str:
    """Empty, which is never counted, for what is no address of the internet: many stand behind a proxy of ours."""
    try:
        address = ip_address(client)
    except ValueError:
        return ""
    if not address.is_global:
        return ""
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else client
