"""What a mail of one product looks like, in words that a config may use too. Values alone; `matching` applies them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Layout(StrEnum):
    """How questions and answers stand in a mail."""

    TABLE = "table"  # rows of two cells
    BOLD = "bold"  # the question in bold, or in a heading cell; the answer behind or below it
    LINES = "lines"  # "Question: answer", or the answer on the lines below


class Seen(StrEnum):
    """How sure the description is."""

    CAPTURED = "captured"  # from a mail that was really sent
    DOCUMENTED = "documented"  # from the product's own page or source
    MEMORY = "memory"  # nobody has compared it with a real mail yet
    CONFIG = "config"  # by whoever runs syncd


PERSON = "person"
"""In place of a field: a name and an address, as in a mail's head."""

CONTEXT_PARTS = ("form", "page_url", "landing_url", "referrer", "user_agent", "language")


@dataclass(frozen=True, slots=True)
class Template:
    """Every kind of sign that is given must be there, and of each kind any one will do.

    Patterns are plain text but for `*`, which stands for anything, and `{form}`, which is the form's name.
    """

    name: str
    product: str = ""
    seen: Seen = Seen.CONFIG
    sender: tuple[str, ...] = ()  # patterns of the address in From
    platform: tuple[str, ...] = ()  # domains whose machines send it; proven by a trusted host (DKIM, DMARC)
    subject: tuple[str, ...] = ()  # patterns of the subject
    text: tuple[str, ...] = ()  # patterns of something in the text
    markup: tuple[str, ...] = ()  # something in the source of the HTML, as it stands there
    layout: tuple[Layout, ...] = (Layout.TABLE, Layout.BOLD, Layout.LINES)  # tried in order; the first that holds
    starts: tuple[str, ...] = ()  # patterns of the line behind which the answers begin
    ends: tuple[str, ...] = ()  # patterns of the line at which they end
    fields: Mapping[str, str] = field(default_factory=dict)  # question -> canonical field, or PERSON
    context: Mapping[str, str] = field(default_factory=dict)  # question -> one of CONTEXT_PARTS
    ignore: tuple[str, ...] = ()  # questions that nobody was asked
    free: tuple[str, ...] = ()  # questions under which everything up to the end belongs together
