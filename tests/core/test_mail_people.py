"""Mails that people write: who asks, what is new in it, and what only the signature says."""

from dataclasses import replace

import pytest

from syncd.core.mail import MailRules, Verdict, mail_submission
from syncd.core.read import read as read_submission
from syncd.testing.clock import START
from tests.core.mails import BESSIE, OURS, SAMPLES, mail, multipart, read, told, verdict
from tests.world import playbook

ASKED = "Good morning,\n\ndo you have twelve of these in stock?\nWe would need them by May."
TO_BESSIE = "To: Bessie Berry <bessie@ours.example>"
FORWARDS = {
    "gmail en": "Please have a look.\n\n---------- Forwarded message ---------\nFrom: Jane Roe <jane@acme.example>\n"
    f"Date: Mon, Nov 2, 2026 at 9:15 AM\nSubject: Twelve pieces\n{TO_BESSIE}\nCc: <tom@ours.example>\n\n\n{ASKED}",
    "gmail de": "---------- Weitergeleitete Nachricht ---------\nVon: Jane Roe <jane@acme.example>\n"
    f"Date: Mo., 2. Nov. 2026 um 09:15 Uhr\nSubject: Twelve pieces\nTo: <bessie@ours.example>\n\n{ASKED}",
    "gmail fr": "---------- Forwarded message ---------\nDe : Jane Roe <jane@acme.example>\n"
    f"Date: lun. 2 nov. 2026 à 09:15\nSubject: Twelve pieces\nTo: <bessie@ours.example>\n\n{ASKED}",
    "apple en": "Begin forwarded message:\n\n> From: Jane Roe <jane@acme.example>\n> Subject: Twelve pieces\n"
    f"> Date: 2 November 2026 at 09:15:00 CET\n> {TO_BESSIE}\n> \n> {ASKED.replace(chr(10), chr(10) + '> ')}",
    "apple de": "Anfang der weitergeleiteten Nachricht:\n\nVon: Jane Roe <jane@acme.example>\nBetreff: Twelve pieces\n"
    f"Datum: 2. November 2026 um 09:15:00 MEZ\nAn: bessie@ours.example\n\n{ASKED}",
    "apple es": "Inicio del mensaje reenviado:\n\nDe: Jane Roe <jane@acme.example>\nAsunto: Twelve pieces\n"
    f"Fecha: 2 de noviembre de 2026\nPara: bessie@ours.example\n\n{ASKED}",
    "outlook en": "FYI\n\n________________________________\nFrom: Jane Roe <jane@acme.example>\n"
    f"Sent: Monday, November 2, 2026 9:15 AM\n{TO_BESSIE}\nSubject: Twelve pieces\n\n{ASKED}",
    "outlook de": "*Von:* Jane Roe [mailto:jane@acme.example]\n*Gesendet:* Montag, 2. November 2026 09:15\n"
    f"*An:* Bessie Berry\n*Betreff:* Twelve pieces\n\n{ASKED}",
    "outlook fr": "-----Message d'origine-----\nDe : Jane Roe <jane@acme.example>\nEnvoyé : lundi 2 novembre 2026\n"
    f"À : Bessie Berry <bessie@ours.example>\nObjet : Twelve pieces\n\n{ASKED}",
    "thunderbird de": "-------- Weitergeleitete Nachricht --------\nBetreff: \tTwelve pieces\n"
    "Datum: \tMon, 2 Nov 2026 09:15:00 +0100\nVon: \tJane Roe <jane@acme.example>\nAn: \tbessie@ours.example\n\n\n\n"
    f"{ASKED}",
    "yahoo es": "   ----- Mensaje reenviado ----- De: Jane Roe <jane@acme.example>Para: <bessie@ours.example>"
    f"Enviado: lunes, 2 de noviembre de 2026, 9:15Asunto: Twelve pieces\n {ASKED}",
}  # fmt: skip


class TestForwards:
    @pytest.mark.parametrize("name", FORWARDS)
    def test_the_lead_is_who_wrote_it_and_not_the_colleague_who_passes_it_on(self, name: str) -> None:
        raw = mail(FORWARDS[name], **{"from": BESSIE}, subject="Fwd: Twelve pieces")

        answers = told(raw)

        assert verdict(raw) is Verdict.LEAD
        assert (answers["from_email"], answers["from_name"]) == ("jane@acme.example", "Jane Roe")
        assert (answers["subject"], answers["message"]) == ("Twelve pieces", ASKED)
        assert answers["forwarded_by"] == BESSIE

    @pytest.mark.parametrize("prefix", ["Fwd:", "FW:", "WG:", "TR:", "RV:", "Enc:", "VS:", "I:", "转发\uff1a"])
    def test_the_subject_says_it_in_many_languages(self, prefix: str) -> None:
        raw = mail(FORWARDS["outlook de"], **{"from": BESSIE}, subject=f"{prefix} Twelve pieces")

        assert told(raw)["from_email"] == "jane@acme.example"

    def test_the_note_of_the_colleague_is_kept(self) -> None:
        raw = mail(FORWARDS["gmail en"], **{"from": BESSIE}, subject="Fwd: Twelve pieces")

        assert told(raw)["forwarder_note"] == "Please have a look."

    def test_a_mail_that_is_attached(self) -> None:
        inner = mail(ASKED, subject="Twelve pieces").decode()
        parts = ("Content-Type: text/plain\n\nPlease answer", f"Content-Type: message/rfc822\n\n{inner}")
        raw = multipart("mixed", parts, **{"from": BESSIE}, subject="Fwd: Twelve pieces")

        answers = told(raw)

        assert (answers["from_email"], answers["message"], answers["forwarder_note"]) == (
            "jane@acme.example", ASKED, "Please answer",
        )  # fmt: skip

    def test_html_alone(self) -> None:
        body = (
            "<div>FYI<br><div class='gmail_quote'>---------- Forwarded message ---------<br>From: <b>Jane Roe</b> "
            "&lt;<a href='mailto:jane@acme.example'>jane@acme.example</a>&gt;<br>Date: Mon<br>Subject: Twelve<br>"
            "To: x<br><br><p>Do you have twelve?</p></div></div>"
        )
        raw = mail(body, html=True, **{"from": BESSIE}, subject="Fwd: Twelve")

        assert (told(raw)["from_email"], told(raw)["message"]) == ("jane@acme.example", "Do you have twelve?")

    def test_a_forward_of_a_forward(self) -> None:
        inner = FORWARDS["gmail de"]
        outer = (
            "---------- Forwarded message ---------\nFrom: Tom <tom@ours.example>\nDate: x\nSubject: Fwd: Twelve\n\n"
        )

        assert (
            told(mail(outer + inner, **{"from": BESSIE}, subject="Fwd: Fwd: Twelve"))["from_email"]
            == "jane@acme.example"
        )

    def test_a_notification_that_is_passed_on_is_read_by_its_template(self) -> None:
        body = (SAMPLES / "contact_form_7.eml").read_text("utf-8").partition("\n\n")[2]
        head = "---------- Forwarded message ---------\nFrom: Web <wordpress@ours.example>\nDate: x\nSubject: Ours\n\n"

        reading = read(mail(head + body, **{"from": BESSIE}, subject="Fwd: Ours"))

        assert (reading.verdict, reading.template) == (Verdict.LEAD, "contact_form_7")

    def test_what_claims_to_be_a_platforms_is_believed_from_a_proven_colleague_alone(self) -> None:
        head = "---------- Forwarded message ---------\nFrom: <no-reply-forms@webflow.com>\nDate: x\nSubject: Form\n\n"
        raw = mail(f"{head}Name: Jane Roe\nEmail: jane@acme.example", **{"from": BESSIE}, subject="Fwd: Form")
        proof = b"Authentication-Results: mx.ours.example; dkim=pass header.d=ours.example\n"

        assert (verdict(raw), verdict(proof + raw)) == (Verdict.REVIEW, Verdict.LEAD)

    def test_a_colleagues_answer_that_quotes_a_customer_is_no_forward(self) -> None:
        raw = mail(f"We have.\n\n{FORWARDS['outlook de']}", **{"from": BESSIE}, subject="AW: Twelve pieces")

        assert verdict(raw) is Verdict.OWN_COPY

    def test_a_strangers_forward_is_the_strangers_mail(self) -> None:
        raw = mail(FORWARDS["gmail en"], **{"from": "Ann <ann@other.example>"}, subject="Fwd: Twelve")

        assert told(raw)["from_email"] == "ann@other.example"

    def test_a_bounce_that_a_colleague_passes_on_is_no_lead(self) -> None:
        inner = mail("lost", **{"from": "MAILER-DAEMON@mx.example"}).decode()
        raw = multipart("mixed", (f"Content-Type: message/rfc822\n\n{inner}",), **{"from": BESSIE}, subject="Fwd: lost")

        assert verdict(raw) is Verdict.OWN_COPY

    def test_without_own_domains_a_clear_forward_is_still_one(self) -> None:
        raw = mail(FORWARDS["gmail en"], **{"from": BESSIE}, subject="Fwd: Twelve")

        assert read(raw, MailRules()).answers[0].text == "jane@acme.example"

    def test_one_that_does_not_say_whose_mail_it_is_goes_to_a_person(self) -> None:
        raw = mail(
            "Begin forwarded message:\n\nFrom: \nDate: x\nSubject: y\n\nhello", **{"from": BESSIE}, subject="Fwd: y"
        )

        assert verdict(raw) is Verdict.REVIEW


class TestWhoIsToBeAnswered:
    @pytest.mark.parametrize("sender", ["Web <wordpress@ours.example>", "Forms <no-reply@builder.example>"])
    def test_reply_to_comes_first_where_from_is_ours_or_a_machine(self, sender: str) -> None:
        answers = told(mail(**{"from": sender}, reply_to="Eva Muster <eva@muster.example>"))

        assert (answers["from_email"], answers["from_name"]) == ("eva@muster.example", "Eva Muster")

    def test_from_comes_first_where_it_is_a_person(self) -> None:
        answers = told(mail(reply_to="office@acme.example"))

        assert (answers["from_email"], answers["reply_to"]) == ("jane@acme.example", "office@acme.example")

    def test_a_recipient_and_a_colleague_in_reply_to_are_nobody(self) -> None:
        raw = mail(**{"from": BESSIE}, to="list@acme.example", reply_to="list@acme.example, tom@ours.example")

        assert verdict(raw) is Verdict.OWN_COPY

    def test_a_group_of_ours_hides_the_sender_and_its_name_is_found(self) -> None:
        sender = "'Jane Roe' via Sales <sales@ours.example>"

        answers = told(mail(**{"from": sender}, reply_to="jane@acme.example", list_id="<sales.ours.example>"))

        assert (answers["from_email"], answers["from_name"]) == ("jane@acme.example", "Jane Roe")

    def test_a_group_that_notes_the_sender_elsewhere(self) -> None:
        raw = mail(**{"from": "sales@ours.example"}, x_original_from="Jane Roe <jane@acme.example>")

        assert told(raw)["from_email"] == "jane@acme.example"


QUOTES = {
    "gmail": "On Mon, Nov 2, 2026 at 9:15 AM Ours <info@ours.example> wrote:\n\n> Here is our offer\n> for you",
    "gmail over two lines": "On Mon, Nov 2, 2026 at 9:15 AM Ours Limited and Co <\ninfo@ours.example> wrote:\n> Here",
    "apple de": "Am 02.11.2026 um 09:15 schrieb Ours <info@ours.example>:\n\n> Here is our offer",
    "gmail fr": "Le lun. 2 nov. 2026 à 09:15, Ours <info@ours.example> a écrit :\n\n> Here is our offer",
    "gmail es": "El lun, 2 nov 2026 a las 9:15, Ours (<info@ours.example>) escribió:\n\n> Here is our offer",
    "in a language nobody listed": "2026-11-02, Ours <info@ours.example> kirjoitti:\n> Here is our offer",
    "outlook": "From: Ours <info@ours.example>\nSent: Monday, November 2, 2026\nTo: Jane\nSubject: Offer\n\nHere",
    "outlook de": "-----Ursprüngliche Nachricht-----\nVon: Ours\nGesendet: Montag\nAn: Jane\nBetreff: Offer\n\nHere",
    "a line and outlook fr": "______________________\nDe : Ours\nEnvoyé : lundi\nÀ : Jane\nObjet : Offre\n\nHere",
    "only quoted lines": "> Here is our offer",
}  # fmt: skip


class TestWhatIsNew:
    @pytest.mark.parametrize("name", QUOTES)
    def test_what_is_quoted_is_not_said_again(self, name: str) -> None:
        answers = told(mail(f"We take it.\n\n{QUOTES[name]}", subject="Re: Offer"))

        assert answers["message"] == "We take it."

    def test_an_answer_below_the_quoted_mail_is_found(self) -> None:
        assert told(mail(f"{QUOTES['gmail']}\n\nWe take it.", subject="Re: Offer"))["message"] == "We take it."

    def test_answers_between_the_lines_are_kept(self) -> None:
        body = "On 2 Nov 2026, Ours wrote:\n> Blue or red?\nBlue.\n> How many?\nTwelve."

        assert told(mail(body, subject="Re: Offer"))["message"] == "Blue.\nTwelve."

    def test_a_mail_that_only_quotes_is_kept_whole(self) -> None:
        assert "Here is our offer" in told(mail(QUOTES["gmail"], subject="Re: Offer"))["message"]

    def test_quoted_html_is_known_by_its_indentation(self) -> None:
        quoted = "<div>On 2 Nov 2026, Ours &lt;info@ours.example&gt; wrote:<br></div><blockquote>Here</blockquote>"

        assert told(mail(f"<p>We take it.</p>{quoted}", html=True, subject="Re: Offer"))["message"] == "We take it."

    @pytest.mark.parametrize(
        "banner",
        [
            "CAUTION: This email originated from outside of the organization. Do not click links.",
            "[EXTERNAL]\nThis mail came from outside.",
            "ACHTUNG: Diese E-Mail stammt von außerhalb der Firma.",
            "You don't often get email from jane@acme.example. Learn why this is important",
        ],
    )
    def test_the_warning_of_a_gateway_is_not_what_they_said(self, banner: str) -> None:
        assert told(mail(f"{banner}\n\n{ASKED}"))["message"] == ASKED

    def test_dates_and_colons_in_what_people_write_are_theirs(self) -> None:
        body = (
            "On 3 May we are open:\nMonday 10:00\nFrom: Berlin\nTo: Hamburg by train.\n\nHe wrote a letter: come soon."
        )

        assert told(mail(body))["message"] == body


SIGNATURE = "Jane Roe\nHead of Sales\nAcme Widgets GmbH\nTel.: 030 / 123 45 67\nFax: 030 / 123 45 68\nwww.acme.example"
CLOSINGS = (
    "-- ",
    "Kind regards",
    "Mit freundlichen Grüßen,",
    "Viele Grüße",
    "Cordialement,",
    "Saludos cordiales",
    "Cheers!",
)


class TestTheSignature:
    @pytest.mark.parametrize("closing", CLOSINGS)
    def test_a_phone_and_a_company_are_found_below_it(self, closing: str) -> None:
        answers = told(mail(f"{ASKED}\n\n{closing}\n{SIGNATURE}"))

        assert answers["message"] == ASKED
        assert answers["signature_phone"] == "+49301234567"
        assert answers["signature_company"] == "Acme Widgets GmbH"
        assert answers["signature"] == SIGNATURE

    def test_one_without_a_closing_is_known_by_its_contact_details(self) -> None:
        answers = told(mail(f"{ASKED}\n\n{SIGNATURE}"))

        assert (answers["message"], answers["signature_phone"]) == (ASKED, "+49301234567")

    def test_it_fills_fields_only_where_nothing_better_is_known(self) -> None:
        raw = mail(f"{ASKED}\n\n-- \n{SIGNATURE}")

        draft = read_submission(mail_submission(read(raw), "mail", raw, START), playbook())

        assert dict(draft.fields) == {
            "email": "jane@acme.example", "first_name": "Jane", "last_name": "Roe", "phone": "+49301234567",
            "company": "Acme Widgets GmbH", "subject": "A question", "message": ASKED,
        }  # fmt: skip

    def test_a_number_with_a_prefix_needs_no_country(self) -> None:
        assert told(mail("Hi\n\n-- \nTel. +44 20 7946 0958"))["signature_phone"] == "+442079460958"

    def test_without_a_country_a_number_is_told_as_it_stands_where_it_is_called_one(self) -> None:
        nowhere = replace(OURS, country="")
        raw = mail("Hi\n\n-- \nAcme, HRB 123456789\nFax 030 7654321\nTel. 030 123 45 67")

        answers = told(raw, nowhere)
        draft = read_submission(mail_submission(read(raw, nowhere), "mail", raw, START), playbook())

        assert answers["signature_phone"] == "030 123 45 67"
        assert draft.fields["phone"] == "+49301234567"

    def test_numbers_in_the_text_are_left_alone(self) -> None:
        assert "signature_phone" not in told(mail("Our order 030 1234567 is late, where is it?"))

    @pytest.mark.parametrize(
        "line", ["Sent from my iPhone", "Von meinem iPhone gesendet", "Get Outlook for iOS", "Envoyé de mon iPhone"]
    )
    def test_what_a_phone_adds_is_left_out(self, line: str) -> None:
        assert told(mail(f"{ASKED}\n\n{line}"))["message"] == ASKED

    def test_a_disclaimer_is_left_out(self) -> None:
        body = f"{ASKED}\n\nDisclaimer\n\nThe information contained in this communication is confidential."

        assert told(mail(body))["message"] == ASKED

    def test_thanks_in_the_first_line_are_no_signature(self) -> None:
        assert told(mail("Thank you\n\nwe would like to order again."))["message"].endswith("order again.")


def test_attachments_are_named_and_never_read_as_text() -> None:
    parts = (
        f"Content-Type: text/plain\n\n{ASKED}",
        "Content-Type: text/plain; name=plan.txt\nContent-Disposition: attachment; filename=plan.txt\n\nsecret plan",
        "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=UTF-8''Pl%C3%A4ne.pdf\n\nJVBERi0=",
    )

    answers = told(multipart("mixed", parts))

    assert (answers["message"], answers["files"]) == (ASKED, "plan.txt; Pläne.pdf")
