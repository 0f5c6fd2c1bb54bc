"""HTML forms and scripts that post straight to syncd."""

from connectors.sources.form.checked import CheckedForm, open_form
from connectors.sources.form.options import Options
from connectors.sources.form.source import WebForm
from syncd.connector import Plugin

plugin = Plugin(Options, open_form)

__all__ = ["CheckedForm", "Options", "WebForm", "plugin"]
