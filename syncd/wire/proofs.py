"""How the sender of a post proves who they are, where a provider does it in its own fixed way."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, Self

from pydantic import Field, SecretStr, model_validator

from syncd.errors import Unauthenticated
from syncd.wire.locks import SHORTEST_SECRET, LockedSourceOptions, SignedSourceOptions, open_locks
from syncd.wire.options import SourceOptions
from syncd.wire.signatures import Signature, same_secret, verify
from syncd.wire.values import text_at
from syncd.wire.web import WebRequest


class ProvenSourceOptions(SignedSourceOptions):
    """The options of a provider that signs where it is given a secret."""

    @model_validator(mode="after")
    def _has_a_way_in(self) -> Self:
        if not (self.keys or self.unsigned or self.token or self.fetches):
            raise ValueError("anybody could post: set the webhook's secret, or a token; or say unsigned: true")
        return self


class KeyedSourceOptions(SourceOptions):
    """The options of a provider that repeats a shared secret in every body."""

    secret: SecretStr = Field(min_length=SHORTEST_SECRET, description="the key that the provider sends along")
    secrets: tuple[SecretStr, ...] = Field((), description="further keys that hold, while one is being replaced")

    @property
    def keys(self) -> tuple[SecretStr, ...]:
        return (self.secret, *self.secrets)


class Proof(Protocol):
    """How a sender proves who they are. Nothing is parsed before `of_bytes`, and nothing kept before both."""

    def of_bytes(self, options: Any, request: WebRequest, /) -> bool:
        """Whether these have proved it; False where the body has yet to, and where anybody may post.

        Raises Unauthenticated.
        """
        ...

    def of_body(self, options: Any, body: Any, request: WebRequest, /) -> None:
        """Raises Unauthenticated."""
        ...

    def told(self, options: Any) -> str:
        """What a sender has to show, in words; empty for anybody."""
        ...


@dataclass(frozen=True, slots=True)
class _OfBytes:
    check: Callable[[Any, WebRequest], None]

    def of_bytes(self, options: SignedSourceOptions, request: WebRequest) -> bool:
        if not options.keys:
            return _by_token(options)
        self.check(options, request)
        return True

    def of_body(self, options: SignedSourceOptions, body: Any, request: WebRequest) -> None:
        """The bytes have said it."""

    def told(self, options: SignedSourceOptions) -> str:
        return "signed" if options.keys else "with the token in the address" if options.token else ""


@dataclass(frozen=True, slots=True)
class _KeyInside:
    paths: tuple[str, ...]

    def of_bytes(self, options: KeyedSourceOptions | SignedSourceOptions, _request: WebRequest) -> bool:
        if not options.keys and isinstance(options, SignedSourceOptions):
            return _by_token(options)
        return options.token is not None

    def of_body(self, options: KeyedSourceOptions | SignedSourceOptions, body: Any, _request: WebRequest) -> None:
        if options.keys and not same_secret(text_at(body, *self.paths), options.keys):
            raise Unauthenticated(f"{self.paths[0]} is missing or wrong")

    def told(self, options: KeyedSourceOptions | SignedSourceOptions) -> str:
        by_token = "with the token in the address" if options.token else ""
        return f"with the key in {self.paths[0]}" if options.keys else by_token


@dataclass(frozen=True, slots=True)
class _SignedOrKeyInside:
    ways: tuple[Signature, ...]
    signed: Proof
    inside: _KeyInside

    def of_bytes(self, options: SignedSourceOptions, request: WebRequest) -> bool:
        by_signature = self._has_signature(request) or not options.keys
        return self.signed.of_bytes(options, request) if by_signature else self.inside.of_bytes(options, request)

    def of_body(self, options: SignedSourceOptions, body: Any, request: WebRequest) -> None:
        if not self._has_signature(request):
            self.inside.of_body(options, body, request)

    def told(self, options: SignedSourceOptions) -> str:
        return self.signed.told(options)

    def _has_signature(self, request: WebRequest) -> bool:
        return any(request.header(way.header) for way in self.ways)


def _by_token(options: SignedSourceOptions) -> bool:
    """Where no key is set: a token has been asked for at the door."""
    if not (options.unsigned or options.token):
        raise Unauthenticated("webhooks are not taken here: no secret is set")
    return options.token is not None


def _verify_any(ways: tuple[Signature, ...], options: SignedSourceOptions, request: WebRequest) -> None:
    *others, last = [way for way in ways if request.header(way.header)] or ways[:1]
    for way in others:
        with contextlib.suppress(Unauthenticated):
            verify(way, options.keys, request)
            return
    verify(last, options.keys, request)


@dataclass(frozen=True, slots=True)
class _Locked:
    def of_bytes(self, options: LockedSourceOptions, request: WebRequest) -> bool:
        open_locks(options, request)
        return any(options.locks())

    def of_body(self, options: LockedSourceOptions, body: Any, request: WebRequest) -> None:
        """The request has said it."""

    def told(self, options: LockedSourceOptions) -> str:
        return ", ".join(options.locks())


def signed(*ways: Signature) -> Proof:
    """By the provider's own signature, in whichever of its ways; options: ProvenSourceOptions."""
    return proved_by(partial(_verify_any, ways))


def proved_by(check: Callable[[Any, WebRequest], None]) -> Proof:
    """By what `check` verifies of options with keys and the raw request; it raises Unauthenticated.

    Options: ProvenSourceOptions.
    """
    return _OfBytes(check)


def key_inside(*paths: str) -> Proof:
    """By a shared key in the body; options: KeyedSourceOptions, or ProvenSourceOptions where there need not be one."""
    return _KeyInside(paths)


def signed_or_key_inside(ways: tuple[Signature, ...], *paths: str) -> Proof:
    """By a signature where its header is there, else by a shared key in the body; options: ProvenSourceOptions."""
    return _SignedOrKeyInside(ways, signed(*ways), _KeyInside(paths))


locked: Proof = _Locked()
"""The provider signs nothing: by a token in the address, a header or a login; options: LockedSourceOptions."""
