"""The source itself: what is new in each folder, page by page, and the place that each page leaves behind."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial

from connectors.sources.imap.folder import FolderReader
from connectors.sources.imap.logins import grant_of
from connectors.sources.imap.options import Options
from connectors.sources.imap.places import Places, back_to, looking_back
from connectors.sources.imap.session import Session
from syncd.connector import (
    AuthFailed,
    Finding,
    Mails,
    Page,
    RateLimited,
    Received,
    Refused,
    Retryable,
    SyncdError,
    Tools,
    WebRequest,
)

AFTER_REFUSAL = timedelta(minutes=10)
"""Servers lock out whoever comes too often with a wrong password."""
FOLDERS_SHOWN = 20
STEADY = 60.0
"""Seconds after which a line that breaks is worth a new one at once; before, the next poll is soon enough."""


class Imap:
    takes = ("message/rfc822",)
    reconciled = timedelta(0)  # a folder is what people leave in it: nobody can say what is missing there

    def __init__(self, options: Options, tools: Tools) -> None:
        self.options, self.name, self.clock = options, tools.name, tools.clock
        self.mails = Mails(tools, options, [options.user])
        self._http = tools.http  # which asks for tokens
        self._grant = grant_of(options.oauth, tools) if options.oauth else None
        self._session: Session | None = None
        self._next_uids: dict[str, int] = {}  # as each folder was left
        self._tidied: dict[str, tuple[int, ...]] = {}  # since the start: the last ones of each folder
        self._listened = ""  # the first folder that could be read
        self._refused, self._refused_until = "", 0.0

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Up to 50 mails each, and 8 MiB unless one alone has more. A folder in trouble does not hide the others.

        Raises Refused at the end, when all that can be read has been.
        """
        since = back_to(cursor)
        if since is not None:
            yield from self._looking_back(since)
            return
        places, troubles = Places.of(cursor), list[Refused]()
        session = self._connected()
        try:
            for folder in self._folders(session, troubles):
                try:
                    self._tidy_left(session, folder, places, troubles)
                    yield from self._of_folder(session, folder, places)
                except Refused as error:
                    troubles.append(error)
        except (AuthFailed, RateLimited, Retryable):
            self._hang_up()
            raise
        if troubles:
            raise troubles[0]

    def since(self, moment: datetime) -> str:
        return looking_back(moment)

    def listen(self, seconds: float) -> bool:
        session = self._session
        if session is None:
            return False
        try:
            if self._listened and session.folder != self._listened:
                opened = session.open(self._listened)
                if opened.next_uid != self._next_uids[self._listened]:
                    return True  # it came while another folder was read
            return session.listen(seconds)
        except SyncdError:
            self._hang_up()
            return session.age > STEADY

    def translate(self, request: WebRequest) -> Received:
        """For dry runs: what would be kept of a mail."""
        return Received([self.mails.submission(request.body, request.received_at)])

    def check(self) -> Sequence[Finding]:
        try:
            session = self._logged_in()
        except SyncdError as error:
            remedy = "see host, port, tls, user and the password or oauth"
            return [Finding("login", ok=False, detail=str(error), remedy=remedy)]
        try:
            return [Finding("login", ok=True, detail=self.options.host), *self._findings(session)]
        except SyncdError as error:
            return [Finding("folders", ok=False, detail=str(error), remedy="see folders")]
        finally:
            session.close()

    def close(self) -> None:
        self._hang_up()
        self._http.close()

    def _looking_back(self, since: datetime) -> Iterator[Page]:
        """Over a line of its own, for it may be long, and another thread polls. Nothing is tidied up."""
        troubles = list[Refused]()
        with closing(self._logged_in()) as session:
            for folder in self._folders(session, troubles):
                reader = FolderReader(session, folder, self.options.model_copy(update={"history": since}), self.mails)
                for submissions, _ in reader.kept(None, self.clock.now()):
                    yield Page(submissions, None)
        if troubles:
            raise troubles[0]

    # the line

    def _connected(self) -> Session:
        """The one there is, if it is alive."""
        if self._session is not None:
            try:
                self._session.awake()
            except SyncdError:
                self._hang_up()
            else:
                return self._session
        if self.clock.monotonic() < self._refused_until:
            raise AuthFailed(self._refused)
        try:
            self._session = self._logged_in()
        except AuthFailed as error:
            self._refused = str(error)
            self._refused_until = self.clock.monotonic() + AFTER_REFUSAL.total_seconds()
            raise
        return self._session

    def _logged_in(self) -> Session:
        if self._grant is None:
            return Session(self.options, self._http.timeout)
        token = self._grant.token()
        try:
            return Session(self.options, self._http.timeout, lambda: token)
        except AuthFailed:
            if not self._grant.renew(token):
                raise
            return Session(self.options, self._http.timeout, self._grant.token)

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    # folders

    def _folders(self, session: Session, troubles: list[Refused]) -> list[str]:
        r"""By name, also those that are named by their use, as \All."""
        if not any(_is_use(one) for one in self.options.folders):
            return list(self.options.folders)
        there, found = session.folders(), []
        for wanted in self.options.folders:
            if name := _named(wanted, there):
                found.append(name)
            else:
                troubles.append(Refused(f"imap: no folder has the use {wanted}"))
        return list(dict.fromkeys(found))

    def _of_folder(self, session: Session, folder: str, places: Places) -> Iterator[Page]:
        reader = FolderReader(session, folder, self.options, self.mails)
        for submissions, place in reader.kept(places.get(folder), self.clock.now()):
            places[folder] = place
            tidy = partial(self._tidy, session, folder, place.left) if submissions and place.left else None
            yield Page(submissions, places.cursor(), tidy)
        self._next_uids[folder] = reader.next_uid
        self._listened = self._listened or folder

    def _tidy(self, session: Session, folder: str, uids: tuple[int, ...]) -> None:
        if session.folder != folder:
            session.open(folder)
        if self.options.flag:
            session.flag(uids, self.options.flag)
        if self.options.move_to:
            session.move(uids, self.options.move_to)
        self._tidied[folder] = uids

    def _tidy_left(self, session: Session, folder: str, places: Places, troubles: list[Refused]) -> None:
        """What was kept, and not tidied up before a crash. To do it again does no harm."""
        place = places.get(folder)
        if place is None or not place.left or self._tidied.get(folder) == place.left or not self.options.tidies:
            return
        try:
            if session.open(folder).validity == place.validity:
                self._tidy(session, folder, place.left)
        except Refused as error:
            troubles.append(error)

    def _findings(self, session: Session) -> Iterator[Finding]:
        listens = session.can("IDLE")
        heard = "tells of new mail at once" if listens else f"is asked every {self.options.every} s"
        yield Finding("listening", ok=True, detail=heard)
        there = session.folders()
        for wanted in self.options.folders:
            name = _named(wanted, there)
            try:
                detail, ok = f"{session.open(name).count} mails in {name}" if name else "no such folder", bool(name)
            except Refused as error:
                detail, ok = str(error), False
            some = ", ".join(sorted(there)[:FOLDERS_SHOWN])
            yield Finding(f"folder {wanted}", ok=ok, detail=detail, remedy="" if ok else f"there are: {some}")
        if self.options.move_to:
            made = "is there" if self.options.move_to in there else "is made with the first mail"
            yield Finding(f"folder {self.options.move_to}", ok=True, detail=made)


def _is_use(folder: str) -> bool:
    return folder.startswith("\\")


def _named(wanted: str, there: Mapping[str, frozenset[str]]) -> str:
    """The name of a folder; empty where none has the use that is wanted."""
    if not _is_use(wanted):
        return wanted
    return next((name for name, flags in there.items() if wanted.lower() in flags), "")
