from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core import junk_signs as signs
from syncd.core import scripts


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://acme.com/x and www.acme.com", 2),
        ("HTTP://www.acme.com", 1),
        ("no link, just acme.com", 0),
    ],
)
def test_links_are_counted_once_each(text, links):
    assert signs.count_links(signs.read_said("", text)) == links


@pytest.mark.parametrize("name", ["https://x.ru/a", "www.spam.top", "Win at casino.com now", "bit.ly/3xYz"])
def test_web_address_in_a_name_is_seen(name):
    assert signs.has_link(name)


@pytest.mark.parametrize(
    "name", ["J.R.", "St.John", "Dr.med. Eva M\u00fcller", "eva@acme.com", "", "O.Henry", "M.Communal"]
)
def test_dots_in_names_are_no_links(name):
    assert not signs.has_link(name)


@pytest.mark.parametrize("name", ["kSdUqWnZxA", "QWRTPL", "Bcdfghjkt", "aXbYcZdW"])
def test_keys_hit_at_random_are_seen(name):
    assert signs.is_gibberish(name)


@pytest.mark.parametrize(
    "name",
    [
        "Schwarzschild",
        "McDonald",
        "DeShawn",
        "LaToya",
        "JoAnn",
        "van den Berg",
        "Brz\u0119czyszczykiewicz",
        "\u00d8rsted",
        "Lynch",
        "Ng",
        "JT",
        "O'Sullivan-McCarthy",
        "\u0418\u0432\u0430\u043d\u043e\u0432",
        "\u738b\u5c0f\u660e",
        "\u0645\u062d\u0645\u062f",
        "",
    ],
)
def test_names_of_people_are_no_gibberish(name):
    assert not signs.is_gibberish(name)


@pytest.mark.parametrize("text", ["Mi\u0441r\u043es\u043eft", "\u0421asino", "PayP\u0430l login"])
def test_latin_word_with_cyrillic_letters_is_seen(text):
    assert scripts.has_disguised_word(text)


@pytest.mark.parametrize(
    "text",
    [
        "Miscrosoft",
        "USB-\u043a\u0430\u0431\u0435\u043b\u044c",
        "SMS\u043a\u0430",
        "IT-\u043e\u0442\u0434\u0435\u043b \u0438 CRM",
        "\u0421\u0432\u0435\u0442\u043b\u0430\u043d\u0430",
        "10 \u00b5m, 5 k\u03a9",
        "caf\u00e9",
    ],
)
def test_scripts_side_by_side_are_no_disguise(text):
    assert not scripts.has_disguised_word(text)


RUSSIAN = "\u0417\u0434\u0440\u0430\u0432\u0441\u0442\u0432\u0443\u0439\u0442\u0435, \u0446\u0435\u043d\u0430?"


@pytest.mark.parametrize(
    ("text", "languages", "foreign"),
    [
        (RUSSIAN, {"en", "de"}, True),
        (RUSSIAN, {"en", "ru-RU"}, False),
        (RUSSIAN, set(), False),
        ("Could you send a price list? \u0421\u043f\u0430\u0441\u0438\u0431\u043e", {"en"}, False),
        ("Please send a price list", {"ja"}, False),
        (
            "\u3053\u3093\u306b\u3061\u306f\u3001\u4fa1\u683c\u3092\u6559\u3048\u3066\u304f\u3060\u3055\u3044",
            {"ja"},
            False,
        ),
        (
            "\u3053\u3093\u306b\u3061\u306f\u3001\u4fa1\u683c\u3092\u6559\u3048\u3066\u304f\u3060\u3055\u3044",
            {"en"},
            True,
        ),
        ("\u0426\u0435\u043d\u0430", {"en"}, False),
    ],
)
def test_text_is_foreign_only_in_a_script_no_form_expects(text, languages, foreign):
    assert scripts.is_foreign(text, frozenset(languages)) is foreign


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("Test", "Test", ""),
        ("test", "User2", "hello"),
        ("Eva", "M\u00fcller", "this is a test, please ignore"),
        ("", "", "Test 123"),
        ("Eva", "", "\u0442\u0435\u0441\u0442"),
    ],
)
def test_somebody_who_tries_out_the_form_is_seen(first, last, message):
    assert signs.is_test(first, last, message)


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("Eva", "Test", "What does it cost?"),
        ("Eva", "M\u00fcller", "We want to test your product"),
        ("Eva", "M\u00fcller", ""),
        ("User", "Lead", ""),
    ],
)
def test_buyers_who_say_test_are_no_testers(first, last, message):
    assert not signs.is_test(first, last, message)


def test_two_phrases_of_a_seller_make_a_pitch_and_one_does_not():
    assert signs.is_pitch(signs.read_said("", "I came across your website. We are a digital agency from Pune."))
    assert signs.is_pitch(signs.read_said("Guest post", "I came across your website!"))
    assert not signs.is_pitch(signs.read_said("", "I came across your website and would like a quote."))


def test_phrases_are_words_not_letters():
    assert signs.has_spam_phrase(signs.read_said("", "Cheap SEO-services, today"))
    assert not signs.has_spam_phrase(signs.read_said("SEO", "services"))
    assert not signs.has_spam_phrase(signs.read_said("", "museo services"))


@pytest.mark.parametrize(
    ("agent", "bot"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", False),
        ("Mozilla/5.0 (Linux; Android 10; CUBOT_X30)", False),
        ("python-requests/2.32", True),
        ("Googlebot/2.1", True),
        ("", True),
        ("  ", True),
    ],
)
def test_programs_are_told_by_their_agent(agent, bot):
    assert signs.is_bot(agent) is bot


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        ("What is the price for 50 pieces?", True),
        ("Wie lange ist die Lieferzeit?", True),
        ("Price!", False),
        ("How are you?", False),
    ],
)
def test_question_of_a_buyer_needs_a_mark_and_a_word(message, asks):
    assert signs.asks_to_buy(signs.read_said("", message)) is asks


def test_message_that_is_just_the_name_is_seen():
    assert signs.repeats_name("Robert", "Tok", "RobertTok", "RobertTok") is False
    assert signs.repeats_name("RobertTok", "", "roberttok", "RobertTok ")
    assert signs.repeats_name("Robert", "Tok", "", "robert tok")
    assert not signs.repeats_name("", "", "", "")


@given(st.text(max_size=300))
def test_adding_a_phrase_to_any_text_is_noticed(text):
    assert signs.has_spam_phrase(signs.read_said("", f"{text} guest post {text}"))


def test_phrases_are_written_as_texts_are_compared():
    lines = files("syncd.core").joinpath("data").joinpath("phrases.tsv").read_text("utf-8").splitlines()

    phrases = [line.split("\t")[1] for line in lines if not line.startswith("#")]

    assert all(phrase == " ".join(signs._words(phrase)) for phrase in phrases)
