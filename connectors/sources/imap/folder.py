"""What is new in one folder, as submissions, and the place that each batch of them leaves behind."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.sources.imap.answers import Head
from connectors.sources.imap.options import Options
from connectors.sources.imap.places import Place
from connectors.sources.imap.session import Opened, Session
from syncd.connector import Mails, Refused, Submission

MAILS_PER_PAGE = 50
BYTES_PER_PAGE = 8 * 2**20
TRIES = 3
"""Of one mail that the server does not hand over; then it is parked."""

Kept = tuple[list[Submission], Place]


class FolderReader:
    """`next_uid` is the folder's, once its pages have been asked for."""

    def __init__(self, session: Session, folder: str, options: Options, mails: Mails) -> None:
        self.session, self.folder, self.options, self.mails = session, folder, options, mails
        self.next_uid = 0

    def kept(self, place: Place | None, now: datetime) -> Iterator[Kept]:
        """Batches, and the place after each; the first may be empty, where the folder is looked at for the first
        time or has other UIDs than before.
        """
        opened = self.session.open(self.folder)
        self.next_uid = opened.next_uid
        here = self._place(place, opened, now)
        if here != place:
            yield [], here
        if here.looks_back:
            here = yield from self._batches(here, self.session.search(here.last + 1, here.until, here.since), now)
            here = replace(here, last=max(here.last, here.until), until=0, since=None)
            yield [], here
        if opened.next_uid > here.last + 1:
            yield from self._batches(here, self.session.search(here.last + 1), now)

    def _place(self, place: Place | None, opened: Opened, now: datetime) -> Place:
        if place is None:
            return Place.first(opened.validity, opened.next_uid, self.options.begins(now), now)
        return place if place.validity == opened.validity else place.renumbered(opened.validity, opened.next_uid)

    def _batches(self, place: Place, uids: Sequence[int], now: datetime) -> Generator[Kept, None, Place]:
        """Returns the place after the last of them."""
        for start in range(0, len(uids), MAILS_PER_PAGE):
            chunk = uids[start : start + MAILS_PER_PAGE]
            heads = [one for one in self.session.heads(chunk, now) if place.wants(one.uid, one.at)]
            wanted = [one for one in heads if r"\draft" not in one.flags]  # it comes again when it is sent
            for group in self._groups(wanted):
                batch = self._submissions(group, now)
                left = tuple(one.uid for one in group) if self.options.tidies else ()
                place = place.after(group[-1].uid, max(one.at for one in group), left)
                yield batch, place
            if place.last < chunk[-1]:
                place = place.after(chunk[-1], place.newest, place.left)
                yield [], place
        return place

    def _groups(self, heads: Sequence[Head]) -> Iterator[list[Head]]:
        """As many as fit into a page, one in any case."""
        group: list[Head] = []
        room = BYTES_PER_PAGE
        for head in heads:
            size = 0 if self._is_huge(head) else head.size
            if group and size > room:
                yield group
                group, room = [], BYTES_PER_PAGE
            group.append(head)
            room -= size
        if group:
            yield group

    def _submissions(self, heads: Sequence[Head], now: datetime) -> list[Submission]:
        raws = self._raws([one.uid for one in heads if not self._is_huge(one)])
        found = (self._submission(one, raws, now) for one in heads)
        return [one for one in found if one is not None]

    def _submission(self, head: Head, raws: dict[int, bytes | Refused], now: datetime) -> Submission | None:
        """None for a mail that somebody has taken away since it was seen."""
        if self._is_huge(head):
            return self._parked(head, now, self.mails.too_large)
        raw = raws.get(head.uid)
        if isinstance(raw, Refused):
            return self._parked(head, now, f"the mail server does not hand it over ({raw})")
        if raw is None:
            return None
        found = self.mails.submission(raw, now, spam=_is_spam(head))
        return found if found.submitted_at else replace(found, submitted_at=head.at)

    def _is_huge(self, head: Head) -> bool:
        return head.size > self.mails.largest

    def _raws(self, uids: Sequence[int]) -> dict[int, bytes | Refused]:
        """All at once; where the server refuses that, one by one."""
        if not uids:
            return {}
        try:
            found: dict[int, bytes | Refused] = dict(self.session.bodies(uids))
        except Refused:
            found = {}
        for uid in uids:
            if uid not in found and (raw := self._raw(uid)) is not None:
                found[uid] = raw
        return found

    def _raw(self, uid: int) -> bytes | Refused | None:
        for again in range(TRIES):
            try:
                return self.session.bodies([uid]).get(uid)
            except Refused as error:
                if again == TRIES - 1:
                    return error
        return None

    def _parked(self, head: Head, now: datetime, why: str) -> Submission:
        try:
            raw = self.session.bodies([head.uid], head_alone=True).get(head.uid, b"")
        except Refused:
            raw = b""
        named = raw or f"UID {head.uid} in {self.folder}, {head.size} bytes, {head.at.isoformat()}".encode()
        return self.mails.parked(named, now, f"{why}; UID {head.uid} in {self.folder}")


def _is_spam(head: Head) -> bool:
    """Marked so by the server or by somebody's mail program. https://www.iana.org/assignments/imap-jmap-keywords"""
    return bool(head.flags & {"$junk", "junk"}) and not head.flags & {"$notjunk", "nonjunk"}
