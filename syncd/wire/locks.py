"""The ways in which a sender may have to prove who they are, as options of a source."""

import base64
import binascii
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from syncd.errors import Unauthenticated
from syncd.wire.options import ConnectorOptions, SourceOptions
from syncd.wire.signatures import STANDARD_WEBHOOKS, Signature, same_secret, verify, whsec_key
from syncd.wire.web import WebRequest

SHORTEST_SECRET = 8


class SignatureOptions(ConnectorOptions):
    """How the sender signs: a keyed hash (HMAC) in a header."""

    header: str = Field(min_length=1, description="header that holds the signature")
    algorithm: Literal["sha256", "sha1", "sha512"] = Field("sha256", description="the hash")
    encoding: Literal["hex", "base64"] = Field("hex", description="how the hash is written")
    prefix: str = Field("", description="what stands before it, as sha256=")
    template: str = Field("{body}", description="what is signed, as {timestamp}.{body}; {id} may be in it as well")
    timestamp_header: str = Field("", description="header of {timestamp}; empty: t= in the signature's header")
    id_header: str = Field("", description="header of {id}")
    tolerance: int = Field(300, ge=1, le=3600, description="seconds that {timestamp} may be off, both ways")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.template.count("{body}") != 1:
            raise ValueError("template must hold {body} once, or the signature would not be of this body")
        if ("{id}" in self.template) != bool(self.id_header):
            raise ValueError("{id} in template and id_header go together")
        if self.timestamp_header and "{timestamp}" not in self.template:
            raise ValueError("a timestamp_header that is not in template is not signed, so it proves nothing")
        return self

    def signature(self) -> Signature:
        described = self.model_dump(exclude={"tolerance"})
        return Signature(**described, tolerance=timedelta(seconds=self.tolerance))


class HeaderOptions(ConnectorOptions):
    """A header that only the sender knows."""

    name: str = Field(min_length=1, description="name of the header, as X-Token or Authorization")
    value: SecretStr = Field(min_length=SHORTEST_SECRET, description="its whole value, as Bearer 3f9c...")


class LoginOptions(ConnectorOptions):
    """HTTP Basic (RFC 7617)."""

    user: str = Field(min_length=1, description="user name")
    password: SecretStr = Field(min_length=SHORTEST_SECRET, description="password")


class SignedSourceOptions(SourceOptions):
    """The options of a source whose provider signs in its own fixed way."""

    secret: SecretStr | None = Field(
        None, min_length=SHORTEST_SECRET, description="secret that the provider signs with"
    )
    secrets: tuple[SecretStr, ...] = Field((), description="further secrets that hold, while one is being replaced")
    unsigned: bool = Field(False, description="take posts from anybody who finds the address")

    @property
    def keys(self) -> tuple[SecretStr, ...]:
        return ((self.secret,) if self.secret else ()) + self.secrets

    @model_validator(mode="after")
    def _are_long(self) -> Self:
        if any(len(key.get_secret_value()) < SHORTEST_SECRET for key in self.secrets):
            raise ValueError(f"a secret has fewer than {SHORTEST_SECRET} characters")
        if self.keys and self.unsigned:
            raise ValueError("with a secret every post is checked: unsigned: true would have no effect")
        return self


class LockedSourceOptions(SignedSourceOptions):
    """The options of a source whose sender is whatever program a person sets up. All locks must open."""

    scheme: Literal["", "standard"] = Field(
        "", description="standard: signed as www.standardwebhooks.com says (Svix and many others)"
    )
    signature: SignatureOptions | None = Field(None, description="how the sender signs, where by no scheme")
    header_secret: HeaderOptions | None = Field(None, description="a header that only the sender knows")
    basic: LoginOptions | None = Field(None, description="user name and password (HTTP Basic)")

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.scheme and self.signature:
            raise ValueError("give scheme or signature, not both")
        if bool(self.scheme or self.signature) != bool(self.keys):
            raise ValueError("a secret goes with a scheme or a signature, and the other way round")
        if self.scheme and not all(whsec_key(key.get_secret_value()) for key in self.keys):
            raise ValueError("a secret of this scheme is base64, as whsec_MfKQ9r8GKY...")
        if not (self.unsigned or list(self.locks()) or self.fetches):
            raise ValueError("anybody could post: set a secret, header_secret, basic or token; or say unsigned: true")
        return self

    def locks(self) -> Iterator[str]:
        """What a sender has to prove, in words."""
        if self.keys:
            yield "signed"
        if self.header_secret:
            yield f"with the secret header {self.header_secret.name}"
        if self.basic:
            yield "with user name and password"
        if self.token:
            yield "with the token in the address"


def open_locks(options: LockedSourceOptions, request: WebRequest) -> None:
    """Raises Unauthenticated unless every lock opens; the token is checked before a source is asked."""
    if not options.unsigned and not list(options.locks()):
        raise Unauthenticated("posts are not taken here: no secret and no token is set")
    if options.header_secret:
        header = options.header_secret
        if not same_secret(request.header(header.name), [header.value]):
            raise Unauthenticated(f"header {header.name} is missing or wrong")
    if options.basic and not _is_login(request.header("authorization"), options.basic):
        raise Unauthenticated("user name or password is missing or wrong")
    if options.scheme:
        ours, svix = STANDARD_WEBHOOKS
        verify(svix if request.header(svix.header) else ours, options.keys, request)
    if options.signature:
        verify(options.signature.signature(), options.keys, request)


def _is_login(authorization: str, login: LoginOptions) -> bool:
    scheme, _, given = authorization.partition(" ")
    wanted = SecretStr(f"{login.user}:{login.password.get_secret_value()}")
    try:
        plain = base64.b64decode(given.strip().encode("ascii"), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return False
    return scheme.lower() == "basic" and same_secret(plain, [wanted])
