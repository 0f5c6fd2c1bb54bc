"""What `read` makes of a submission: cleaned canonical fields, keys, and everything else kept as it came."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncd.core.cleaning.emails import Email
from syncd.core.cleaning.names import PersonName
from syncd.core.cleaning.phones import Phone
from syncd.model import Context, Touch


@dataclass(frozen=True, slots=True)
class Key:
    """Something that tells people apart. An exact one alone says that it is the same person."""

    text: str  # kind and value: "e:eva@acme.com"
    exact: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """One submission, understood as far as values alone allow."""

    source: str
    key: str
    received_at: datetime  # aware, UTC
    fields: Mapping[str, str]  # canonical field -> cleaned value; empty ones left out
    answers: tuple[tuple[str, str], ...]  # every answer as (label, value) but for `params`, in order, for the note
    email: Email | None
    phone: Phone | None
    name: PersonName
    company_key: str
    touch: Touch
    context: Context  # with the addresses that answers told, and the language as two letters
    keys: tuple[Key, ...] = ()  # see `keys_of`
    remarks: tuple[str, ...] = ()  # repairs and doubts a rep should see ("did they mean ...?")
    submitted_at: datetime | None = None
    typed_email: bool = False  # something was typed where the address belongs, valid or not
    trusted: bool = False  # a person has said that this is not junk
    params: Mapping[str, str] = field(default_factory=dict)  # UTM parameters and click ids among the answers

    @property
    def business_domain(self) -> str:
        """The registrable domain of a company's own address; empty for free mail and throw-away mail."""
        if self.email is None or self.email.freemail or self.email.disposable:
            return ""
        return self.email.registrable


def keys_of(email: Email | None, phone: Phone | None) -> tuple[Key, ...]:
    """Keys of a person, the strongest first; an address like info@ is never exact, for several people share it."""
    keys: tuple[Key, ...] = ()
    if email:
        keys = Key(f"e:{email.key}", exact=not email.role), Key(f"q:{email.possible_key}", exact=False)
    if phone and phone.e164:
        keys = *keys, Key(f"p:{phone.e164}", exact=False)
    return keys
