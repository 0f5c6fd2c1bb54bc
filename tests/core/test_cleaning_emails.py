import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.core.cleaning import clean_email
from syncd.core.cleaning.emails import _split_plain
from tests.core.cleaning_texts import full_width, texts

ATOMS = st.text("abzAZ09_!#$%&'*+-/=?^`{|}~", min_size=1, max_size=6)
LABELS = st.text("abzAZ09-", min_size=1, max_size=7)
ENDINGS = st.one_of(LABELS, st.sampled_from([*SPECIAL_USE_DOMAIN_NAMES, "com", "DE", "Test", "xn--p1ai"]))
ADDRESSES = st.builds(
    lambda local, domain, ending: f"{'.'.join(local)}@{'.'.join(domain)}.{ending}",
    st.lists(ATOMS, min_size=1, max_size=3),
    st.lists(LABELS, min_size=1, max_size=3),
    ENDINGS,
)


@pytest.mark.parametrize(
    "typed",
    [
        "Eva <eva@acme.com>",
        '"M\xfcller, Eva" <eva@acme.com>;',
        "<eva@acme.com>",
        "<mailto:eva@acme.com>",
        "mailto:eva@acme.com?subject=Offer",
        "MAILTO:eva@acme.com",
        "eva@acme.com.",
        "eva@acme.com,",
        "eva @ acme.com",
        "'eva@acme.com'",
        "\u201eeva@acme.com\u201c",
        "(eva@acme.com)",
        "eva\u200b@acme.com",
        "\ufeffeva@acme.com",
        full_width("eva@acme.com"),
        "eva@acme\uff0ecom",
    ],
)
def test_what_people_paste_is_repaired_and_says_so(typed):
    email = clean_email(typed)

    assert email is not None
    assert email.display == "eva@acme.com"
    assert email.repaired
    assert email.raw == typed


@pytest.mark.parametrize("typed", ["eva@acme.com", " eva@acme.com\n", "\xa0eva@acme.com", "eva@ACME.com"])
def test_white_space_and_letter_case_are_no_repair(typed):
    email = clean_email(typed)

    assert email is not None
    assert email.display == "eva@acme.com"
    assert not email.repaired


@pytest.mark.parametrize(
    "typed",
    [
        "eva@acme.com\r\nBcc: all@acme.com",
        "eva\n@acme.com",
        "Eva\r\n <eva@acme.com>",
        "eva\0@acme.com",
        "eva@acme.com\u2028x",
        "",
        "eva",
        "@",
        "eva@",
        "@acme.com",
        "a..b@acme.com",
        "eva@localhost",
        "eva@example.test",
        "eva@acme",
        "eva@-acme.com",
        "eva@[127.0.0.1]",
        '"eva m"@acme.com',
        "eva@acme.com, max@acme.com",
        "eva@" + "x" * 300 + ".com",
        "x" * 100_000 + "@acme.com",
    ],
)
def test_what_cannot_be_one_address_is_none(typed):
    assert clean_email(typed) is None


def test_mailbox_names_keep_their_case_in_what_is_shown_and_lose_it_in_the_key():
    email = clean_email("Eva.Mueller@ACME.co.uk")

    assert email is not None
    assert (email.display, email.key) == ("Eva.Mueller@acme.co.uk", "eva.mueller@acme.co.uk")
    assert (email.local, email.domain, email.registrable) == ("Eva.Mueller", "acme.co.uk", "acme.co.uk")


@pytest.mark.parametrize(
    ("typed", "key", "possible_key"),
    [
        ("E.v.a+News@googlemail.com", "eva@gmail.com", "eva@gmail.com"),
        ("eva+x@outlook.de", "eva@outlook.de", "eva@outlook.de"),
        ("e.va+x@icloud.com", "e.va@icloud.com", "eva@icloud.com"),
        ("sales+eu@acme.com", "sales+eu@acme.com", "sales@acme.com"),
        ("e.va@acme.com", "e.va@acme.com", "eva@acme.com"),
        ("eva@acme.com", "eva@acme.com", "eva@acme.com"),
        ("+x@gmail.com", "+x@gmail.com", "+x@gmail.com"),
        ("a.+x@outlook.com", "a@outlook.com", "a@outlook.com"),
        ("Stra\xdfe@acme.com", "stra\xdfe@acme.com", "stra\xdfe@acme.com"),
        ("o\u2019brien@acme.com", "o'brien@acme.com", "o'brien@acme.com"),
    ],
)
def test_keys_follow_what_the_provider_is_known_to_do(typed, key, possible_key):
    email = clean_email(typed)

    assert email is not None
    assert (email.key, email.possible_key) == (key, possible_key)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("strasse@acme.com", "stra\xdfe@acme.com"),
        ("isik@acme.com", "\u0131sik@acme.com"),
        ("eva@paypal.com", "eva@p\u0430ypal.com"),
        ("eva@acme.com", "eva@acme.de"),
        ("sales+eu@acme.com", "sales+us@acme.com"),
    ],
)
def test_different_mailboxes_never_share_an_exact_key(one, other):
    first, second = clean_email(one), clean_email(other)

    assert first is not None
    assert second is not None
    assert first.key != second.key


def test_international_domains_are_compared_in_punycode():
    typed, encoded = clean_email("eva@M\xfcller.de"), clean_email("eva@xn--mller-kva.de")

    assert typed is not None
    assert encoded is not None
    assert typed.key == encoded.key == "eva@xn--mller-kva.de"
    assert not typed.repaired


@pytest.mark.parametrize("local", ["info", "Sales", "no-reply", "support+de", "info2", "kontakt", "customer.service"])
def test_shared_mailboxes_are_marked(local):
    email = clean_email(f"{local}@acme.com")

    assert email is not None
    assert email.role


@pytest.mark.parametrize("local", ["eva", "salesforce", "informant", "hello.kitty", "2"])
def test_persons_mailboxes_are_not(local):
    email = clean_email(f"{local}@acme.com")

    assert email is not None
    assert not email.role


def test_a_mistyped_domain_is_suggested_and_never_applied():
    email = clean_email("eva@gmial.com")

    assert email is not None
    assert email.display == email.key == "eva@gmial.com"
    assert email.suggestion == "eva@gmail.com"


@given(st.one_of(texts, ADDRESSES, st.emails()))
@example("eva\u037e@acme.com")
@example("\u0130@acme.com")
def test_cleaning_an_address_twice_changes_nothing(raw):
    email = clean_email(raw)
    if email is None:
        return

    again = clean_email(email.display)
    by_key = clean_email(email.key)
    by_possible_key = clean_email(email.possible_key)

    assert again is not None
    assert (again.display, again.key, again.possible_key) == (email.display, email.key, email.possible_key)
    assert not again.repaired
    assert by_key is not None
    assert by_key.key == email.key
    assert by_possible_key is not None
    assert by_possible_key.possible_key == email.possible_key


@given(ADDRESSES)
def test_keys_see_no_case_and_no_width(address):
    keys = {email.key if (email := clean_email(form)) else None for form in (address, address.swapcase())}
    wide = clean_email(full_width(address))
    narrow = clean_email(address)

    assert len(keys) == 1
    assert (wide.key if wide else None) == (narrow.key if narrow else None)


@given(ADDRESSES)
@example("a@" + "b" * 63 + ".com")
@example("a@" + "b" * 64 + ".com")
@example("a@b." + "c" * 63)
@example("a" * 248 + "@b.com")
@example("a" * 249 + "@b.com")
def test_the_short_way_accepts_only_what_the_validator_accepts(address):
    split = _split_plain(address)
    if split is None:
        return

    found = validate_email(address, check_deliverability=False)

    assert found.ascii_domain == split[1]
    assert (found.ascii_local_part or "").lower() == split[0].lower()


def test_the_usual_address_takes_the_short_way():
    assert _split_plain("Eva.Mueller+web@mail.acme.co.uk") == ("Eva.Mueller+web", "mail.acme.co.uk")
