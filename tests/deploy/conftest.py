"""A fake HubSpot for the drills, prepared as `syncd prepare` does it."""

from tests.e2e.conftest import hubspot

__all__ = ["hubspot"]
