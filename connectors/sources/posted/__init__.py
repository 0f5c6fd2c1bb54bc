"""Providers that are only names and paths: a table, by what they are for."""
