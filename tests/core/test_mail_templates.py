"""Notifications of form products: one golden mail for each template that syncd brings, and who may be believed."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from syncd.core.mail import (
    CONTEXT_PARTS,
    PERSON,
    Layout,
    MailRules,
    Seen,
    Template,
    Verdict,
    known_templates,
    mail_submission,
    template_of,
)
from syncd.core.mapping import MAPPABLE
from syncd.core.read import read as read_submission
from syncd.testing.clock import START
from tests.core.mails import OURS, SAMPLES, mail, read, told, verdict
from tests.world import playbook

GOLDEN: dict[str, dict[str, str]] = {
    "contact_form_7": {
        "email": "anna.berg@berg-bau.example", "first_name": "Anna", "last_name": "Berg",
        "subject": "Scaffolding for a school",
        "message": "Good morning,\n\nwe need 400 m² of scaffolding in Köln.\nNote: the site opens at 10:30.\n-- \n"
        "Could you send an offer?\nBudget: 20,000",
    },
    "elementor": {
        "email": "bruno@casals.example", "first_name": "Bruno", "last_name": "Casals", "phone": "+34612345678",
        "message": "Buenos días\n\nQuisiera una demostración.", "how_heard": "A friend",
    },
    "wpforms": {
        "email": "chiara@monti.example", "first_name": "Chiara", "last_name": "Monti", "phone": "+390669821234",
        "message": "We would like a quote\nfor three machines.",
    },
    "wpforms_plain": {
        "email": "dora@falk.example", "first_name": "Dora", "last_name": "Falk",
        "message": "Please call me back\nin the afternoon: before 5.",
    },
    "gravity_forms": {
        "email": "emil@nord.example", "first_name": "Emil", "last_name": "Nord", "company": "Nord AB",
        "message": "Spare parts\nfor a pump, soon please",
    },
    "gravity_forms_plain": {
        "email": "fay@grant.example", "first_name": "Fay", "last_name": "Grant", "message": "A question about prices",
    },
    "fluent_forms": {
        "email": "gina@holm.example", "first_name": "Gina", "last_name": "Holm", "message": "Do you deliver to Norway?",
    },
    "ninja_forms": {
        "email": "hugo@ito.example", "first_name": "Hugo", "last_name": "Ito",
        "message": "Is there a discount for schools?",
    },
    "formidable": {
        "email": "ines@joy.example", "first_name": "Ines", "last_name": "Joy", "message": "Where can I see\na sample?",
    },
    "squarespace": {
        "email": "jana@kral.example", "first_name": "Jana", "last_name": "Kral",
        "message": "We are planning a shop\nwith two floors.",
    },
    "wix": {"email": "kai@lund.example", "first_name": "Kai", "last_name": "Lund", "message": "Can we visit you?"},
    "webflow": {
        "email": "lea@moser.example", "first_name": "Lea", "last_name": "Moser", "phone": "+49301234567",
        "message": "Please see https://moser.example/plan for our plan:\ntwo halls, one yard.",
    },
    "netlify": {
        "email": "max@noll.example", "first_name": "Max", "last_name": "Noll",
        "message": "We need a trainer\nfor two days.",
    },
    "formspree": {
        "email": "nora@oakes.example", "first_name": "Nora", "last_name": "Oakes", "message": "Do you ship to Ireland?",
    },
    "basin": {
        "email": "olaf@prinz.example", "first_name": "Olaf", "last_name": "Prinz",
        "message": "What does it cost per month?",
    },
    "typeform": {
        "email": "pia@quast.example", "first_name": "Pia", "last_name": "Quast", "company_size": "11-50",
        "message": "Does it work offline?",
    },
    "jotform": {
        "email": "rosa@stein.example", "first_name": "Rosa", "last_name": "Stein", "phone": "+49301234567",
        "message": "Tuesday would suit me best",
    },
}  # fmt: skip

FORM_NAMES = {
    "wpforms_plain": "Callback", "gravity_forms_plain": "Contact", "formidable": "Contact Us",
    "squarespace": "Project enquiry", "webflow": "Contact Form", "netlify": "contact", "typeform": "Demo request",
}  # fmt: skip

PLATFORMS = [template.name for template in known_templates() if template.platform]


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.eml").read_bytes()


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_mail_says_what_was_asked_and_nothing_else(name: str) -> None:
    raw = sample(name)

    reading = read(raw)
    draft = read_submission(mail_submission(reading, "mail", raw, START), playbook())

    assert (reading.verdict, reading.template, reading.context.form_id) == (Verdict.LEAD, name, name)
    assert dict(draft.fields) == GOLDEN[name]
    assert reading.context.form_name == FORM_NAMES.get(name, "")


def test_every_template_has_a_golden_mail() -> None:
    assert [template.name for template in known_templates()] == list(dict.fromkeys(t.name for t in known_templates()))
    assert {template.name for template in known_templates()} == set(GOLDEN)
    assert {path.stem for path in SAMPLES.glob("*.eml")} == set(GOLDEN)


def test_every_template_says_how_sure_it_is_and_uses_words_that_mean_something() -> None:
    for template in known_templates():
        assert template.product
        assert template.seen is not Seen.CONFIG
        assert template.sender or template.platform or template.subject or template.text or template.markup
        assert set(template.fields.values()) <= MAPPABLE | {PERSON}
        assert set(template.context.values()) <= set(CONTEXT_PARTS)


def test_where_the_visitor_was_is_kept() -> None:
    context = read(sample("elementor")).context

    assert context.page_url == "https://ours.example/contacto/?utm_source=google&utm_medium=cpc"
    assert context.user_agent == "Mozilla/5.0 (X11; Linux x86_64)"


class TestWhoIsBelieved:
    @pytest.mark.parametrize("name", PLATFORMS)
    @pytest.mark.parametrize(
        "change",
        [
            (b"Authentication-Results: mx.ours.example", b"Authentication-Results: mx.evil.example"),
            (b"dkim=pass", b"dkim=fail"),
            (b"Authentication-Results:", b"X-Nothing:"),
        ],
        ids=["another host says so", "it failed", "nobody says so"],
    )
    def test_a_forged_notification_goes_to_a_person(self, name: str, change: tuple[bytes, bytes]) -> None:
        forged = sample(name).replace(*change).replace(b"dmarc=pass", b"dmarc=fail")

        reading = read(forged)

        assert reading.verdict is Verdict.REVIEW
        assert reading.problem.startswith("mail for review: it says that it comes from ")
        assert {answer.text for answer in reading.answers} == {answer.text for answer in read(sample(name)).answers}

    @pytest.mark.parametrize("domain", ["netlify.com", "typeform.com", "wix.com", "webflow.com"])
    def test_somebody_who_works_there_is_a_person(self, domain: str) -> None:
        raw = mail("Hello,\nwhat does it cost?\nPhone: 030 1234567", **{"from": f"Jane Roe <jane@{domain}>"})

        assert (read(raw).template, told(raw)["from_email"]) == ("", f"jane@{domain}")

    def test_what_is_proven_for_another_domain_proves_nothing(self) -> None:
        forged = sample("typeform").replace(b"header.d=typeform.com", b"header.d=evil.example")

        assert verdict(forged.replace(b"header.from=typeform.com", b"header.from=nottypeform.com")) is Verdict.REVIEW

    def test_one_header_that_says_it_failed_outweighs_another(self) -> None:
        headers = b"Authentication-Results: mx.ours.example; dmarc=fail header.from=typeform.com\n"

        assert verdict(headers + sample("typeform")) is Verdict.REVIEW

    def test_a_comment_proves_nothing(self) -> None:
        forged = sample("netlify").replace(
            b"dkim=pass header.d=netlify.com", b"dkim=none (dkim=pass header.d=netlify.com)"
        )

        assert verdict(forged) is Verdict.REVIEW

    def test_exchange_online_names_no_host_and_is_trusted_by_a_word(self) -> None:
        raw = sample("typeform").replace(b"mx.ours.example; dkim", b"spf=pass (sender IP is 192.0.2.1); dkim", 1)
        rules = replace(OURS, trusted_hosts=frozenset({"exchange-online"}))

        assert verdict(raw, rules) is Verdict.LEAD
        assert verdict(raw) is Verdict.REVIEW

    def test_a_server_that_lets_nothing_forged_through_vouches_for_all(self) -> None:
        raw = sample("typeform").replace(b"Authentication-Results:", b"X-Nothing:")

        assert verdict(raw, replace(OURS, vouched=True)) is Verdict.LEAD


class TestPlugins:
    def test_an_older_plugin_that_writes_as_the_visitor_is_read_too(self) -> None:
        body = (
            "From: Eva Muster <eva@muster.example>\nSubject: Hi\n\nMessage Body:\nHello\n\n--\n"
            "This e-mail was sent from a contact form on Ours (https://ours.example)"
        )

        assert told(mail(body, **{"from": "Eva Muster <eva@muster.example>"}))["email"] == "eva@muster.example"

    def test_a_german_one(self) -> None:
        body = (
            "Von: Eva Muster <eva@muster.example>\nBetreff: Hallo\n\nNachrichtentext:\nGuten Tag\n\n-- \n"
            "Diese E-Mail wurde von einem Kontaktformular von Ours (https://ours.example) gesendet"
        )

        answers = told(mail(body, **{"from": "wordpress@ours.example"}))

        assert (answers["name"], answers["email"], answers["nachrichtentext"]) == (
            "Eva Muster",
            "eva@muster.example",
            "Guten Tag",
        )

    def test_reply_to_tells_the_address_where_no_question_does(self) -> None:
        body = "Subject: Hi\n\nMessage Body:\nHello there\n\n-- \nThis e-mail was sent from a contact form on Ours (x)"

        answers = told(mail(body, **{"from": "wordpress@ours.example"}, reply_to="Eva <eva@muster.example>"))

        assert answers["reply_to"] == "eva@muster.example"

    def test_colons_in_a_message_are_the_persons_and_what_is_known_below_it_is_a_question(self) -> None:
        body = "Name: Eva<br>Message: Two things:<br>Colour matching: blue<br>Email: eva@muster.example<br>---<br>"

        answers = told(mail(f"{body}Powered by: Elementor", html=True, **{"from": "x@ours.example"}))

        assert (answers["message"], answers["email"]) == ("Two things:\nColour matching: blue", "eva@muster.example")

    def test_an_answer_that_quotes_a_notification_is_the_answer_of_a_person(self) -> None:
        quoted = sample("contact_form_7").partition(b"\n\n")[2].decode()
        said = "Thank you, that suits us.\n\nOn Mon, 2 Nov 2026 at 09:15, Ours <info@ours.example> wrote:\n"
        raw = mail(said + quoted, subject="Re: x")

        assert read(raw).template == ""
        assert told(raw)["message"] == "Thank you, that suits us."

    def test_bulk_headers_do_not_hide_a_notification(self) -> None:
        raw = b"Precedence: bulk\nAuto-Submitted: auto-generated\nList-Unsubscribe: <x>\n" + sample("contact_form_7")

        assert verdict(raw) is Verdict.LEAD


CALLBACK = mail(
    "Callback wanted\n\nWer: Eva Muster\nWohin: 030 1234567\nWorum: Ein Angebot\nIP: 203.0.113.9\nEnde der Anfrage\n"
    "Werbung: ja",
    **{"from": "web@agency.example"}, subject="Rückruf [Startseite]",
)  # fmt: skip
WORDS: dict[str, Any] = {
    "name": "callback",
    "sender": "*@agency.example",
    "subject": ["Rückruf [{form}]"],
    "layout": ["lines"],
    "starts": "Callback wanted",
    "ends": "Ende der Anfrage",
    "fields": {"Wer": "full_name", "Wohin": "phone", "Worum": "message"},
    "ignore": "IP",
}


class TestTemplatesOfTheConfig:
    def test_they_read_what_none_of_ours_does(self) -> None:
        rules = replace(OURS, templates=(template_of(WORDS),))

        reading = read(CALLBACK, rules)

        assert (reading.verdict, reading.template, reading.context.form_name) == (
            Verdict.LEAD,
            "callback",
            "Startseite",
        )
        assert [(a.id, a.ref, a.text) for a in reading.answers] == [
            ("wer", "full_name", "Eva Muster"), ("wohin", "phone", "030 1234567"), ("worum", "message", "Ein Angebot"),
        ]  # fmt: skip

    def test_they_come_before_ours(self) -> None:
        rules = replace(OURS, templates=(Template("mine", text=("contact form was submitted",)),))

        assert read(sample("contact_form_7"), rules).template == "mine"

    @pytest.mark.parametrize(
        "change", [{"sender": "*@other.example"}, {"subject": "Rückruf"}, {"text": "Ende der *frage!"}]
    )
    def test_every_kind_of_sign_must_be_there(self, change: dict[str, str]) -> None:
        assert read(CALLBACK, replace(OURS, templates=(template_of(WORDS | change),))).template == ""

    def test_words_that_no_template_has_are_refused(self) -> None:
        with pytest.raises(ValueError, match="a template has no colour, size"):
            template_of({"name": "x", "size": "1", "colour": "red"})
        with pytest.raises(ValueError, match="columns"):
            template_of({"name": "x", "layout": "columns"})

    def test_layouts_have_the_names_that_the_words_use(self) -> None:
        assert template_of({"name": "x", "layout": ["table", "bold", "lines"]}).layout == tuple(Layout)


UNKNOWN = mail(
    "New lead!\n\nFull name: Eva Muster\nE-mail: eva@muster.example\nBudget range: 10k\n"
    "Your message: How soon can you start?\nIP address: 203.0.113.9",
    **{"from": "noreply@landing.example"}, subject="Lead 4711 from the landing page",
)  # fmt: skip


class TestNotificationsThatNoTemplateFits:
    @pytest.mark.parametrize(
        "headers", [b"", b"List-Unsubscribe: <x>\n", b"Precedence: bulk\n", b"Auto-Submitted: auto-generated\n"]
    )
    def test_a_person_looks_at_them_with_what_could_be_read(self, headers: bytes) -> None:
        reading = read(headers + UNKNOWN)

        assert reading.verdict is Verdict.REVIEW
        assert reading.problem == "mail for review: questions and answers that no template fits (see `syncd mail read`)"
        assert {a.id: a.text for a in reading.answers}["e_mail"] == "eva@muster.example"

    def test_the_suggested_template_reads_it_and_tells_nothing_of_the_person(self) -> None:
        suggestion = read(UNKNOWN).suggestion

        reading = read(UNKNOWN, replace(OURS, templates=tuple(map(template_of, yaml.safe_load(suggestion)))))

        assert (reading.verdict, reading.template) == (Verdict.LEAD, "landing_form")
        assert {a.ref: a.text for a in reading.answers if a.ref} == {
            "full_name": "Eva Muster", "email": "eva@muster.example", "message": "How soon can you start?",
        }  # fmt: skip
        assert not any(word in suggestion for word in ("Eva", "muster", "10k", "How soon", "4711"))

    @pytest.mark.parametrize("layout", list(Layout))
    def test_it_is_suggested_in_the_layout_that_it_has(self, layout: Layout) -> None:
        pairs = (("Name", "Eva Muster"), ("Email", "eva@muster.example"), ("Message", "How soon can you start?"))
        body = {
            Layout.TABLE: "<table>" + "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in pairs) + "</table>",
            Layout.BOLD: "".join(f"<p><b>{a}</b><br>{b}</p>" for a, b in pairs),
            Layout.LINES: "<br>".join(f"{a}: {b}" for a, b in pairs),
        }[layout]
        raw = mail(body, html=True, **{"from": "noreply@landing.example"})

        (words,) = yaml.safe_load(read(raw).suggestion)

        assert words["layout"] == [layout.value]
        assert verdict(raw, replace(OURS, templates=(template_of(words),))) is Verdict.LEAD

    def test_our_own_site_without_a_template_goes_to_a_person_too(self) -> None:
        assert verdict(UNKNOWN.replace(b"noreply@landing.example", b"web@ours.example")) is Verdict.REVIEW

    def test_somebody_who_writes_their_details_in_lines_is_a_person(self) -> None:
        body = "Hello, please call me.\n\nName: Jane Roe\nE-mail: jane@acme.example\nMessage: call me"

        assert verdict(mail(body)) is Verdict.LEAD

    def test_news_of_a_provider_are_no_lead(self) -> None:
        raw = mail("What is new this month", **{"from": "news@typeform.com"}, list_unsubscribe="<x>")

        assert verdict(raw) is Verdict.LIST

    def test_a_changed_notification_of_a_provider_goes_to_a_person(self) -> None:
        changed = sample("squarespace").replace(b"Subject: Form Submission - ", b"Subject: Neue Nachricht: ")

        assert verdict(changed) is Verdict.REVIEW


def test_rules_know_nobody_by_themselves() -> None:
    assert verdict(sample("contact_form_7"), MailRules()) is Verdict.LEAD
