"""Tests of the whole start from a migrated database."""

from tests.templates import database_url, migrated_postgres, migrated_sqlite, other

__all__ = ["database_url", "migrated_postgres", "migrated_sqlite", "other"]
