"""Odoo: leads of its CRM with a salesperson, activities and notes."""

from connectors.sinks.odoo.options import OdooOptions
from connectors.sinks.odoo.sink import Odoo
from syncd.connector import Plugin

plugin = Plugin(OdooOptions, Odoo)

__all__ = ["Odoo", "OdooOptions", "plugin"]
