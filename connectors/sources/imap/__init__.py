"""A mailbox, read by IMAP (RFC 9051, and RFC 3501 before it): told of new mail by IDLE, with a poll beneath it."""

from connectors.sources.imap.options import Options
from connectors.sources.imap.source import Imap
from syncd.connector import Plugin

plugin = Plugin(Options, Imap)

__all__ = ["Imap", "Options", "plugin"]
