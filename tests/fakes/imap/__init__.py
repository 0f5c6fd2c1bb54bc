"""An IMAP server that holds to RFC 3501 and 9051, for loopback: strict with clients, and failing to order."""

from tests.fakes.imap.server import PASSWORD, USER, FakeImap

__all__ = ["PASSWORD", "USER", "FakeImap"]
