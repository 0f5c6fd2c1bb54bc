import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from syncd.core.cleaning import clean_line, clean_text, match_form, plain_form
from syncd.core.cleaning.text import CUT
from tests.core.cleaning_texts import full_width, texts

HOSTILE_IN_ONE_LINE = ("\r", "\n", "\r\n", "\t", "\v", "\f", "\x85", "\u2028", "\u2029", "\x1d")
UNSEEN = ("\0", "\x07", "\x1b", "\x7f", "\x9b", "\xad", "\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2066")


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028", "\x85"])
def test_every_kind_of_line_end_becomes_a_line_feed(end):
    assert clean_text(f"How much?{end}Regards") == "How much?\nRegards"


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_nobody_can_see_is_taken_out(unseen):
    assert clean_text(f"in{unseen}voice") == "invoice"
    assert clean_line(f"in{unseen}voice") == "invoice"


@pytest.mark.parametrize("end", HOSTILE_IN_ONE_LINE)
def test_one_line_stays_one_line(end):
    assert clean_line(f"Eva{end}Bcc: x@acme.com") == "Eva Bcc: x@acme.com"


def test_lone_surrogates_become_storable():
    assert clean_text("a\ud800b").encode() == b"a\xef\xbf\xbdb"


def test_letters_and_their_accents_are_composed():
    assert clean_line("Mu\u0308ller") == "M\xfcller"


def test_entities_are_read_once():
    assert clean_text("AT&amp;T &lt;3 &#8364;5&nbsp;each") == "AT&T <3 \u20ac5 each"


def test_text_about_html_keeps_its_entities():
    assert clean_text("How do I escape &amp;lt; and &gt;?") == "How do I escape &amp;lt; and &gt;?"


def test_link_parameters_that_look_like_entities_stay():
    link = "https://acme.com/?a=1&region=eu&copy=2&lt=3"

    assert clean_text(link) == link


def test_text_that_is_too_long_is_cut_where_one_can_see_it():
    cut = clean_text("word " * 20_000)

    assert len(cut) <= 32_000
    assert cut.endswith("word" + CUT)


def test_text_that_fits_exactly_is_not_cut():
    assert clean_line("x" * 255) == "x" * 255


@given(texts, st.integers(1, 80))
@example("&amp;" * 9 + "&amp;lt;", 46)
def test_cleaning_text_twice_changes_nothing(raw, longest):
    for clean in (clean_text, clean_line):
        once = clean(raw, longest)

        assert clean(once, longest) == once
        assert len(once) <= longest
        assert unicodedata.is_normalized("NFC", once)
        assert once.encode().decode() == once
    assert not set(clean_line(raw)) & {"\r", "\n", "\t", "\0", "\x85", "\u2028"}


def test_ten_thousand_hostile_values_are_ten_thousand_lines():
    values = [clean_line(f"name{chr(code)}\r\n\x1b[2J{code}") for code in range(10_000)]

    assert len("\n".join(values).splitlines()) == 10_000


@pytest.mark.timeout(20)  # what is not linear here would take hours
def test_nested_entities_do_not_hang():
    assert clean_text("&amp;" * 200_000)
    assert clean_text("&" * 200_000 + ";")


@given(texts.map(lambda text: text.replace("\u0131", "")))
def test_match_form_sees_no_case_width_or_composition(raw):
    form = match_form(raw)

    for other in (raw.upper(), raw.lower(), raw.title(), unicodedata.normalize("NFD", raw), full_width(raw)):
        assert match_form(other) == form


@given(texts)
def test_forms_of_forms_are_the_same(raw):
    assert match_form(match_form(raw)) == match_form(raw)
    assert plain_form(plain_form(raw)) == plain_form(raw)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Stra\xdfe", "STRASSE"),
        ("\uff21\uff23\uff2d\uff25", "acme"),
        ("  Eva \u3000 M\xfcller", "eva mu\u0308ller"),
        ("\u212bngstr\xf6m", "\xe5ngstr\xf6m"),
        ("\ufb01rma", "FIRMA"),
    ],
)
def test_spellings_of_one_word_have_one_match_form(one, other):
    assert match_form(one) == match_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("isik", "\u0131s\u0131k"),  # dotless i is a letter of its own
        ("paypal", "p\u0430ypal"),  # Cyrillic a
        ("\u039f\u03a5\u039d", "OYN"),  # Greek capitals
        ("acme", "acne"),
        ("Eva", "Ev\xe4"),
        ("l", "1"),
        ("O", "0"),
    ],
)
def test_look_alikes_are_not_one_word(one, other):
    assert match_form(one) != match_form(other)


def test_plain_form_has_words_only():
    assert (
        plain_form("Caf\xe9 \u201cL'\xc9toile\u201d & S\xf8n-\u0141\xf3d\u017a (DK).") == "cafe letoile and son lodz dk"
    )


def test_vowel_signs_of_other_scripts_are_part_of_the_word():
    assert plain_form("\u0915\u093f\u0924\u093e\u092c") == "\u0915\u093f\u0924\u093e\u092c"
    assert plain_form("\u30ac\u30b9") != plain_form("\u30ab\u30b9")


def test_initials_are_one_word_when_asked():
    assert plain_form("S.p.A.") == "s p a"
    assert plain_form("S.p.A. A/S St. Gallen", join_initials=True) == "spa as st gallen"


@pytest.mark.timeout(60)
@settings(max_examples=20)
@given(st.text(max_size=20))
def test_long_repetitions_do_not_hang(part):
    assert isinstance(clean_text(part * 5_000), str)
