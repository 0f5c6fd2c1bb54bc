"""What a person may set for a mailbox."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, Self

from connectors.sources.imap.places import LONG_AGO
from syncd.connector import ConnectorOptions, Field, MailSourceOptions, SecretStr, model_validator

PORTS = {"tls": 993, "starttls": 143, "off": 143}


class OAuthOptions(ConnectorOptions):
    """Logging in by an access token (XOAUTH2), as Google and Microsoft 365 want it."""

    provider: Literal["google", "microsoft"] = Field(description="whose mailbox it is")
    client_id: str = Field(min_length=1, description="client id of the app")
    client_secret: SecretStr | None = Field(None, description="client secret of the app")
    refresh_token: SecretStr | None = Field(
        None, description="refresh token of the mailbox's owner; empty: the app logs in as itself (Microsoft 365 alone)"
    )
    tenant: str = Field("", description="Microsoft 365: id or domain of the organisation")
    token_url: str = Field("", pattern=r"^(https?://.*)?$", description="where tokens are given out, if elsewhere")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.provider == "microsoft" and not (self.tenant or self.token_url):
            raise ValueError("tenant is missing: the id or domain of the organisation")
        if self.provider == "google" and not self.refresh_token:
            raise ValueError("refresh_token is missing: at Google an app has no mailbox of its own")
        if not (self.refresh_token or self.client_secret):
            raise ValueError("set refresh_token, or client_secret for an app that logs in as itself")
        return self


class Options(MailSourceOptions):
    host: str = Field(min_length=1, description="the server, as imap.gmail.com or outlook.office365.com")
    port: int = Field(0, ge=0, le=65535, description="its port; 0: 993 with tls, otherwise 143")
    tls: Literal["tls", "starttls", "off"] = Field("tls", description="off: in the clear, for a server on this machine")
    ca_file: Path | None = Field(None, description="certificates to trust (PEM) instead of the system's")
    user: str = Field(min_length=1, description="login name, mostly the address of the mailbox")
    password: SecretStr | None = Field(None, description="password, or app password; not with oauth")
    oauth: OAuthOptions | None = Field(None, description="login by access token, for Google and Microsoft 365")
    folders: tuple[str, ...] = Field(
        ("INBOX",),
        min_length=1,
        description=r"folders to read, by name or by use (\All is Gmail's All Mail); the first one is listened to",
    )
    history: Literal["skip", "all"] | date = Field(
        "skip", description="what the first look at a folder brings: skip (from now on), all, or a day to begin with"
    )
    move_to: str = Field("", description="folder into which mails are moved once they are kept; empty: they stay")
    flag: str = Field(
        "",
        pattern=r'^(\\?[^\s(){%*"\\\]]+)?$',
        description=r"flag that mails get once they are kept, as \Seen or syncd; empty: they are left untouched",
    )
    every: int = Field(180, ge=1, le=3600, description="seconds between two polls, beside what IDLE tells")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if bool(self.password) == bool(self.oauth):
            raise ValueError("set password or oauth, one of them")
        if self.move_to in self.folders:
            raise ValueError("move_to is one of the folders that are read")
        if len(set(self.folders)) < len(self.folders):
            raise ValueError("a folder is named twice")
        return self

    @property
    def tidies(self) -> bool:
        """Whether anything is changed in the mailbox."""
        return bool(self.move_to or self.flag)

    @property
    def at_port(self) -> int:
        return self.port or PORTS[self.tls]

    def begins(self, now: datetime) -> datetime:
        """Where the first look at a folder begins."""
        if isinstance(self.history, datetime):  # asked for by hand
            return self.history
        if isinstance(self.history, date):
            return datetime(self.history.year, self.history.month, self.history.day, tzinfo=UTC)
        return LONG_AGO if self.history == "all" else now
