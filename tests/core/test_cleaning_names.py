import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nameparser import HumanName

from syncd.core.cleaning import PersonName, clean_name, plain_form, similar_names
from syncd.core.cleaning.names import _TELLING_WORDS, _is_plain
from tests.core.cleaning_texts import texts

WORDS = st.one_of(
    st.sampled_from(sorted(word for word in _TELLING_WORDS if word.isascii())),
    st.sampled_from(["Eva", "Anna", "M\xfcller", "Jean-Luc", "Smith", "Le", "Ma", "Ng", "San", "Abu", "Mc"]),
    st.text("abdeilmnorstuvyz\xdf\xe9\xfc", min_size=1, max_size=8),
).flatmap(lambda word: st.sampled_from([word, word.capitalize(), word.upper()]))


def named(text: str) -> PersonName:
    first, _, last = text.partition("/")
    return PersonName(first, last, "")


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("Eva M\xfcller", "Eva", "M\xfcller"),
        ("Eva Maria M\xfcller", "Eva Maria", "M\xfcller"),
        ("M\xfcller, Eva", "Eva", "M\xfcller"),
        ("de la Cruz, Juan", "Juan", "de la Cruz"),
        ("Vincent van den Berg", "Vincent", "van den Berg"),
        ("Prof. Dr. med. Hans Meier", "Hans", "Meier"),
        ("Eva M\xfcller, PhD", "Eva", "M\xfcller"),
        ("Madonna", "", "Madonna"),
        ("Dr. M\xfcller", "", "M\xfcller"),
        ("Smith Jr.", "", "Smith"),
        ("Eva (Acme GmbH)", "", "Eva"),
        ("Mr", "", "Mr"),
        ("EVA M\xdcLLER", "Eva", "M\xfcller"),
        ("vincent van den berg", "Vincent", "van den Berg"),
        ("DE LA CRUZ, JUAN", "Juan", "de la Cruz"),
        ("\u5c71\u7530 \u592a\u90ce", "\u592a\u90ce", "\u5c71\u7530"),
    ],
)
def test_one_field_is_taken_apart_and_kept_whole(typed, first, last):
    assert clean_name(full=typed) == PersonName(first, last, typed)


def test_separate_fields_are_believed():
    assert clean_name("Eva", "M\xfcller Schmidt", "Somebody Else") == PersonName(
        "Eva", "M\xfcller Schmidt", "Somebody Else"
    )
    assert clean_name("Eva", "") == PersonName("Eva", "", "Eva")


@pytest.mark.parametrize(
    ("first", "last", "cleaned"),
    [
        ("eva", "m\xfcller", ("Eva", "M\xfcller")),
        ("EVA", "M\xdcLLER", ("Eva", "M\xfcller")),
        ("Jean", "DUPONT", ("Jean", "Dupont")),
        ("Ronald", "McDonald", ("Ronald", "McDonald")),
        ("RONALD", "MCDONALD", ("Ronald", "McDonald")),
        ("JR", "Smith", ("JR", "Smith")),
        ("LI", "WEI", ("Li", "Wei")),
        ("a", "LI", ("A", "LI")),
        ("sean", "o'brien", ("Sean", "O'Brien")),
        ("JEAN-LUC", "LE PEN", ("Jean-Luc", "Le Pen")),
        ("MARIA DE LOS ANGELES", "DE LA CRUZ", ("Maria de los Angeles", "de la Cruz")),
        ("J.R.R.", "TOLKIEN", ("J.R.R.", "Tolkien")),
        ("AL\u0130", "YILDIZ III", ("Ali", "Yildiz III")),
        ("bell hooks 2", "x1", ("bell hooks 2", "x1")),
    ],
)
def test_names_in_one_case_get_capitals_and_mixed_case_stays(first, last, cleaned):
    name = clean_name(first, last)

    assert (name.first, name.last) == cleaned


@pytest.mark.parametrize(
    "filler",
    ["n/a", "N.A.", "-", "...", "None", "null", "unknown", "First name", "Vorname", "(not provided)", "e@x.de"],
)
def test_fillers_are_nobodys_name(filler):
    assert clean_name(full=filler) == PersonName("", "", "")
    assert clean_name(filler, filler) == PersonName("", "", "")
    assert clean_name(filler, "", "Eva M\xfcller").last == "M\xfcller"


def test_people_called_null_exist():
    assert clean_name("Christopher", "Null").last == "Null"
    assert clean_name("-", "M\xfcller") == PersonName("", "M\xfcller", "M\xfcller")


def test_names_cannot_reverse_or_break_the_line():
    assert clean_name("Eva\u202e\u200b", "M\xfcller\r\nBcc: x") == PersonName(
        "Eva", "M\xfcller Bcc: x", "Eva M\xfcller Bcc: x"
    )


@given(texts, texts, texts)
@example("a", "\xbcA", "")
@example("", "", "&amp;lt; &lt;")
def test_cleaning_a_name_twice_changes_nothing(first, last, full):
    for name in (clean_name(first, last, full), clean_name(first, last), clean_name(full=full)):
        assert clean_name(name.first, name.last, name.full) == name


@given(st.lists(WORDS, min_size=2, max_size=4))
def test_words_that_skip_the_parser_mean_the_same_to_it(words):
    if not all(map(_is_plain, words)):
        return

    parsed = HumanName(" ".join(words))

    assert f"{parsed.first} {parsed.middle}".strip() == " ".join(words[:-1])
    assert parsed.last == words[-1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Eva/M\xfcller", "EVA/Mueller"),
        ("Eva/M\xfcller", "E./Muller"),
        ("M\xfcller/Eva", "Eva/M\xfcller"),
        ("Eva Maria/M\xfcller", "Eva/M\xfcller"),
        ("Hans-Peter/Wolf", "Hanspeter/Wolf"),
        ("Hans-Peter/Wolf", "H. P./Wolf"),
        ("Michael/Smith", "Micheal/Smith"),
        ("Stephan/Meier", "Stefan/Maier"),
        ("Marcus/Huber", "Markus/Huber"),
        ("Juan/de la Cruz", "Juan/Cruz"),
        ("Eva/M\xfcller-Schmidt", "Eva/M\xfcller"),
        ("Ana/Garcia", "Ana/Garcia Lopez"),
        ("/Madonna", "/madonna"),
        ("\u592a\u90ce/\u5c71\u7530", "\u592a\u90ce/\u5c71\u7530"),
    ],
)
def test_spellings_of_one_person_are_alike(one, other):
    assert similar_names(named(one), named(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mario/Rossi", "Maria/Rossi"),
        ("Alexander/Wolf", "Alexandra/Wolf"),
        ("Andrea/Wolf", "Andreas/Wolf"),
        ("Jean Paul/Petit", "Jean Pierre/Petit"),
        ("Joan/Smith", "John/Smith"),
        ("Markus/Huber", "Marius/Huber"),
        ("Eva/Meier", "Eva/M\xfcller"),
        ("Hans/M\xfcller", "Eva/M\xfcller"),
        ("Li/Wu", "Lu/Wu"),
        ("/M\xfcller", "Eva/M\xfcller"),
        ("Eva/", "/Eva"),
        ("/", "/"),
        ("\u4f1f/\u738b", "\u4f1f\u660e/\u738b"),
    ],
)
def test_relatives_and_strangers_are_not_alike(one, other):
    assert not similar_names(named(one), named(other))


@given(texts, texts, texts, texts)
def test_likeness_has_no_direction(first, last, their_first, their_last):
    one, other = PersonName(first, last, ""), PersonName(their_first, their_last, "")

    assert similar_names(one, other) == similar_names(other, one)
    assert similar_names(one, one) == bool(plain_form(first) or plain_form(last))
