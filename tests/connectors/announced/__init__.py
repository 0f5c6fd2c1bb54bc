"""Providers that post ids alone."""
