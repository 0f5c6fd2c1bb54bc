"""Odoo as a real HTTP server: the JSON-2 API of its CRM."""

from tests.fakes.odoo.service import FakeOdoo

__all__ = ["FakeOdoo"]
