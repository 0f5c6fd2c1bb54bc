"""What plugins of WordPress really write, by their sources: PHP's lists, addresses full of fields, broken JSON."""

import base64
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson
import pytest

from connectors.sources.posted import formidable, gravity_forms, wordpress, wordpress_more, wpforms
from connectors.sources.posted.cf7_body import MOST_NAMES
from syncd.connector import Answer, AnswerKind, Plugin, Rejected, Submission, Unauthenticated, WebRequest
from syncd.core.mapping import map_answers
from syncd.testing import NOON, lent_tools
from tests.connectors.posted.case import LOCKED, TOKEN

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
GETTING = {
    "cf7": wordpress.cf7,
    "gravity_forms": gravity_forms.plugin,
    "fluent_forms": wordpress_more.fluent_forms,
    "ninja_forms": wordpress_more.ninja_forms,
    "wpforms": wpforms.plugin,
}


def built(plugin: Plugin[Any], **options: Any) -> Any:
    return plugin.make(plugin.options.model_validate({**LOCKED, **options}), lent_tools("forms"))


def posted(plugin: Plugin[Any], body: bytes, kind: str = JSON, **options: Any) -> Submission:
    """What comes of it, which is what comes of its bytes when they are read again."""
    source = built(plugin, **options)
    (found,) = source.receive(WebRequest("POST", {"content-type": kind}, {}, body, NOON)).submissions
    (again,) = source.translate(
        WebRequest("POST", {"content-type": found.content_type}, {}, found.raw, NOON)
    ).submissions
    assert (again.key, again.answers) == (found.key, found.answers)
    return found  # type: ignore[no-any-return]


def got(plugin: Plugin[Any], query: str) -> Submission:
    fields = dict(parse_qsl(query, keep_blank_values=True))
    request = WebRequest("GET", {"content-type": JSON}, {"token": TOKEN, **fields}, b"", NOON)
    (found,) = built(plugin).receive(request).submissions
    return found  # type: ignore[no-any-return]


def php_query(value: Any) -> str:
    """As http_build_query() does it: every value of a list has its number."""
    return urlencode(list(_pairs(value, "")), quote_via=quote)


def _pairs(value: Any, name: str) -> Iterator[tuple[str, str]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield name, value
        return
    for key, one in inner:
        yield from _pairs(one, f"{name}[{key}]" if name else str(key))


def told(submission: Submission) -> Mapping[str, Answer]:
    return {answer.id: answer for answer in submission.answers}


def values(submission: Submission) -> Mapping[str, Any]:
    return {answer.id: answer.value for answer in submission.answers}


# every one of them


def test_lists_that_php_numbers_are_lists() -> None:
    body = php_query({"names": {"first_name": "Ines"}, "needs": ["Import", "Reports"], "one": ["Import"]}).encode()

    found = values(posted(wordpress_more.fluent_forms, body, FORM))

    assert found == {"names.first_name": "Ines", "needs": ("Import", "Reports"), "one": "Import"}


@pytest.mark.parametrize("name", GETTING)
def test_fields_of_a_get_are_those_of_a_post(name: str) -> None:
    query = php_query(
        {"email": "ines@brandao.example", "needs": ["Import", "Reports"], "message": "São 40 lugares & mais"}
    )

    asked, sent = got(GETTING[name], query), posted(GETTING[name], query.encode(), FORM)

    assert (asked.key, asked.answers) == (sent.key, sent.answers)
    assert TOKEN.encode() not in asked.raw
    (again,) = (
        built(GETTING[name])
        .translate(WebRequest("POST", {"content-type": asked.content_type}, {}, asked.raw, NOON))
        .submissions
    )
    assert again.answers == asked.answers


@pytest.mark.parametrize("name", GETTING)
@pytest.mark.parametrize("query", [{}, {"token": TOKEN}])
def test_whoever_only_looks_at_the_address_leaves_nothing(name: str, query: dict[str, str]) -> None:
    with pytest.raises(Rejected, match="no fields"):
        built(GETTING[name]).receive(WebRequest("GET", {}, query, b"", NOON))


@pytest.mark.parametrize("name", GETTING)
def test_a_signature_of_nothing_does_not_vouch_for_an_address(name: str) -> None:
    source = built(GETTING[name], secret="whsec_" + "A" * 32, scheme="standard")

    with pytest.raises(Rejected):
        source.receive(WebRequest("GET", {}, {"email": "a@b.example"}, b"", NOON))


# Contact Form 7


def test_names_of_contact_form_7_mean_what_they_say() -> None:
    given = {
        "your-name": "Ines Brandão",
        "your-email": "ines@brandao.example",
        "your-message": "40 seats",
        "_date": "x",
    }

    found = posted(wordpress.cf7, orjson.dumps(given), "application/vnd.api+json")

    assert map_answers(found.answers, {}).fields == {
        "full_name": "Ines Brandão",
        "email": "ines@brandao.example",
        "message": "40 seats",
    }


TEMPLATE = '{"your-name": "[name]", "age": 40, "needs": ["Import","Reports"], "your-message": "[message]"}'


@pytest.mark.parametrize(
    "message", ['a 5" pipe', "two\nlines", 'he said: "yes", twice', "a, b: c", 'ends with "', "\\o/"]
)
def test_what_visitors_write_may_break_the_json_of_an_own_body(message: str) -> None:
    body = TEMPLATE.replace("[name]", 'Ines "Nini" Brandão').replace("[message]", message)

    found = values(posted(wordpress.cf7, body.encode(), "text/plain; charset=UTF-8"))

    assert found == {
        "your-name": 'Ines "Nini" Brandão',
        "age": "40",
        "needs": ("Import", "Reports"),
        "your-message": message,
    }


def test_broken_json_in_the_charset_of_an_old_blog_is_read() -> None:
    body = '{"your-name": "Inês "Nini" Brandão"}'.encode("latin-1")

    found = values(posted(wordpress.cf7, body, "text/plain; charset=ISO-8859-1"))

    assert found == {"your-name": 'Inês "Nini" Brandão'}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_contact_form_7_may_send_its_json_by_any_method(method: str) -> None:
    request = WebRequest(method, {"content-type": JSON}, {"token": TOKEN}, b'{"your-name": "Ines"}', NOON)

    (found,) = built(wordpress.cf7).receive(request).submissions

    assert values(found) == {"your-name": "Ines"}


def test_objects_within_an_own_body_are_found_as_well() -> None:
    body = b'{ "contact": {"name": "Ines", "mail": "ines@brandao.example"},\n "text": "5" pipe" }'

    found = values(posted(wordpress.cf7, body, "text/plain"))

    assert found == {"name": "Ines", "mail": "ines@brandao.example", "text": '5" pipe'}


@pytest.mark.parametrize("body", [b"Name: Ines", b"", b"{", b"<lead/>", b'{"a":"b", ' * (MOST_NAMES + 1)])
def test_an_own_body_that_nobody_can_read_is_kept_for_a_person(body: bytes) -> None:
    (found,) = (
        built(wordpress.cf7).receive(WebRequest("POST", {"content-type": "text/plain"}, {}, body, NOON)).submissions
    )

    assert found.problem
    assert found.raw == body


@pytest.mark.parametrize(
    "body", [b'{"a":"' * 150_000, b'{"a"' * 200_000, b'{"a":' + b" " * 900_000, b'{"a":"' + b'", ' * 200_000]
)
def test_broken_json_is_given_up_at_once(body: bytes) -> None:
    source = built(wordpress.cf7)

    assert source.receive(WebRequest("POST", {"content-type": "text/plain"}, {}, body, NOON)).submissions


def test_json_in_the_charset_of_an_old_blog_is_read() -> None:
    body = '{"your-name": "Inês Brandão"}'

    assert values(posted(wordpress.cf7, body.encode("latin-1"), "application/json; charset=ISO-8859-1"))[
        "your-name"
    ] == ("Inês Brandão")
    assert values(posted(wordpress.cf7, body.encode(), "application/json; charset=ISO-8859-1"))["your-name"] == (
        "Inês Brandão"
    )


def test_of_files_the_names_are_kept_and_not_their_bytes() -> None:
    content = base64.b64encode(b"x" * 3_000_000).decode()
    one, other = ({"filename": name, "content": content} for name in ("brief.pdf", "plan.pdf"))
    given = {"your-name": "Ines", "content": "Hello", "link": "https://a.example/x.pdf"}
    body = orjson.dumps({**given, "one": one, "both": [one, other]}).replace(b"/", b"\\/")

    found = posted(wordpress.cf7, body)

    assert values(found) == {**given, "one": "brief.pdf", "both": ("brief.pdf", "plan.pdf")}
    assert len(found.raw) < 500
    assert built(wordpress.cf7).largest_body > len(body)


# Elementor


def test_raw_values_of_elementor_may_be_lists() -> None:
    needs = {"id": "needs", "type": "checkbox", "title": "Needs", "value": "A, B", "raw_value": ["A", "B"]}
    body = php_query({"form": {"id": "c1", "name": "Offer"}, "fields": {"needs": needs}}).encode()

    answer = told(posted(wordpress.elementor, body, FORM))["needs"]

    assert (answer.value, answer.kind, answer.label) == (("A", "B"), AnswerKind.CHOICE, "Needs")


def test_a_file_of_elementor_is_its_link_and_not_where_the_site_keeps_it() -> None:
    link, place = "https://acme.example/wp-content/brief.pdf", "/var/www/html/wp-content/brief.pdf"
    field = {"id": "brief", "type": "upload", "title": "Brief", "value": link, "raw_value": place}

    answer = told(posted(wordpress.elementor, php_query({"fields": {"brief": field}}).encode(), FORM))["brief"]

    assert (answer.value, answer.kind) == (link, AnswerKind.FILE)


def test_the_order_of_elementors_keys_says_nothing() -> None:
    field = {"id": "name", "type": "text", "title": "Seu nome", "value": "Ines", "raw_value": "Ines"}
    query = php_query({"fields": {"name": field}, "form": {"id": "c1", "name": "Offer"}})
    backwards = "&".join(reversed(query.split("&")))

    one, other = (posted(wordpress.elementor, each.encode(), FORM) for each in (query, backwards))

    assert (one.key, one.answers, one.context) == (other.key, other.answers, other.context)


def test_a_form_of_elementor_without_fields_has_no_answers() -> None:
    body = php_query(
        {"form": {"id": "c1", "name": "Offer"}, "meta": {"date": {"title": "Date", "value": "x"}}}
    ).encode()

    (found,) = (
        built(wordpress.elementor).receive(WebRequest("POST", {"content-type": FORM}, {}, body, NOON)).submissions
    )

    assert found.problem


def test_labels_of_elementor_may_hold_brackets_or_be_none() -> None:
    body = php_query({"Seats [at most 40]": "12", "No Label email": "ines@brandao.example", "form_name": "Offer"})

    found = posted(wordpress.elementor, body.encode(), FORM)

    assert values(found) == {"Seats [at most 40]": "12", "No Label email": "ines@brandao.example"}
    assert told(found)["No Label email"].ref == "email"


@pytest.mark.parametrize(
    "words",
    [
        ("Date", "Time", "Page URL", "User Agent", "Remote IP", "Powered by"),
        ("Datum", "Uhrzeit", "Seiten-URL", "Benutzeragent", "Remote-IP", "Bereitgestellt von"),
        ("Data", "Horário", "URL da página", "Agente de usuário", "IP remoto", "Desenvolvido por"),
        ("Fecha", "Hora", "URL de la página", "Agente de usuario", "IP remota", "Funciona con"),
        ("Date", "Heure", "URL de la page", "Agent utilisateur", "IP distante", "Propulsé par"),
    ],
)
def test_what_elementor_adds_in_the_sites_language_is_no_message_and_no_website(words: tuple[str, ...]) -> None:
    added = (
        "março 2, 2026",
        "1:53 pm",
        "https://acme.example/offer?utm_source=x",
        "Mozilla/5.0 (X11)",
        "203.0.113.7",
        "Elementor",
    )
    body = php_query({"Nome": "Ines Brandão", "E-mail": "ines@brandao.example", **dict(zip(words, added, strict=True))})

    found = posted(wordpress.elementor, body.encode(), FORM)

    mapped = map_answers(found.answers, {}).fields
    assert mapped.get("page_url", found.context.page_url) == added[2]
    assert mapped.keys() - {"page_url"} <= {"email", "full_name"}
    assert found.submitted_at is None


def test_a_field_that_is_called_date_is_an_answer_unless_the_plugin_writes_its_own() -> None:
    wish = {"Name": "Ines", "Date": "2026-12-24"}

    alone = posted(wordpress.elementor, php_query(wish).encode(), FORM)
    added = posted(wordpress.elementor, php_query({**wish, "Remote IP": "203.0.113.7"}).encode(), FORM)

    assert values(alone) == wish
    assert values(added) == {"Name": "Ines"}


# WPForms


def test_a_day_that_somebody_chose_in_wpforms_is_not_when_they_chose_it() -> None:
    found = posted(wpforms.plugin, b'{"entry_id":"77","name":"Ines","date":"2026-12-24"}')

    assert values(found) == {"name": "Ines", "date": "2026-12-24"}
    assert found.submitted_at is None


def test_a_static_header_locks_wpforms_too() -> None:
    body, kind = b'{"entry_id":"77","name":"Ines"}', {"content-type": JSON}
    source = built(wpforms.plugin, header_secret={"name": "X-Key", "value": "a-key-of-many-letters"})

    assert source.receive(WebRequest("POST", {**kind, "x-key": "a-key-of-many-letters"}, {}, body, NOON)).submissions
    with pytest.raises(Unauthenticated):
        source.receive(WebRequest("POST", kind, {}, body, NOON))


def test_fields_of_wpforms_say_what_they_are() -> None:
    fields = {
        "0": {"name": "Name", "value": "Ines Brandão", "id": 0, "type": "name", "first": "Ines", "last": "Brandão"},
        "1": {"name": "E-mail", "value": "ines@brandao.example", "id": 1, "type": "email"},
        "2": {"name": "News", "value": "", "id": 2, "type": "gdpr-checkbox"},
    }

    as_json, as_form = orjson.dumps({"fields": fields}), php_query({"fields": fields}).encode()

    for found in (posted(wpforms.plugin, as_json), posted(wpforms.plugin, as_form, FORM)):
        given = [(answer.id, answer.value, answer.kind, answer.label) for answer in found.answers]
        assert given == [
            ("0", "Ines Brandão", AnswerKind.TEXT, "Name"),
            ("1", "ines@brandao.example", AnswerKind.EMAIL, "E-mail"),
            ("2", "no", AnswerKind.CONSENT, "News"),
        ]


# Gravity Forms

ROWS = [{"Name": "Éva", "Seats": "40"}, {"Name": "Bob; a:1", "Seats": ""}]


def php(value: Any) -> str:
    """As serialize() does it."""
    if isinstance(value, str):
        return f's:{len(value.encode())}:"{value}";'
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    inner = "".join((f"i:{key};" if isinstance(key, int) else php(key)) + php(one) for key, one in pairs)
    return f"a:{len(value)}:{{{inner}}}"


def gravity(**fields: Any) -> Mapping[str, Any]:
    entry = {"id": "1", "form_id": "47", **{name.replace("_", "."): value for name, value in fields.items()}}
    return values(posted(gravity_forms.plugin, orjson.dumps(entry)))


@pytest.mark.parametrize("written", [php, lambda rows: orjson.dumps(rows).decode()], ids=["php", "json"])
def test_lists_of_gravity_forms_come_in_two_ways(written: Any) -> None:
    assert gravity(**{"8": written(["Import", "Reports"])}) == {"8": ("Import", "Reports")}
    assert gravity(**{"8": written(ROWS)}) == {"8.0.Name": "Éva", "8.0.Seats": "40", "8.1.Name": "Bob; a:1"}


@pytest.mark.parametrize(
    "text", ['a:1:{i:0;s:99:"x";}', 'a:2:{i:0;s:1:"x";}', "a:1:{", "a: b", 'a:1:{i:0;O:1:"x":0:{}}']
)
def test_a_text_that_only_looks_like_phps_stays_a_text(text: str) -> None:
    assert gravity(**{"8": text}) == {"8": text}


def test_several_choices_of_gravity_forms_come_as_a_list_or_joined() -> None:
    assert gravity(**{"6": '["Import","Reports"]'}) == {"6": ("Import", "Reports")}
    assert gravity(**{"6": "Import,Reports"}) == {"6": "Import,Reports"}


def test_files_of_gravity_forms_are_links_one_or_many() -> None:
    one, other = "https://acme.example/a.pdf", "https://acme.example/b.pdf"

    assert gravity(**{"9": one, "10": orjson.dumps([one, other]).decode()}) == {"9": one, "10": (one, other)}


def test_ticked_boxes_of_gravity_forms_are_parts_and_the_others_are_left_out() -> None:
    assert gravity(**{"4_1": "Import", "4_2": "", "4_3": "Reports"}) == {"4.1": "Import", "4.3": "Reports"}


def test_consent_in_gravity_forms_is_one_box_with_the_text_that_was_agreed_to() -> None:
    text = "Yes, send me the monthly newsletter with offers and news"
    entry = {"id": "1", "3": "ines@brandao.example", "6.1": "1", "6.2": text, "6.3": "4", "_labels": {"3": "E-mail"}}

    found = posted(gravity_forms.plugin, orjson.dumps(entry))

    box = told(found)["6.1"]
    assert values(found) == {"3": "ines@brandao.example", "6.1": "yes"}
    assert (box.kind, box.label) == (AnswerKind.CONSENT, text)
    mapped = map_answers(found.answers, {}).fields
    assert (mapped["consent"], "message" in mapped) == ("yes", False)


def test_parts_that_are_no_consent_stay_what_they_are() -> None:
    address = {"2_1": "1", "2_2": "Alister Street", "2_3": "Ali"}
    boxes = {"4_1": "1", "4_2": "2", "4_3": "3"}

    assert gravity(**address, **boxes) == {
        "2.1": "1",
        "2.2": "Alister Street",
        "2.3": "Ali",
        "4.1": "1",
        "4.2": "2",
        "4.3": "3",
    }


def test_entries_of_two_sites_never_share_a_key_and_a_list_says_what_a_webhook_said() -> None:
    source = built(gravity_forms.plugin, base_url="https://www.acme.example/wp-json/gf/v2")

    def key(**entry: str) -> str:
        return str(source.submission({"3": "a@b.example", **entry}, NOON, b"").key)

    assert key(id="1", source_url="https://acme.example/offer") == "acme.example:1"
    assert key(id="1", source_url="https://other.example/offer") == "other.example:1"
    assert key(id="1") == key(id="1", source_url="https://www.acme.example/?utm_source=x")
    assert key(source_url="https://acme.example/").startswith("sha256:")
    assert key(id="1", source_url="http://[") == "acme.example:1"


def test_what_was_thrown_away_in_gravity_forms_is_let_go() -> None:
    request = WebRequest("POST", {"content-type": JSON}, {}, b'{"id":"1","status":"trash","3":"a@b.example"}', NOON)

    assert built(gravity_forms.plugin).receive(request).submissions == []


# Fluent Forms, Ninja Forms, Formidable Forms


def test_parts_of_fluent_forms_are_fields_of_their_own() -> None:
    address = {"address_line_1": "Rua 1", "city": "Porto", "state": "", "zip": "4000-001", "country": "PT"}
    about = {"id": "9", "serial_number": "12", "form_id": "3"}
    given = {"names": {"first_name": "Ines", "last_name": "Brandão"}, "address_1": address, "__submission": about}

    found = posted(wordpress_more.fluent_forms, orjson.dumps({**given, "_fluentform_3_nonce": "x"}))

    assert (found.key, found.context.form_id) == ("9", "3")
    assert map_answers(found.answers, {}).fields == {
        "first_name": "Ines",
        "last_name": "Brandão",
        "street": "Rua 1",
        "city": "Porto",
        "postal_code": "4000-001",
        "country": "PT",
    }


def test_times_of_fluent_forms_are_those_of_the_site() -> None:
    body = orjson.dumps({"email": "a@b.example", "__submission": {"id": "9", "created_at": "2026-07-02 10:15:00"}})

    found = posted(wordpress_more.fluent_forms, body, zone="Europe/Lisbon")

    assert found.submitted_at is not None
    assert found.submitted_at.isoformat() == "2026-07-02T09:15:00+00:00"


@pytest.mark.parametrize("kind", [FORM, JSON, f"{FORM}; charset=UTF-8"])
def test_json_of_ninja_forms_may_be_the_whole_body_whatever_its_type_says(kind: str) -> None:
    body = orjson.dumps({"name": "Ines", "message": "a=b & c=d", "sub_id": "31"})

    found = posted(wordpress_more.ninja_forms, body, kind)

    assert (found.key, values(found)) == ("31", {"name": "Ines", "message": "a=b & c=d"})


def test_json_of_ninja_forms_may_stand_in_the_address() -> None:
    found = got(wordpress_more.ninja_forms, urlencode({"data": '{"name":"Ines","sub_id":"31"}'}))

    assert (found.key, values(found)) == ("31", {"name": "Ines"})


def test_an_own_body_of_formidable_is_answers_without_what_is_about_the_entry() -> None:
    body = php_query({"id": "61", "form_id": "4", "created_at": "2026-03-02 10:15:00", "email": "a@b.example"})

    found = posted(formidable.plugin, body.encode(), FORM)

    assert (found.key, found.context.form_id, values(found)) == ("61", "4", {"email": "a@b.example"})


ENTRY = {
    "id": "4119",
    "item_key": "sxmwc",
    "name": "sxmwc",
    "description": '{"browser":"Mozilla/5.0 (X11)","referrer":"https://acme.example/offer?utm_source=x"}',
    "ip": "203.0.113.7",
    "form_id": "53",
    "post_id": "0",
    "user_id": "0",
    "parent_item_id": "0",
    "is_draft": "0",
    "updated_by": "0",
    "created_at": "2026-03-02 10:15:00",
    "updated_at": "2026-03-02 10:15:00",
}
ANSWERS = {"your_name": "Ines Brandão", "mail": "ines@brandao.example", "needs": "Import, Reports"}


@pytest.mark.parametrize("kind", [JSON, FORM])
def test_a_whole_entry_of_formidable_is_a_list_of_one_with_the_answers_beside_what_is_its_own(kind: str) -> None:
    entry = [{**ENTRY, **ANSWERS, "needs-value": ["1", "2"]}]
    body = orjson.dumps(entry) if kind == JSON else php_query(entry).encode()

    found = posted(formidable.plugin, body, kind)

    assert (found.key, found.context.form_id, values(found)) == ("4119", "53", ANSWERS)
    assert found.context.page_url == "https://acme.example/offer?utm_source=x"
    assert found.context.user_agent == "Mozilla/5.0 (X11)"
    assert found.submitted_at == datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
    listed = {**ENTRY, "meta": {**ANSWERS, "needs-value": ["1", "2"]}}
    again = built(formidable.plugin).submission(listed, NOON, b"")
    assert (again.key, again.answers, again.context) == (found.key, found.answers, found.context)


def test_the_template_that_formidable_offers_names_the_entry_in_its_own_way() -> None:
    about = {"item_id": "4119", "key": "sxmwc", "form_id": 53, "post_id": "0", "is_draft": "0", "updated_at": "x"}
    given = {**about, "created_at": "2026-03-02 12:15:00", **ANSWERS, "description": "Forty seats"}

    found = posted(formidable.plugin, orjson.dumps(given))

    assert (found.key, values(found)) == ("4119", {**ANSWERS, "description": "Forty seats"})
    assert found.submitted_at is None


@pytest.mark.parametrize("body", [b'{"id":"1","is_draft":"1","meta":{"a":"b"}}', b'{"test":true}'])
def test_drafts_and_tests_of_the_connection_are_let_go_by_formidable(body: bytes) -> None:
    assert (
        built(formidable.plugin).receive(WebRequest("POST", {"content-type": JSON}, {}, body, NOON)).submissions == []
    )
