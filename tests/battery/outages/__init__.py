"""Outages of everything outside: each scenario states its figures and the limits that fail it."""
