"""From a submission to a draft: mapping, cleaning, attribution. Pure, and never fails on what people type."""

from collections.abc import Mapping

from syncd.core.attribution import Visit, read_touch
from syncd.core.cleaning.companies import clean_company
from syncd.core.cleaning.countries import clean_country
from syncd.core.cleaning.emails import Email, clean_email
from syncd.core.cleaning.names import PersonName, clean_name
from syncd.core.cleaning.phones import Phone, clean_phone
from syncd.core.cleaning.text import clean_line, clean_text
from syncd.core.draft import Draft
from syncd.core.mapping import Mapped, map_answers
from syncd.core.playbook import Playbook, SourcePlan
from syncd.errors import Rejected
from syncd.model import Submission

_LINES = (
    "job_title",
    "website",
    "street",
    "city",
    "state",
    "postal_code",
    "industry",
    "company_size",
    "subject",
    "how_heard",
    "lead_source",
)
_YES = frozenset({"yes", "true", "1", "on", "checked", "ja", "oui", "si", "sí", "y", "x", "agree", "accepted"})


def read(submission: Submission, playbook: Playbook, *, trusted: bool = False) -> Draft:
    """Raises Rejected when the submission cannot be read or leaves no way to reach the person."""
    if submission.problem:
        raise Rejected(submission.problem)
    plan = playbook.sources.get(submission.source) or SourcePlan(submission.source)
    mapped = map_answers(submission.answers, plan.map)
    raw = mapped.fields
    country = clean_country(raw.get("country", ""))
    email = clean_email(raw["email"]) if raw.get("email") else None
    phone = clean_phone(raw["phone"], _regions(country, plan, playbook)) if raw.get("phone") else None
    name = clean_name(raw.get("first_name", ""), raw.get("last_name", ""), raw.get("full_name", ""))
    if not (email or phone or name.first or name.last):
        raise Rejected("no e-mail address, phone number or name in it: nobody could be reached")
    company = clean_company(raw.get("company", "")) if raw.get("company") else None
    fields = _fields(raw, email, phone, name, country)
    if company:
        fields["company"] = company.display
    return Draft(
        source=submission.source,
        key=submission.key,
        received_at=submission.received_at,
        submitted_at=submission.submitted_at,
        fields=fields,
        answers=_told(mapped),
        email=email,
        phone=phone,
        name=name,
        company_key=company.key if company else "",
        touch=read_touch(_visit(submission, mapped, playbook)),
        context=submission.context,
        remarks=_remarks(raw, email, phone),
        typed_email=bool(raw.get("email")),
        trusted=trusted,
        params=mapped.params,
    )


def _regions(country: str, plan: SourcePlan, playbook: Playbook) -> tuple[str, ...]:
    """The country the person named, then the form's, then the company's; never the server's."""
    return tuple(dict.fromkeys(region for region in (country, plan.country, playbook.country) if region))


def _fields(
    raw: Mapping[str, str], email: Email | None, phone: Phone | None, name: PersonName, country: str
) -> dict[str, str]:
    fields = {field: clean_line(raw[field]) for field in _LINES if raw.get(field)}
    fields["email"] = email.display if email else ""
    fields["phone"] = (phone.e164 or clean_line(phone.raw)) if phone else ""
    fields["first_name"], fields["last_name"] = name.first, name.last
    fields["country"] = country
    fields["message"] = clean_text(raw.get("message", ""))
    if "consent" in raw:
        fields["consent"] = "yes" if raw["consent"].strip().casefold() in _YES else "no"
    return {field: value for field, value in fields.items() if value}


def _told(mapped: Mapped) -> tuple[tuple[str, str], ...]:
    return tuple((clean_line(label), clean_text(text)) for label, text in mapped.answers)


def _visit(submission: Submission, mapped: Mapped, playbook: Playbook) -> Visit:
    context, raw = submission.context, mapped.fields
    return Visit(
        page_url=raw.get("page_url", "") or context.page_url,
        landing_url=raw.get("landing_url", "") or context.landing_url,
        referrer=raw.get("referrer", "") or context.referrer,
        params=mapped.params,
        own_domains=playbook.own_domains,
        origin="import" if submission.content_type == "text/csv" else "",
    )


def _remarks(raw: Mapping[str, str], email: Email | None, phone: Phone | None) -> tuple[str, ...]:
    remarks = []
    if raw.get("email") and email is None:
        remarks.append(f"The e-mail address as typed is not valid: {clean_line(raw['email'], 100)}")
    if email and email.suggestion:
        remarks.append(f"Did they mean {email.suggestion}? The address may be mistyped.")
    if phone and not phone.valid:
        remarks.append("The phone number does not look complete.")
    return tuple(remarks)
