"""From a submission to a draft: mapping, cleaning, attribution. Pure, and never fails on what people type."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from syncd.core.attribution import Visit, read_touch
from syncd.core.cleaning.companies import clean_company
from syncd.core.cleaning.countries import clean_country
from syncd.core.cleaning.emails import Email, clean_email
from syncd.core.cleaning.names import PersonName, clean_name
from syncd.core.cleaning.phones import Phone, clean_phone
from syncd.core.cleaning.text import clean_line, clean_text, plain_form
from syncd.core.draft import Draft, keys_of
from syncd.core.mapping import Mapped, map_answers
from syncd.core.playbook import Playbook, SourcePlan
from syncd.core.probe import REASON as PROBE
from syncd.core.probe import is_probe
from syncd.errors import Rejected
from syncd.model import Context, Submission

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


def read(submission: Submission, playbook: Playbook, *, trusted: bool = False) -> Draft:
    """Raises Rejected when the submission cannot be read or leaves no way to reach the person."""
    if submission.problem:
        raise Rejected(submission.problem)
    if is_probe(submission):
        submission = replace(submission, context=replace(submission.context, no_lead=PROBE))
    plan = playbook.sources.get(submission.source) or SourcePlan(submission.source)
    mapped = map_answers(submission.answers, plan.map)
    raw = mapped.fields
    country = clean_country(raw["country"]) if "country" in raw else ""
    email = clean_email(raw["email"]) if "email" in raw else None
    phone = clean_phone(raw["phone"], _regions(country, plan, playbook)) if "phone" in raw else None
    name = _name(raw)
    held = submission.context.no_lead and not trusted  # a machine's mail need not say who wrote it
    if not (held or email or phone or name.first or name.last or "@" in raw.get("email", "")):
        raise Rejected("no e-mail address, phone number or name in it: nobody could be reached")
    company = clean_company(raw["company"]) if "company" in raw else None
    context = _context(submission.context, raw)
    return Draft(
        source=submission.source,
        key=submission.key,
        received_at=submission.received_at,
        submitted_at=submission.submitted_at,
        fields=_fields(raw, email, phone, name, country, company.display if company else ""),
        answers=tuple((_label(label), clean_text(text)) for label, text in mapped.answers),
        email=email,
        phone=phone,
        name=name,
        company_key=company.key if company else "",
        touch=read_touch(_visit(submission, context, mapped, playbook)),
        context=context,
        keys=keys_of(email, phone),
        remarks=_remarks(raw, email, phone),
        typed_email="email" in raw,
        trusted=trusted,
        params=mapped.params,
    )


def _regions(country: str, plan: SourcePlan, playbook: Playbook) -> tuple[str, ...]:
    """The country the person named, then the form's, then the company's; never the server's."""
    return tuple(dict.fromkeys(region for region in (country, plan.country, playbook.country) if region))


def _name(raw: Mapping[str, str]) -> PersonName:
    """One part beside a question that is only called "name" ("Vorname" and "Name") makes that the other part."""
    first, last, full = raw.get("first_name", ""), raw.get("last_name", ""), raw.get("full_name", "")
    if full and bool(first) is not bool(last):
        part, whole = plain_form(first or last).split(), plain_form(full).split()
        if not set(part) <= set(whole):
            return clean_name(first or full, last or full)
        if len(whole) > len(part):
            return clean_name(full=full)
    return clean_name(first, last, full)


def _fields(
    raw: Mapping[str, str], email: Email | None, phone: Phone | None, name: PersonName, country: str, company: str
) -> dict[str, str]:
    fields = {field: clean_line(raw[field]) for field in _LINES if field in raw}
    fields["email"] = email.display if email else ""
    fields["phone"] = (phone.e164 or clean_line(phone.raw)) if phone else ""
    fields["first_name"], fields["last_name"] = name.first, name.last
    fields["company"], fields["country"] = company, country
    fields["message"] = clean_text(raw["message"]) if "message" in raw else ""
    fields["consent"] = raw.get("consent", "")
    return {field: value for field, value in fields.items() if value}


def _label(label: str) -> str:
    return _usual_label(label) if len(label) <= _CACHED_WITHIN else clean_line(label)


_usual_label = lru_cache(maxsize=4096)(clean_line)  # a form asks the same questions again and again
_CACHED_WITHIN = 120


def _context(context: Context, raw: Mapping[str, str]) -> Context:
    """With what answers tell of the visit, each part on one line."""
    return Context(
        form_id=clean_line(context.form_id),
        form_name=clean_line(context.form_name),
        page_url=_address(raw.get("page_url", "") or context.page_url),
        landing_url=_address(raw.get("landing_url", "") or context.landing_url),
        referrer=_address(raw.get("referrer", "") or context.referrer),
        user_agent=context.user_agent,
        language=_language(context.language),
        honeypot=context.honeypot,
        seconds_to_submit=context.seconds_to_submit,
        suspicions=context.suspicions,
        test=context.test,
        no_lead=clean_line(context.no_lead),
    )


def _address(url: str) -> str:
    """Without line ends and other controls, which no address has; never shortened, for a query may be long."""
    return url if url.isascii() and url.isprintable() else _CONTROLS.sub("", url)


def _language(told: str) -> str:
    """Of "de-DE,en;q=0.8" just "de"; nothing where no language is named."""
    found = _LANGUAGE.match(told.strip())
    return found[0].lower() if found else ""


_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")


def _visit(submission: Submission, context: Context, mapped: Mapped, playbook: Playbook) -> Visit:
    return Visit(
        page_url=context.page_url,
        landing_url=context.landing_url,
        referrer=context.referrer,
        params=mapped.params,
        own_domains=playbook.own_domains,
        origin="import" if submission.content_type == "text/csv" else "",
    )


def _remarks(raw: Mapping[str, str], email: Email | None, phone: Phone | None) -> tuple[str, ...]:
    remarks = []
    if "email" in raw and email is None:
        remarks.append(f"The e-mail address as typed is not valid: {clean_line(raw['email'], 100)}")
    if email and email.repaired:
        remarks.append(f"The e-mail address was typed as: {clean_line(email.raw, 100)}")
    if email and email.suggestion:
        remarks.append(f"Did they mean {email.suggestion}? The address may be mistyped.")
    if phone and not phone.valid:
        remarks.append(f"The phone number does not look complete: {clean_line(phone.raw, 100)}")
    if phone and phone.extension:
        remarks.append(f"Extension of the phone number: {phone.extension}")
    return tuple(remarks)
