"""Pipedrive as a real HTTP server: persons, deals, activities and fields by v2, leads and notes by v1."""

from tests.fakes.pipedrive.service import FakePipedrive

__all__ = ["FakePipedrive"]
