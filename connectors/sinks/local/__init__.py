"""The built-in CRM book: for trials, and for firms that have no CRM yet."""

from connectors.sinks.local.sink import Local, LocalOptions
from syncd.connector import Plugin

plugin = Plugin(LocalOptions, Local)

__all__ = ["Local", "LocalOptions", "plugin"]
