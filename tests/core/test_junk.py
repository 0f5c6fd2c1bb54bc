import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.junk import DEFAULT_WEIGHTS, Judgement, JunkEvidence, judge, score_junk

LIMITS = (40, 80)

BUYER = JunkEvidence(
    has_email=True,
    email_valid=True,
    email_local="eva",
    email_domain="acme.com",
    has_phone=True,
    first="Eva",
    last="M\u00fcller",
    company="Acme GmbH",
    message="Hello, we need 50 pieces by June. Kind regards",
    subject="Enquiry",
    user_agent="Mozilla/5.0 (X11; Linux x86_64)",
    seconds_to_submit=48.0,
)


def names(verdict):
    return [name for name, _ in verdict.signals]


def test_ordinary_enquiry_has_no_signal():
    verdict = score_junk(BUYER)

    assert (verdict.score, verdict.signals, verdict.label) == (0, (), "")
    assert judge(verdict.score, LIMITS) is Judgement.PASS


@pytest.mark.parametrize(
    ("change", "signal", "points"),
    [
        ({"honeypot": True}, "honeypot", 90),
        ({"seconds_to_submit": 1.2}, "too_fast", 50),
        ({"same_payload_sources": 3}, "same_payload", 60),
        ({"message": "http://a.example http://b.example"}, "links", 20),
        ({"message": "http://a http://b http://c http://d"}, "many_links", 50),
        ({"last": "www.spam.example"}, "link_in_name", 70),
        ({"message": "[url=x]y[/url]"}, "markup", 60),
        ({"message": '<a href="x">y</a>'}, "markup", 60),
        ({"email_domain": "GoogleMail.com", "email_local": "a.b.c.d.e.f"}, "dotted_gmail", 30),
        ({"disposable": True}, "disposable", 30),
        ({"email_valid": False}, "bad_email", 30),
        ({"has_email": False, "email_valid": False, "has_phone": False}, "no_contact", 40),
        ({"message": "Eva", "subject": "eva"}, "same_text", 40),
        ({"message": "Cheap \u0421asino"}, "mixed_scripts", 50),
        ({"message": "\u0446\u0435\u043d\u0430 " * 5, "languages": frozenset({"de"})}, "foreign_script", 25),
        ({"message": "We sell backlinks"}, "spam_phrase", 30),
        ({"user_agent": ""}, "bot_agent", 20),
        ({"user_agent": "curl/8.5"}, "bot_agent", 20),
        ({"recent_from_sender": 6}, "flood", 30),
    ],
)
def test_each_signal_gives_its_points(change, signal, points):
    verdict = score_junk(replace(BUYER, **change))

    assert verdict.signals == ((signal, points),)
    assert verdict.score == points


@pytest.mark.parametrize(
    ("change", "signal"),
    [
        ({"known_customer": True}, "known_customer"),
        ({"business_domain_with_account": True}, "business_account"),
        ({"phone_valid": True}, "valid_phone"),
        ({"message": "What is the price?"}, "real_question"),
    ],
)
def test_good_sign_takes_points_off(change, signal):
    bad = replace(BUYER, honeypot=True)

    verdict = score_junk(replace(bad, **change))

    assert verdict.score == 90 + DEFAULT_WEIGHTS[signal]


def test_score_stays_within_bounds():
    worst = replace(BUYER, honeypot=True, seconds_to_submit=0.1, same_payload_sources=9, first="http://x")

    assert score_junk(worst).score == 100
    assert score_junk(replace(BUYER, known_customer=True)).score == 0


@pytest.mark.parametrize("seconds", [None, 2.0, -5.0, float("nan")])
def test_time_nobody_measured_is_no_signal(seconds):
    assert score_junk(replace(BUYER, seconds_to_submit=seconds)).score == 0


def test_agent_nobody_told_is_no_signal():
    assert score_junk(replace(BUYER, user_agent=None)).score == 0


def test_strange_name_counts_only_beside_another_signal():
    strange = replace(BUYER, first="kSdUqWnZxA")

    assert score_junk(strange).score == 0
    assert names(score_junk(replace(strange, disposable=True))) == ["disposable", "gibberish_name"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("\u0412\u043b\u0430\u0434\u0438\u043c\u0438\u0440", "\u0418\u0432\u0430\u043d\u043e\u0432"),
        ("\u5c0f\u660e", "\u738b"),
        ("\u0645\u062d\u0645\u062f", "\u0639\u0644\u064a"),
        ("\u0393\u03b9\u03ce\u03c1\u03b3\u03bf\u03c2", ""),
    ],
)
def test_names_in_other_scripts_are_never_a_signal(first, last):
    person = replace(BUYER, first=first, last=last, disposable=True, languages=frozenset({"en"}))

    assert names(score_junk(person)) == ["disposable"]


def test_tester_is_labelled_and_not_scored_as_junk():
    verdict = score_junk(replace(BUYER, first="test", last="test", subject="test", message="test"))

    assert (verdict.score, verdict.label) == (0, "test")


def test_somebody_who_sells_to_us_is_labelled():
    pitch = "I came across your website. Our services include guest posts."

    verdict = score_junk(replace(BUYER, message=pitch))

    assert (verdict.label, names(verdict)) == ("not_a_buyer", ["spam_phrase"])


def test_weights_are_changed_by_name_and_zero_switches_off():
    evidence = replace(BUYER, disposable=True, user_agent="")

    verdict = score_junk(evidence, {"disposable": 45, "bot_agent": 0})

    assert verdict.signals == (("disposable", 45),)


@pytest.mark.parametrize(
    ("change", "judgement"),
    [
        ({"disposable": True}, Judgement.PASS),
        ({"seconds_to_submit": 1.0}, Judgement.FLAG),
        ({"honeypot": True}, Judgement.QUARANTINE),
    ],
)
def test_thresholds_divide_the_scores(change, judgement):
    assert judge(score_junk(replace(BUYER, **change)).score, LIMITS) is judgement


def test_thresholds_themselves_count_as_reached():
    assert [judge(score, LIMITS) for score in (39, 40, 79, 80)] == ["pass", "flag", "flag", "quarantine"]


positive = {
    "honeypot": True,
    "seconds_to_submit": 0.5,
    "same_payload_sources": 4,
    "disposable": True,
    "recent_from_sender": 20,
    "user_agent": "curl/8",
    "email_valid": False,
}
evidence_of = st.builds(
    JunkEvidence,
    has_email=st.booleans(),
    email_valid=st.just(value=True),
    email_local=st.text(max_size=20),
    email_domain=st.text(max_size=20) | st.just("gmail.com"),
    has_phone=st.booleans(),
    phone_valid=st.booleans(),
    first=st.text(max_size=30),
    last=st.text(max_size=30),
    company=st.text(max_size=30),
    message=st.text(max_size=200),
    subject=st.text(max_size=30),
    seconds_to_submit=st.none() | st.floats(),
    user_agent=st.none() | st.text(max_size=30),
    languages=st.frozensets(st.text(max_size=5) | st.sampled_from(["de", "ru", "ja"]), max_size=3),
    known_customer=st.booleans(),
    business_domain_with_account=st.booleans(),
    same_payload_sources=st.integers(),
    recent_from_sender=st.integers(),
)


@given(evidence_of)
def test_any_text_gets_a_score_that_its_signals_explain(evidence):
    verdict = score_junk(evidence)

    assert verdict.score == min(100, max(0, sum(points for _, points in verdict.signals)))
    assert {name for name, _ in verdict.signals} <= DEFAULT_WEIGHTS.keys()


@given(evidence_of, st.sampled_from(sorted(positive)))
def test_one_more_bad_sign_never_lowers_the_score(evidence, sign):
    worse = replace(evidence, **{sign: positive[sign]})

    assert score_junk(worse).score >= score_junk(evidence).score


@given(evidence_of, st.integers(0, 100), st.integers(0, 100))
def test_customer_is_never_quarantined(evidence, flag, quarantine):
    verdict = score_junk(replace(evidence, known_customer=True, honeypot=True))

    judgement = judge(verdict.score, (flag, quarantine), protected=verdict.protected)

    assert judgement is not Judgement.QUARANTINE


@pytest.mark.parametrize(
    "unit",
    ["<a ", "[url", "www.", "\u0430a", "\u0430", "test ", "http:/", "_", ". ", "{", "A\u0301", "guest "],
)
def test_hostile_text_takes_no_more_time_than_its_length(unit):
    text = (unit * 200_000)[:200_000]

    started = time.process_time()
    score_junk(JunkEvidence(first=text, last=text, company=text, message=text, subject=text, user_agent=text))

    assert time.process_time() - started < 1.0
