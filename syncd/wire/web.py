"""One request to `/in/<source>` and what a source makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncd.model import Submission


@dataclass(frozen=True, slots=True)
class WebRequest:
    """One HTTP request to `/in/<source>`, body unparsed and within the limits."""

    method: str
    headers: Mapping[str, str]  # lower-case names
    query: Mapping[str, str]
    body: bytes
    received_at: datetime  # aware, UTC
    client: str = ""  # address of the peer, or of the client behind a listed proxy

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class WebReply:
    """What to answer once the submissions are kept. Providers expect exactly 200."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Received:
    """Submissions to keep, and the reply to give after the commit (None: the plain 200)."""

    submissions: Sequence[Submission] = ()
    reply: WebReply | None = None
