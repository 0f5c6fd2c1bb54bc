"""Pipedrive: persons with an owner, a lead or deal for each, activities and notes."""

from connectors.sinks.pipedrive.options import PipedriveOptions
from connectors.sinks.pipedrive.sink import Pipedrive
from syncd.connector import Plugin

plugin = Plugin(PipedriveOptions, Pipedrive)

__all__ = ["Pipedrive", "PipedriveOptions", "plugin"]
