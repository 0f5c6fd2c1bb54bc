"""A mailbox, read by IMAP (RFC 9051, and RFC 3501 before it): told of new mail by IDLE, with a poll beneath it."""

from connectors.sources.imap.options import Options
from connectors.sources.imap.source import Imap
from syncd.connector import About, Plugin

plugin = Plugin(
    Options,
    Imap,
    About(
        "A mailbox (IMAP)",
        setup=(
            "Gmail: an app password, or an OAuth client; Microsoft 365: an app with IMAP.AccessAsUser.All (`oauth`).",
            "Any other server: host, user and password. See docs/mail.md.",
        ),
        missed="Every mail that is still in the folders, however late it is looked at; a new UIDVALIDITY is no matter.",
        tested="A fake server, and a real one where there is one: docs/mail.md.",
        notes=("Message-ID, sender, date and text make the key. Nothing in the mailbox is touched unless you say so.",),
        example={"host": "imap.example.com", "user": "sales@example.com", "password": "${MAIL_PASSWORD}"},
    ),
)

__all__ = ["Imap", "Options", "plugin"]
