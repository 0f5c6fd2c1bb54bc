"""Spam at the door of a form: stamps, rates and captchas give points, and cost nobody the lead."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.sources.form import CheckedForm, Options, WebForm, plugin
from connectors.sources.form.captcha import PATIENCE
from connectors.sources.form.stamps import Stamps
from syncd.connector import Context, Retryable, SecretStr, Submission, WebRequest
from syncd.core.decide import decide
from syncd.core.decision import Verdict
from syncd.core.junk import DEFAULT_WEIGHTS
from syncd.run.bell import Bell
from syncd.run.collector import Collector
from syncd.run.health import Health
from syncd.run.heartbeat import Heartbeat
from syncd.run.intake import Intake
from syncd.testing import NOON, FakeClock, SourceContract, lent_tools
from tests.connectors.test_source_form import FORM, SITE, post, received, reply
from tests.core.drafts import NOBODY, around, drafted
from tests.fakes.captcha import SECRET, FakeCaptcha
from tests.world import World

STAMP_SECRET = "stamp-canary-secret"
EVA = {"name": "Eva Beispiel", "email": "eva@acme.com", "message": "How much is it?"}


def stamping(**options: Any) -> WebForm:
    return WebForm(Options.model_validate({"stamp_secret": STAMP_SECRET, **options}), lent_tools("contact"))


def stamp(ago: timedelta = timedelta(minutes=1), form: str = "contact", secret: str = STAMP_SECRET) -> str:
    return Stamps(form, SecretStr(secret), timedelta(days=1)).issue(NOON - ago)


def context(source: WebForm, said: str | None, client: str = "") -> Context:
    fields = EVA if said is None else {**EVA, "_stamp": said}
    return received(source, replace(post(fields), client=client)).context


def test_a_page_loads_its_stamp_from_the_form_and_the_time_until_the_post_is_told() -> None:
    source = stamping()
    script = replace(post(b"", method="GET"), query={"stamp": "js"}, received_at=NOON - timedelta(seconds=40))
    given = reply(source, script)
    (said,) = [word.partition('"')[0] for word in given.body.decode().split('value: "')[1:]]

    found = context(source, said)

    assert given.content_type.startswith("text/javascript")
    assert (found.seconds_to_submit, found.suspicions) == (40.0, ())


def test_a_script_of_the_sites_own_gets_the_stamp_as_json_where_it_may_post() -> None:
    source = stamping(origins=[SITE])

    given = reply(source, post(b"", method="GET", origin=SITE))

    assert given.body.startswith(b'{"stamp":"')
    assert given.headers["access-control-allow-origin"] == SITE


def test_the_sites_own_server_makes_a_stamp_as_the_docs_say() -> None:
    millis = str(int((NOON - timedelta(seconds=9)).timestamp() * 1000))
    signed = hmac.new(STAMP_SECRET.encode(), f"contact.{millis}.page-7".encode(), hashlib.sha256).hexdigest()

    assert context(stamping(), f"{millis}.page-7.{signed}").seconds_to_submit == 9.0


STAMPS: dict[str, tuple[Callable[[], str | None], str]] = {
    "no field": (lambda: None, "no_stamp"),
    "empty": (lambda: "", "no_stamp"),
    "of yesterday": (lambda: stamp(timedelta(hours=25)), "no_stamp"),
    "of tomorrow": (lambda: stamp(timedelta(minutes=-5)), "no_stamp"),
    "of another form": (lambda: stamp(form="other"), "forged_stamp"),
    "another secret": (lambda: stamp(secret="another-secret-of-sixteen"), "forged_stamp"),
    "another hash": (lambda: stamp()[:-1] + "g", "forged_stamp"),
    "another word": (lambda: stamp().replace(".", ".x", 1), "forged_stamp"),
    "long": (lambda: "9" * 5000, "forged_stamp"),
    "young": (lambda: stamp(timedelta(seconds=1)), "too_fast"),
}


@pytest.mark.parametrize("which", STAMPS)
def test_no_stamp_an_old_one_a_forged_one_and_one_that_is_too_young_are_told_apart(which: str) -> None:
    make, sign = STAMPS[which]

    assert context(stamping(), make()).suspicions == (sign,)


def test_how_fast_is_too_fast_is_for_the_form_to_say() -> None:
    assert context(stamping(fastest=10), stamp(timedelta(seconds=9))).suspicions == ("too_fast",)
    assert context(stamping(fastest=0), stamp(timedelta(0))).suspicions == ()


def test_a_visitors_own_clock_is_no_evidence_where_stamps_are_asked_for() -> None:
    fields = {**EVA, "_started": str(int((NOON - timedelta(minutes=5)).timestamp() * 1000))}

    assert received(stamping(), post(fields)).context.seconds_to_submit is None


def test_a_clock_that_is_a_little_ahead_accuses_nobody() -> None:
    assert context(stamping(), stamp(timedelta(seconds=-20))).suspicions == ()


def test_one_page_that_sends_again_and_again_is_told() -> None:
    source, one = stamping(), stamp()

    signs = [context(source, one).suspicions for _ in range(7)]

    assert signs == [()] * 5 + [("reused_stamp",)] * 2


def test_many_posts_of_one_address_are_told_until_an_hour_has_passed_and_dry_runs_do_not_count() -> None:
    clock = FakeClock(NOON)
    source = WebForm(Options(per_hour=2), lent_tools("contact", clock))
    request = replace(post(EVA), client="93.184.216.34")
    for _ in range(9):
        source.translate(request)

    signs = [context(source, None, "93.184.216.34").suspicions for _ in range(3)]
    clock.advance(hours=1)

    assert signs == [(), (), ("many_posts",)]
    assert context(source, None, "93.184.216.34").suspicions == ()


def test_neighbours_in_one_network_of_ipv6_are_one_and_a_proxy_of_ours_is_nobody() -> None:
    source = WebForm(Options(per_hour=1), lent_tools("contact"))

    assert context(source, None, "2a00:1450:4001:81b::1").suspicions == ()
    assert context(source, None, "2a00:1450:4001:81b::2").suspicions == ("many_posts",)
    proxies = ("10.0.0.7", "127.0.0.1", "", "proxy")
    assert [context(source, None, client).suspicions for client in proxies * 3] == [()] * 12


def test_without_a_secret_nothing_is_handed_out_and_no_stamp_is_asked_for() -> None:
    plain = WebForm(Options(), lent_tools("contact"))

    assert plain.handshakes == ()
    assert context(plain, None).suspicions == ()
    assert stamping().handshakes == ("GET",)


@pytest.mark.parametrize(
    ("signs", "verdict"),
    [
        (("no_stamp",), "new"),
        (("captcha_unchecked",), "new"),
        (("captcha_failed",), "new"),
        (("captcha_failed", "no_stamp"), "quarantined"),
        (("forged_stamp", "captcha_missing"), "quarantined"),
        (("too_fast", "many_posts"), "quarantined"),
    ],
)
def test_one_sign_alone_holds_nobody_back_and_two_do(signs: tuple[str, ...], verdict: str) -> None:
    draft = drafted({**EVA, "message": "Hello there"}, context=Context(suspicions=signs))

    decision = decide(draft, NOBODY, around())

    assert decision.verdict is Verdict(verdict)
    assert [name for name, _ in decision.story["junk"]["signals"]] == sorted(signs, key=_order)


def _order(sign: str) -> int:
    return list(DEFAULT_WEIGHTS).index(sign)


@pytest.fixture
def service() -> Iterator[FakeCaptcha]:
    with FakeCaptcha() as fake:
        yield fake


def checking(service: FakeCaptcha, clock: FakeClock | None = None, kind: str = "turnstile", **said: Any) -> CheckedForm:
    captcha = {"type": kind, "secret": SECRET, "url": service.url + "/siteverify", **said.pop("captcha", {})}
    made = plugin.make(Options.model_validate({"captcha": captcha, **said}), lent_tools("contact", clock, patience=1))
    assert isinstance(made, CheckedForm)
    return made


def solved_post(token: str = "good", field: str = "cf-turnstile-response") -> WebRequest:
    return post({**EVA, field: token})


class TestContract(SourceContract):
    plugin = plugin
    secrets = (SECRET,)

    @pytest.fixture
    def source(self, service: FakeCaptcha) -> WebForm:
        return checking(service)

    def delivery(self) -> WebRequest:
        return solved_post()

    def signed(self, body: bytes) -> WebRequest:
        return post(body, (FORM, "application/json")[len(body) % 2])


def test_the_service_is_not_asked_before_the_post_is_kept(service: FakeCaptcha) -> None:
    submission = received(checking(service), solved_post())

    assert submission.announced
    assert service.log == []
    assert [answer.id for answer in submission.answers] == list(EVA)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("turnstile", "cf-turnstile-response"),
        ("hcaptcha", "h-captcha-response"),
        ("recaptcha", "g-recaptcha-response"),
    ],
)
def test_a_captcha_that_was_solved_leaves_no_sign(service: FakeCaptcha, kind: str, field: str) -> None:
    service.solved["good"] = {"hostname": "www.acme.example"}
    source = checking(service, kind=kind, origins=[SITE])

    whole = source.collect(received(source, solved_post(field=field)))

    assert (whole.announced, whole.context.suspicions) == (False, ())


@pytest.mark.parametrize(
    "said",
    [{}, {"good": {"hostname": "elsewhere.example"}}, {"good": {"score": 0.2}}],
    ids=["not", "elsewhere", "score"],
)
def test_one_that_was_not_solved_here_or_by_a_person_is_a_sign(service: FakeCaptcha, said: dict[str, Any]) -> None:
    service.solved |= said
    source = checking(service, origins=[SITE])

    assert source.collect(received(source, solved_post())).context.suspicions == ("captcha_failed",)


def test_none_at_all_is_a_sign_and_nobody_is_asked(service: FakeCaptcha) -> None:
    submission = received(checking(service), post(EVA))

    assert (submission.announced, submission.context.suspicions) == (False, ("captcha_missing",))
    assert service.log == []


@pytest.mark.parametrize(("fail", "sign"), [("open", "captcha_unchecked"), ("closed", "captcha_failed")])
def test_a_service_that_is_away_is_waited_for_a_moment_and_then_done_without(
    service: FakeCaptcha, fail: str, sign: str
) -> None:
    clock = FakeClock(NOON)
    source = checking(service, clock, captcha={"fail": fail})
    service.order_fault("server_error", "POST", "/siteverify")
    submission = received(source, solved_post())

    with pytest.raises(Retryable):
        source.collect(submission)
    asked = len(service.log)
    clock.advance(seconds=PATIENCE.total_seconds() + 1)

    assert source.collect(submission).context.suspicions == (sign,)
    assert len(service.log) == asked  # it was away a moment ago: not asked again for every post
    clock.advance(seconds=30)
    service.solved["next"] = {}
    assert source.collect(received(source, solved_post("next"))).context.suspicions == ()


def test_a_wrong_secret_of_ours_accuses_nobody_and_the_check_tells(service: FakeCaptcha) -> None:
    source = checking(service, captcha={"secret": "not-the-secret"})

    assert source.collect(received(source, solved_post())).context.suspicions == ("captcha_unchecked",)
    assert [finding.what for finding in source.check() if not finding.ok] == ["captcha (turnstile)"]


@pytest.mark.parametrize("kind", ["turnstile", "recaptcha"])
def test_an_answer_of_the_service_that_was_lost_accuses_nobody(service: FakeCaptcha, kind: str) -> None:
    clock = FakeClock(NOON)
    service.solved["good"] = {}
    source = checking(service, clock, kind=kind)
    service.order_fault("commit_then_drop", "POST", "/siteverify")
    submission = received(source, solved_post())

    with pytest.raises(Retryable):
        source.collect(submission)
    clock.advance(seconds=31)

    expected = () if kind == "turnstile" else ("captcha_unchecked",)
    assert source.collect(submission).context.suspicions == expected


def test_the_whole_way_a_failed_captcha_and_a_missing_stamp_make_it_held_back(
    world: World, service: FakeCaptcha
) -> None:
    source = checking(service, world.clock, stamp_secret=STAMP_SECRET)
    health = Health(world.store, Intake(world.store.inbox, Bell()), list)
    collector = Collector("contact", source, world.store, Bell(), "me", health, Heartbeat(), lambda: 1.0)
    submission: Submission = replace(received(source, solved_post("bad")), received_at=world.clock.now())
    world.store.inbox.accept([submission])
    world.settle()
    assert world.leads() == []  # it waits for the service, a moment

    collector.turn()
    world.settle()

    (held,) = world.store.reports.aside("quarantined")
    (event,) = world.store.reports.arrival_events(held.id)[-1:]
    assert {name for name, _ in event.detail["junk"]["signals"]} >= {"no_stamp", "captcha_failed"}
    assert world.operations().restore([held.id]) == 1
    world.settle()
    assert len(world.leads()) == 1
