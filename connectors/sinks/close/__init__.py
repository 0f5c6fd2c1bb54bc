"""Close: leads with their contacts and an owner, tasks and notes."""

from connectors.sinks.close.options import CloseOptions
from connectors.sinks.close.sink import Close
from syncd.connector import Plugin

plugin = Plugin(CloseOptions, Close)

__all__ = ["Close", "CloseOptions", "plugin"]
