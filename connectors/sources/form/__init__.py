"""HTML forms and scripts that post straight to syncd."""

from connectors.sources.form.checked import CheckedForm, open_form
from connectors.sources.form.options import Options
from connectors.sources.form.source import WebForm
from syncd.connector import About, Plugin

plugin = Plugin(
    Options,
    open_form,
    About(
        "HTML form",
        setup=(
            'In the page: action="{url}" and method="post"; a hidden input _next says where people go afterwards.',
            "Add an input _gotcha that people cannot see: what fills it in is quarantined.",
            (
                "With stamp_secret, load {url} with ?stamp=js behind it as an async script: robots that post without "
                "opening the page, or at once, get junk points."
            ),
            "With captcha, show the widget of Turnstile, hCaptcha or reCAPTCHA inside the form; its field comes along.",
        ),
        missed="Nothing: a browser sends once.",
        tested="Bodies of browsers, urlencoded and multipart, and of scripts; captchas against a fake of the services, "
        "not against live accounts.",
        notes=(
            "The same content within 15 minutes is one submission, and so is the same _id or Idempotency-Key.",
            (
                "No post is refused for being suspicious: signs give junk points, and what they add up to decides "
                "([sources](../sources.md#spam-at-the-door)). A captcha is checked after the post is kept and answered."
            ),
        ),
        example={"tag": "Website", "origins": "[https://www.acme.example]"},
    ),
)

__all__ = ["CheckedForm", "Options", "WebForm", "plugin"]
