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
        ),
        missed="Nothing: a browser sends once.",
        tested="Bodies of browsers, urlencoded and multipart, and of scripts.",
        notes=("The same content within 15 minutes is one submission, and so is the same _id or Idempotency-Key.",),
        example={"tag": "Website", "origins": "[https://www.acme.example]"},
    ),
)

__all__ = ["CheckedForm", "Options", "WebForm", "plugin"]
