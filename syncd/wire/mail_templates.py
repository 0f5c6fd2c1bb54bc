"""A template for notifications, as it stands in a config."""

from typing import Self

from pydantic import Field, model_validator

from syncd.core.mail import CONTEXT_PARTS, PERSON, Layout, Template, template_of
from syncd.core.mapping import MAPPABLE
from syncd.wire.options import ConnectorOptions


class MailTemplate(ConnectorOptions):
    """What a mail of one form looks like. Patterns are plain text, `*` for anything, `{form}` for the form's name."""

    name: str = Field(min_length=1, description="how the template is called; form id of what is read by it")
    sender: tuple[str, ...] = Field((), description="patterns of the address that sends it, as *@forms.example.com")
    platform: tuple[str, ...] = Field(
        (), description="domains that send it and that one of `trusted_hosts` must have proven (DKIM or DMARC)"
    )
    subject: tuple[str, ...] = Field((), description='patterns of the subject, as "New enquiry: {form}"')
    text: tuple[str, ...] = Field((), description="patterns of something that stands in every such mail, on one line")
    markup: tuple[str, ...] = Field((), description='something in the source of its HTML, as class="form-data"')
    layout: tuple[Layout, ...] = Field(
        tuple(Layout),
        min_length=1,
        description="how questions and answers stand: table (two cells), bold (question in bold), lines (question: "
        "answer); the one that tells most is taken",
    )
    starts: tuple[str, ...] = Field((), description="patterns of the line behind which the answers begin")
    ends: tuple[str, ...] = Field((), description="patterns of the line at which they end")
    fields: dict[str, str] = Field(
        default_factory=dict,
        description=f"question -> canonical field, or {PERSON} (a name with an address); the rest is mapped by itself",
    )
    context: dict[str, str] = Field(
        default_factory=dict, description=f"question -> what it tells of the visit: {', '.join(CONTEXT_PARTS)}"
    )
    ignore: tuple[str, ...] = Field((), description="questions that nobody was asked")
    free: tuple[str, ...] = Field((), description="questions under which everything to the end is one answer")

    @model_validator(mode="after")
    def _is_known_by_something(self) -> Self:
        if not (self.sender or self.platform or self.subject or self.text or self.markup):
            raise ValueError("say by what such a mail is known: sender, platform, subject, text or markup")
        for words, known in ((self.fields, MAPPABLE | {PERSON}), (self.context, frozenset(CONTEXT_PARTS))):
            wrong = sorted(set(words.values()) - known)
            if wrong:
                raise ValueError(f"{wrong[0]} is none of {', '.join(sorted(known))}")
        return self

    def template(self) -> Template:
        return template_of(self.model_dump())
