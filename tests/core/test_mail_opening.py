"""Opening mails: charsets, line ends, heads and parts as they really come."""

import base64
from datetime import UTC, datetime

import pytest

from syncd.core.mail import read_mail
from syncd.core.mail.headers import Address, addresses, moment, words
from syncd.core.mail.message import open_message
from tests.core.mails import OURS, mail, multipart, read, told

SAID = "Grüße aus Köln: 5 € für Žižek?"


def coded(data: bytes, charset: str, coding: str = "8bit") -> bytes:
    head = (
        f"From: jane@acme.example\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {coding}\n\n"
    )
    return head.encode() + data


class TestCharsets:
    @pytest.mark.parametrize(
        ("declared", "codec", "text"),
        [
            ("utf-8", "utf-8", SAID),
            ('"utf-8;"', "utf-8", SAID),
            ("UTF8", "utf-8", SAID),
            ("iso-8859-1", "cp1252", "Grüße, 5 €"),
            ("iso-8859-15", "iso-8859-15", "Grüße, 5 €"),
            ("windows-1250", "cp1250", "Žižek"),
            ("koi8-r", "koi8-r", "Добрый день"),
            ("X-GBK", "gbk", "你好世界"),
            ("gb2312", "gb18030", "你好世界"),
            ("ks_c_5601-1987", "cp949", "안녕하세요"),
            ("x-sjis", "cp932", "こんにちは"),
            ("iso-2022-jp", "iso-2022-jp", "こんにちは"),
            ("iso-8859-8-i", "iso-8859-8", "שלום"),
            ("big5", "big5", "你好"),
            ("utf-16", "utf-16", SAID),
            ("us-ascii", "utf-8", SAID),
            ("us-ascii", "cp1252", "Grüße aus Köln"),
            ("", "utf-8", SAID),
            ("unknown-8bit", "cp1252", "Grüße aus Köln"),
            ("utf-8", "cp1252", "Grüße aus Köln"),
            ("made-up", "koi8-r", "Добрый день, пришлите пожалуйста прайс-лист на ваши насосы и сроки поставки"),
        ],
    )
    def test_each_is_read_whatever_it_is_called(self, declared: str, codec: str, text: str) -> None:
        data = base64.b64encode(text.encode(codec))

        answers = {a.id: a.text for a in read(coded(data, declared, "base64")).answers}

        assert answers["message"] == text

    @pytest.mark.parametrize(
        ("data", "charset", "read"), [(b"he\0llo", "utf-8", "hello"), (b"hello +2AA-", "utf-7", "hello \ufffd")]
    )
    def test_what_no_store_takes_is_mended(self, data: bytes, charset: str, read: str) -> None:
        assert told(coded(data, charset))["message"] == read

    @pytest.mark.parametrize("charset", ["zlib_codec", "unicode_escape", "base64", "rot13", "idna", "undefined", "os"])
    def test_what_python_also_calls_a_codec_is_no_charset(self, charset: str) -> None:
        assert told(coded(b"hello \\x41", charset))["message"] == "hello \\x41"

    def test_quoted_printable_and_broken_base64_are_read_as_far_as_they_go(self) -> None:
        assert told(coded(b"Gr=C3=BC=C3=9Fe=\n!", "utf-8", "Quoted-Printable"))["message"] == "Grüße!"
        assert told(coded(b"SGVs\nbG8gd29y*bGQ", "utf-8", "base64"))["message"] == "Hello world"


class TestHeads:
    @pytest.mark.parametrize(
        ("value", "read"),
        [
            ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
            ("=?iso-8859-1?Q?Gr=FC=DFe_aus?= =?iso-8859-1?Q?_K=F6ln?=", "Grüße aus Köln"),
            ("=?utf-8?B?R3LDvA==?= =?utf-8?B?w59l?=", "Grüße"),
            ("=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"),
            ("Re: =?utf-8?q?Gr=C3=BC=C3=9Fe?= an alle", "Re: Grüße an alle"),
            ("=?X-IAS-German?B?bXlHb3Y=?=", "=?X-IAS-German?B?bXlHb3Y=?="),
            ("=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
            ("=?utf-8?B?not!base64?=", "\ufffd"),
            ("a =? b", "a =? b"),
        ],
    )
    def test_encoded_words(self, value: str, read: str) -> None:
        assert words(value)[: len(read)] == read

    @pytest.mark.parametrize(
        ("value", "read"),
        [
            ("jane@acme.example", [Address("jane@acme.example")]),
            ("Jane Roe <Jane@Acme.example>", [Address("jane@acme.example", "Jane Roe")]),
            (
                '"Roe, Jane" <jane@acme.example>, tom@x.example',
                [Address("jane@acme.example", "Roe, Jane"), Address("tom@x.example")],
            ),
            ("=?utf-8?Q?Roe=2C_Jane?= <jane@acme.example>", [Address("jane@acme.example", "Roe, Jane")]),
            ("jane@acme.example (Jane Roe)", [Address("jane@acme.example", "Jane Roe")]),
            ("jane@acme.example <jane@acme.example>", [Address("jane@acme.example")]),
            ("'Jane Roe' <jane@acme.example>", [Address("jane@acme.example", "Jane Roe")]),
            ("Roe; Jane <jane@acme.example>", [Address("", "Roe"), Address("jane@acme.example", "Jane")]),
            ('"Undisclosed Recipients" <>', []),
            ("undisclosed-recipients:;", []),
            ('"unclosed <jane@acme.example>', [Address("jane@acme.example", "unclosed")]),
            ("<mailto:jane@acme.example>", [Address("jane@acme.example")]),
            ("", []),
        ],
    )
    def test_addresses(self, value: str, read: list[Address]) -> None:
        assert list(addresses(value)) == read

    @pytest.mark.parametrize(
        ("value", "read"),
        [
            ("Mon, 02 Nov 2026 09:15:00 +0100", datetime(2026, 11, 2, 8, 15, tzinfo=UTC)),
            ("2 Nov 2026 09:15:00 GMT (UTC)", datetime(2026, 11, 2, 9, 15, tzinfo=UTC)),
            ("Wed, 01 May 2019 12:20", datetime(2019, 5, 1, 12, 20, tzinfo=UTC)),
            ("%date_raw_header%", None),
            ("", None),
            ("Mon, 02 Nov 1969 09:15:00 +2359", None),
            ("Mon, 99 Nov 2026 99:99:99 +0000", None),
        ],
    )
    def test_dates(self, value: str, read: datetime | None) -> None:
        assert moment(value) == read

    def test_raw_letters_beyond_ascii(self) -> None:
        raw = b"From: J\xf6rg M\xfcller <joerg@acme.example>\nSubject: Gr\xc3\xbc\xc3\x9fe\n\nhi"

        assert told(raw.replace(b"\xc3\xbc\xc3\x9f", b"\xfc\xdf"))["from_name"] == "Jörg Müller"

    def test_doubled_heads_count_once_or_together(self) -> None:
        raw = b"From: jane@acme.example\nSubject: one\nSubject: two\nTo: a@x.example\nTo: b@x.example\n\nhi"

        message = open_message(raw)

        assert (message.subject, message.recipients) == ("one", {"a@x.example", "b@x.example"})

    @pytest.mark.parametrize("head", ["", "Subject: x", "From: "])
    def test_a_mail_without_a_sender_is_read_all_the_same(self, head: str) -> None:
        assert told(f"{head}\n\nhello there".encode())["message"] == "hello there"


class TestLineEnds:
    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    @pytest.mark.parametrize(
        "first", [b"", b"From jane@acme.example Mon Nov  2 09:15:00 2026\n", b"\n\n", b"\xef\xbb\xbf"]
    )
    def test_of_any_kind_make_the_same_mail(self, end: bytes, first: bytes) -> None:
        raw = multipart("mixed", ("Content-Type: text/plain\n\nfirst\nsecond", "Content-Type: text/plain\n\nthird"))
        same = (first + raw).replace(b"\n", end)

        assert told(same)["message"] == "first\nsecond\nthird"
        assert read(same) == read(raw)

    def test_lines_that_flow_are_put_together(self) -> None:
        raw = mail("This is one \nline of \ntext.\n\nAnother.\n-- \nJane", content_type="text/plain; format=flowed")

        assert told(raw)["message"] == "This is one line of text.\n\nAnother."


class TestParts:
    def test_the_plain_part_is_read_and_the_html_where_there_is_none(self) -> None:
        plain, html = "Content-Type: text/plain\n\nplain", "Content-Type: text/html\n\n<p>html</p><p>two</p>"
        blank = "Content-Type: text/plain\n\n \n"

        assert told(multipart("alternative", (plain, html)))["message"] == "plain"
        assert told(multipart("alternative", (blank, html)))["message"] == "html\ntwo"

    def test_a_plain_part_that_only_sends_for_the_html_is_passed_over(self) -> None:
        excuse, html = (
            "Content-Type: text/plain\n\nPlease view this in an HTML mail program.",
            "<p>What does it cost for ten?</p>",
        )

        answers = told(
            multipart("alternative", (excuse, f"Content-Type: text/html\n\n{html}<p>We need it by May.</p>"))
        )

        assert answers["message"] == "What does it cost for ten?\nWe need it by May."

    def test_parts_within_parts(self) -> None:
        head = 'Content-Type: multipart/alternative; boundary="in ner"'
        inner = f"{head}\n\n--in ner\nContent-Type: text/plain\n\ndeep\n--in ner--"

        assert told(multipart("mixed", (inner, "Content-Type: image/png\n\nx")))["message"] == "deep"

    def test_a_boundary_that_never_ends_or_never_comes(self) -> None:
        raw = mail("--frontier\nContent-Type: text/plain\n\nhello", content_type="multipart/mixed; boundary=frontier")

        assert told(raw)["message"] == "hello"
        assert told(mail("hello", content_type="multipart/mixed; boundary=other"))["message"] == "hello"
        assert told(mail("hello", content_type="multipart/mixed"))["message"] == "hello"

    def test_what_is_hidden_in_html_was_not_said(self) -> None:
        body = (
            "<style>p{}</style><div style='display:none'>preheader</div><p style='font-size:0px;'>tiny</p>"
            "<!-- note --><script>x()</script><p style='max-height: 0; overflow:hidden'>folded</p><p>said</p>"
            "<p style='line-height:0.5;font-size:0.9em'>too</p>"
        )

        assert told(mail(body, html=True))["message"] == "said\ntoo"


class TestTheKey:
    def test_it_is_the_same_by_every_road(self) -> None:
        raw = mail("hello\n\n")

        others = (
            raw.replace(b"\n", b"\r\n"),
            b"From x\n" + raw,
            b"Received: by mx\n" + raw,
            raw.rstrip(),
            raw + b"\n\n",
        )

        assert {read(other).key for other in others} == {read(raw).key}
        assert read(raw).key.startswith("1@acme.example:")

    @pytest.mark.parametrize("change", [("hello", "hallo"), ("Roe", "Doe"), ("09:15", "09:16"), ("<1@", "<2@")])
    def test_another_mail_has_another_even_under_one_message_id(self, change: tuple[str, str]) -> None:
        raw = mail("hello")

        assert read(raw.replace(change[0].encode(), change[1].encode())).key != read(raw).key

    def test_it_does_without_a_message_id_and_stays_short(self) -> None:
        assert read(mail(message_id="")).key.startswith("sha256:")
        assert read(mail(message_id="<é\x00@x>")).key.startswith("sha256:")
        assert len(read(mail(message_id=f"<{'x' * 5000}@y>")).key) <= 200

    def test_what_the_rules_are_does_not_change_it(self) -> None:
        assert read_mail(mail(), OURS).key == "1@acme.example:" + read(mail()).key.partition(":")[2]
