"""The sources whose providers' APIs manage webhooks, each with a fake of that API."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connectors.sources import linkedin, meta, surveymonkey, tally, typeform
from connectors.sources.posted import (
    calcom,
    calendly,
    formbricks,
    formstack,
    gotowebinar,
    hosted,
    jotform,
    netlify,
    webflow,
)
from syncd.testing import lent_tools
from tests.connectors.announced.contract import SECRET
from tests.fakes import calendars, goto_hooks, webhooks
from tests.fakes import typeform as forms
from tests.fakes.ad_platforms import API_TOKEN, FakeLinkedIn, FakeMeta, FakeSurveyMonkey

TOKEN = "token-of-the-address"
BY_TOKEN = {"secret": None, "token": TOKEN}
"""Of providers that sign with no key of ours."""


@dataclass
class Case:
    name: str
    plugin: Any
    fake: Callable[[], Any]
    options: dict[str, Any]
    switch_off: Callable[[Any], object]
    count: Callable[[Any], int] = field(default=lambda fake: len(fake.hooks))
    missing: str = "secret"  # the option without which none can be made

    def made(self, fake: Any, **changes: Any) -> Any:
        """The source. An option that is changed to None is left out."""
        options = {"secret": SECRET, "base_url": fake.url, **self.options, **changes}
        kept = {name: value for name, value in options.items() if value is not None}
        return self.plugin.make(self.plugin.options.model_validate(kept), lent_tools("leads", patience=1))


def off(**how: object) -> Callable[[Any], object]:
    def switch(fake: Any) -> None:
        for hook in fake.hooks.values() if isinstance(fake.hooks, dict) else fake.hooks:
            hook.update(how)

    return switch


def gone(fake: Any) -> None:
    fake.hooks.clear()


def table(
    name: str, plugin: Any, style: webhooks.HookStyle, switch_off: Callable[[Any], object], **options: Any
) -> Case:
    """Of the table of hook APIs."""
    given = {"form_id": "f1", "api_token": webhooks.KEY, **options}
    return Case(name, plugin, partial(webhooks.FakeHooks, style), given, switch_off, missing="form_id")


TALLY = table("tally", tally.plugin, webhooks.TALLY, off(isEnabled=False))
JOTFORM = table("jotform", jotform.plugin, webhooks.JOTFORM, gone, **BY_TOKEN)
FORMBRICKS = table("formbricks", formbricks.plugin, webhooks.FORMBRICKS, off(triggers=["responseCreated"]), **BY_TOKEN)
PAPERFORM = table("paperform", hosted.paperform, webhooks.PAPERFORM, off(triggers=["partial_submission"]), **BY_TOKEN)
FORMSTACK = table("formstack", formstack.plugin, webhooks.FORMSTACK, gone)
CALCOM = table("calcom", calcom.plugin, webhooks.CALCOM, off(active=False), form_id=None)
CALCOM.missing = "secret"
WEBFLOW = table("webflow", webflow.plugin, webhooks.WEBFLOW, gone, site_id="65427cf4", **BY_TOKEN)
WEBFLOW.missing = "site_id"
TABLE = (TALLY, JOTFORM, FORMBRICKS, PAPERFORM, FORMSTACK, CALCOM, WEBFLOW)

TYPEFORM = Case(
    "typeform",
    typeform.plugin,
    lambda: forms.FakeTypeform({"id": "F1"}),
    {"form_id": "F1", "api_token": forms.API_TOKEN},
    off(enabled=False),
)
CALENDLY = Case(
    "calendly",
    calendly.plugin,
    lambda: calendars.FakeCalendly([]),
    {"api_token": calendars.API_TOKEN},
    off(state="disabled"),
)
GOTO = Case(
    "gotowebinar",
    gotowebinar.plugin,
    goto_hooks.FakeGoToHooks,
    {"api_token": goto_hooks.KEY, **BY_TOKEN},
    lambda fake: fake.switch_off(),
    count=lambda fake: len(fake.hooks) + len(fake.subscriptions),
    missing="token",
)
NETLIFY = Case(
    "netlify",
    netlify.plugin,
    webhooks.FakeNetlifyHooks,
    {"api_token": webhooks.KEY, "site_id": webhooks.FakeNetlifyHooks.SITE, "form_id": "f1"},
    off(disabled=True),
    missing="site_id",
)
CASES = (
    *TABLE,
    TYPEFORM,
    CALENDLY,
    GOTO,
    NETLIFY,
    Case(
        "meta",
        meta.plugin,
        FakeMeta,
        {"page_id": "500", "api_token": API_TOKEN},
        lambda fake: fake.subscribed.remove("leadgen"),
        count=lambda fake: len(fake.subscribed),
        missing="page_id",
    ),
    Case(
        "linkedin",
        linkedin.plugin,
        FakeLinkedIn,
        {"owner": "urn:li:sponsoredAccount:522529623", "api_token": API_TOKEN, "lead_types": ["SPONSORED", "EVENT"]},
        lambda fake: fake.hooks.pop(),
        missing="owner",
    ),
    Case(
        "surveymonkey",
        surveymonkey.plugin,
        lambda: FakeSurveyMonkey({"id": "105724755"}),
        {"api_key": "a", "survey_id": "105724755", "api_token": API_TOKEN},
        gone,
        missing="survey_id",
    ),
)
