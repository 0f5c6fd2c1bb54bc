"""What of a login outlives the process: the newest refresh token, and access tokens that a service rations."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from syncd.clock import Clock
from syncd.errors import RateLimited, Retryable
from syncd.store.files import locked_file, make_durable, make_private
from syncd.wire.values import moment_of


@dataclass(frozen=True, slots=True)
class Token:
    access: str = field(repr=False)
    ends_at: datetime
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ration:
    """How many access tokens a service gives in a rolling window."""

    most: int
    window: timedelta


class Tokens:
    """Not thread-safe; between processes `alone` is."""

    def __init__(
        self, file: "TokenFile", clock: Clock, refresh_token: str, ration: Ration | None, *, shared: bool
    ) -> None:
        self._file, self._clock, self._ration, self._shared = file, clock, ration, shared
        self._configured = refresh_token
        self._state = file.read()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Where tokens are shared: nobody else asks for one meanwhile, and what others got is known."""
        if not self._shared:
            yield
            return
        with self._file.locked():
            self._state = self._file.read()
            yield

    def kept(self, stale: str, early: timedelta) -> Token | None:
        """One that somebody got, is good for longer than `early`, and was not refused."""
        token = _token_of(self._state) if self._shared else None
        usable = token is not None and token.access not in ("", stale) and token.ends_at - early > self._clock.now()
        return token if usable else None

    def spend(self, what: str) -> str:
        """Put a question down, and say the refresh token for it. Raises RateLimited when the ration is eaten up."""
        if self._ration is not None:
            now = self._clock.now()
            asked = [at for at in self._asked() if now - self._ration.window < at <= now]
            if len(asked) >= self._ration.most:
                words = f"{what}: {self._ration.most} tokens were asked for, the service gives no more for a while"
                raise RateLimited(words, asked[-self._ration.most] + self._ration.window - now)
            self._write({"asked_at": [at.isoformat() for at in (*asked, now)]})
        return str(self._state.get("refresh_token") or self._configured)

    def keep(self, token: Token, refresh_token: str) -> None:
        """Durable before it returns: the service may forget the old refresh token at once."""
        news: dict[str, Any] = {}
        if refresh_token and refresh_token != (self._state.get("refresh_token") or self._configured):
            news["refresh_token"] = refresh_token
        if self._shared:
            news |= {"access_token": token.access, "ends_at": token.ends_at.isoformat(), "details": dict(token.details)}
        if news:
            self._write(news)

    def _asked(self) -> list[datetime]:
        listed = self._state.get("asked_at")
        return [at for each in (listed if isinstance(listed, list) else []) if (at := moment_of(each)) is not None]

    def _write(self, news: Mapping[str, Any]) -> None:
        self._state = {**self._state, **news}
        self._file.write(self._state)


class TokenFile:
    """A JSON object for its owner's eyes only, forgotten when the configured login is another one."""

    def __init__(self, path: Path, whose: str) -> None:
        self._path = path
        self._of = hashlib.sha256(whose.encode()).hexdigest()

    @contextmanager
    def locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with locked_file(self._path.with_suffix(".lock")):
            yield

    def read(self) -> dict[str, Any]:
        """Empty when there is none, it is damaged, or it is of another login."""
        kept: object = None
        with contextlib.suppress(OSError, ValueError, RecursionError):
            kept = json.loads(self._path.read_bytes())
        return dict(kept) if isinstance(kept, dict) and kept.get("of") == self._of else {}

    def write(self, state: Mapping[str, Any]) -> None:
        """Whole or not at all, and durable before it returns. Raises Retryable when the disk does not take it."""
        try:
            self._replace({"of": self._of, **state})
        except OSError as error:
            raise Retryable(f"the login cannot be kept in {self._path.name}: {error.strerror}") from error

    def _replace(self, state: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        with os.fdopen(make_private(new), "w") as file:
            file.truncate()
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        make_durable(self._path)


def _token_of(state: Mapping[str, Any]) -> Token | None:
    access, ends, details = state.get("access_token"), moment_of(state.get("ends_at")), state.get("details")
    if not isinstance(access, str) or ends is None:
        return None
    texts = {str(k): str(v) for k, v in details.items()} if isinstance(details, dict) else {}
    return Token(access, ends.astimezone(UTC), texts)
