"""Any service that takes leads by HTTP: VanillaSoft, Membrain, an agency's own API."""

from connectors.sinks.http.options import HttpSinkOptions
from connectors.sinks.http.sink import HttpSink
from syncd.connector import Plugin

plugin = Plugin(HttpSinkOptions, HttpSink)

__all__ = ["HttpSink", "HttpSinkOptions", "plugin"]
