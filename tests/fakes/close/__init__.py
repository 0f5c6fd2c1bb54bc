"""Close as a real HTTP server: leads with contacts, custom fields, tasks, notes, users, search and event log."""

from tests.fakes.close.service import FakeClose

__all__ = ["FakeClose"]
