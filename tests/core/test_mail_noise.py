"""What is no lead, with its reason, and the mails of people that look like it."""

from dataclasses import replace

import pytest

from syncd.core.mail import MailRules, Verdict
from tests.core.mails import BESSIE, OURS, mail, multipart, read, verdict

REPORT = "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; x@y.example\nAction: {}\nStatus: 5.1.1\n"
TEXT = "Content-Type: text/plain\n\nYour message could not be delivered."


def bounce(action: str = "failed") -> bytes:
    daemon = "Mail Delivery System <MAILER-DAEMON@mx.acme.example>"
    parts = (TEXT, REPORT.format(action))
    return multipart("report; report-type=delivery-status", parts, **{"from": daemon}, subject="Returned")


INVITATION = ("Content-Type: text/plain\n\nAccepted", "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR")
NO_LEADS: dict[str, tuple[bytes, Verdict]] = {
    "a delivery report": (bounce(), Verdict.BOUNCE),
    "a delay": (bounce("delayed"), Verdict.BOUNCE),
    "a text from the mail server": (mail(TEXT, **{"from": "mailer-daemon@mx.example"}), Verdict.BOUNCE),
    "a text from the postmaster": (
        mail(TEXT, **{"from": "postmaster@mx.example"}, subject="Undeliverable: A question"), Verdict.BOUNCE,
    ),
    "failed recipients": (mail(x_failed_recipients="x@y.example"), Verdict.BOUNCE),
    "a German bounce": (mail(subject="Unzustellbar: Angebot", return_path="<>"), Verdict.BOUNCE),
    "a complaint": (multipart("report; report-type=feedback-report", [TEXT]), Verdict.COMPLAINT),
    "a read receipt": (multipart("report; report-type=disposition-notification", [TEXT]), Verdict.RECEIPT),
    "auto-replied": (mail(auto_submitted="auto-replied"), Verdict.AUTO_REPLY),
    "auto-generated, with a comment": (mail(auto_submitted="auto-generated (rejected)"), Verdict.AUTO_REPLY),
    "x-autoreply": (mail(x_autoreply="yes"), Verdict.AUTO_REPLY),
    "precedence auto_reply": (mail(precedence="auto_reply"), Verdict.AUTO_REPLY),
    "apple's vacation": (mail(x_apple_action="VACATION"), Verdict.AUTO_REPLY),
    "an English absence": (mail(subject="Automatic reply: Your offer"), Verdict.AUTO_REPLY),
    "a German absence": (mail(subject="Abwesenheitsnotiz: Ihr Angebot"), Verdict.AUTO_REPLY),
    "a French absence": (mail(subject="Réponse automatique : devis"), Verdict.AUTO_REPLY),
    "a Spanish absence": (mail(subject="Respuesta automática: oferta"), Verdict.AUTO_REPLY),
    "an absence without a colon": (
        mail(subject="Out of office Re your offer", in_reply_to="<9@ours.example>"), Verdict.AUTO_REPLY,
    ),
    "nothing but the absence": (mail(subject="Out of Office"), Verdict.AUTO_REPLY),
    "suppressed replies": (mail(x_auto_response_suppress="All"), Verdict.AUTO_REPLY),
    "nowhere to return to": (mail(return_path="<>"), Verdict.AUTO_REPLY),
    "a list": (mail(list_id="News <news.acme.example>"), Verdict.LIST),
    "a newsletter": (mail(list_unsubscribe="<https://acme.example/u>"), Verdict.LIST),
    "a campaign": (mail(feedback_id="1:2:3:acme"), Verdict.LIST),
    "bulk": (mail(precedence="bulk"), Verdict.LIST),
    "flagged spam": (mail(x_spam_flag="YES"), Verdict.SPAM),
    "scored spam": (mail(x_spam_status="Yes, score=9.1 required=5"), Verdict.SPAM),
    "an invitation accepted": (multipart("alternative", INVITATION), Verdict.CALENDAR),
    "a colleague's own mail": (mail(**{"from": BESSIE}, to="jane@acme.example"), Verdict.OWN_COPY),
    "a colleague below a subdomain": (mail(**{"from": "tom@berlin.ours.example"}), Verdict.OWN_COPY),
    "a colleague elsewhere": (mail(**{"from": "helper@freemail.example"}), Verdict.OWN_COPY),
    "a machine": (mail("Your invoice is ready.", **{"from": "no-reply@billing.example"}), Verdict.MACHINE),
}  # fmt: skip

PEOPLE: dict[str, bytes] = {
    "nothing special": mail(),
    "auto-submitted: no": mail(auto_submitted="no"),
    "a person forwards a bounce": multipart(
        "mixed", ("Content-Type: text/plain\n\nWhy?", REPORT, TEXT), subject="Fwd: Returned"
    ),
    "a person attaches a whole bounce": multipart(
        "mixed", ("Content-Type: text/plain\n\nYou seem to refuse our mails?",
                  f"Content-Type: message/rfc822\n\n{bounce().decode()}"),
    ),
    "a question about delivery": mail(subject="Mail delivery to our new office"),
    "a question about an absence": mail(subject="Cover for an out of office assistant"),
    "a postmaster who asks": mail(**{"from": "postmaster@acme.example"}),
    "our own group": mail(list_id="Sales <sales.ours.example>", precedence="list", list_unsubscribe="<x@x.example>"),
    "our own group by its address": mail(list_id="<1.groups.example>", list_post="<mailto:sales@ours.example>"),
    "somebody whose provider marks every mail": mail(feedback_id="i1a2b3c:Fastmail"),
    "a question about office hours": mail(subject="Out of office hours support - what does it cost?"),
    "a question about a journey": mail(subject="Away from home: is that insured?", to="info@ours.example"),
    "not spam": mail(x_spam_flag="NO", x_spam_status="No, score=-1"),
    "an invitation": multipart("mixed", ("Content-Type: text/plain\n\nLet us meet",
                                         "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR")),
    "a domain that only ends like ours": mail(**{"from": "jane@notours.example"}),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_LEADS)
def test_each_is_recognised_and_kept_with_its_reason(name: str) -> None:
    raw, expected = NO_LEADS[name]

    reading = read(raw)

    assert reading.verdict is expected
    assert reading.context.no_lead == f"{expected.value}: {reading.reason}"
    assert (reading.problem, bool(reading.answers)) == ("", True)


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_not_taken_for_it(name: str) -> None:
    reading = read(PEOPLE[name])

    assert (reading.verdict, reading.context.no_lead) == (Verdict.LEAD, "")


def test_a_delay_is_told_apart_from_a_failure() -> None:
    assert read(bounce("delayed")).reason == "a delivery report: delayed, not final"
    assert read(bounce("failed")).reason == "a delivery report: failed"


def test_what_lies_in_the_spam_folder_is_spam_however_it_looks() -> None:
    assert verdict(mail(), replace(OURS, from_spam_folder=True)) is Verdict.SPAM


def test_without_knowing_our_own_domains_nobody_is_a_colleague() -> None:
    assert verdict(mail(**{"from": BESSIE}), MailRules()) is Verdict.LEAD


@pytest.mark.parametrize(
    "body", ["A caller left a number: 030 1234567", "Somebody wrote: please answer jane@acme.example"]
)
@pytest.mark.parametrize("sender", ["no-reply@telephone.example", "wordpress@ours.example"])
@pytest.mark.parametrize("country", ["DE", ""])
def test_a_machine_that_mentions_somebody_goes_to_a_person(country: str, sender: str, body: str) -> None:
    assert verdict(mail(body, **{"from": sender}), replace(OURS, country=country)) is Verdict.REVIEW


SELF_MADE = "Anfrage von Eva Muster, eva@muster.example: Was kostet das?"


@pytest.mark.parametrize("sender", ["info@ours.example", "Bessie Berry <bessie@ours.example>"])
def test_what_is_told_among_us_of_a_stranger_goes_to_a_person(sender: str) -> None:
    assert verdict(mail(SELF_MADE, **{"from": sender})) is Verdict.REVIEW


@pytest.mark.parametrize(
    "headers",
    [
        {"to": "eva@muster.example"},
        {"cc": "eva@muster.example"},
        {"subject": "Re: x"},
        {"in_reply_to": "<1@ours.example>"},
    ],
)
def test_what_was_said_to_the_stranger_or_is_an_answer_among_us_is_a_copy(headers: dict[str, str]) -> None:
    assert verdict(mail(SELF_MADE, **{"from": BESSIE}, **headers)) is Verdict.OWN_COPY


def test_no_reason_tells_a_name_an_address_or_what_was_written() -> None:
    for raw, _ in NO_LEADS.values():
        reason = read(raw).reason.lower()

        assert "@" not in reason
        assert not any(word in reason for word in ("jane", "acme", "price", "angebot", "invoice"))
