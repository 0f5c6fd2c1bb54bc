"""A form whose page shows a captcha: kept and answered at once like any other, and asked about before it is planned."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from connectors.sources.form.body import read_fields, value_of
from connectors.sources.form.captcha import FIELDS, Captcha, CaptchaOptions
from connectors.sources.form.options import Options
from connectors.sources.form.source import WebForm
from syncd.connector import Finding, FormField, Received, Submission, Suspicion, SyncdError, Tools, WebRequest


def open_form(options: Options, tools: Tools) -> WebForm:
    return CheckedForm(options, options.captcha, tools) if options.captcha else WebForm(options, tools)


class CheckedForm(WebForm):
    """`receive` asks nobody. `collect` always comes to a verdict, so a service that is away costs no lead."""

    def __init__(self, options: Options, captcha: CaptchaOptions, tools: Tools) -> None:
        super().__init__(options, tools)
        hosts = {urlsplit(origin).hostname or "" for origin in options.origins} - {""}
        self.clock, self.captcha = tools.clock, Captcha(captcha, tools.http, tools.clock, hosts)

    def taken(self, request: WebRequest, *, counts: bool) -> Received:
        received = super().taken(request, counts=counts)
        solved = _token(read_fields(request.body, request.header("content-type")))
        submissions = [
            replace(each, announced=True) if solved else _with(each, Suspicion.CAPTCHA_MISSING)
            for each in received.submissions
        ]
        return Received(submissions, received.reply)

    def collect(self, submission: Submission) -> Submission:
        """The same, with what the service says of it. Raises Retryable for a moment when the service is away."""
        token = _token(read_fields(submission.raw, submission.content_type))
        verdict = self.captcha.judge(token, self.clock.now() - submission.received_at)
        whole = replace(submission, announced=False, raw=b"")
        if verdict == "passed":
            return whole
        unsure = verdict == "unchecked" and self.captcha.options.fail == "open"
        return _with(whole, Suspicion.CAPTCHA_UNCHECKED if unsure else Suspicion.CAPTCHA_FAILED)

    def check(self) -> Sequence[Finding]:
        what = f"captcha ({self.captcha.options.type})"
        try:
            known = self.captcha.secret_is_known()
        except SyncdError as error:
            return [*super().check(), Finding(what, ok=False, detail=str(error))]
        remedy = "" if known else "copy the secret key of this site from the service"
        said = "the service takes the secret" if known else "the service does not know the secret"
        return [*super().check(), Finding(what, ok=known, detail=said, remedy=remedy)]

    def close(self) -> None:
        self.captcha.http.close()


def _token(fields: Sequence[FormField]) -> str:
    return next((value for name in FIELDS if (value := value_of(fields, name).strip())), "")


def _with(submission: Submission, sign: Suspicion) -> Submission:
    context = submission.context
    return replace(submission, context=replace(context, suspicions=(*context.suspicions, sign)))
