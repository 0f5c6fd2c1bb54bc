"""A mailbox, read by IMAP (RFC 9051, and RFC 3501 before it): told of new mail by IDLE, with a poll beneath it."""

from connectors.sources.imap.options import Options
from connectors.sources.imap.source import Imap
from syncd.connector import About, Plugin

plugin = Plugin(
    Options,
    Imap,
    About(
        "A mailbox (IMAP)",
        "https://www.rfc-editor.org/rfc/rfc9051",
        setup=(
            "Gmail: an app password, or an OAuth client with the scope https://mail.google.com/ (oauth).",
            "Microsoft 365: an app in Entra ID with IMAP.AccessAsUser.All or IMAP.AccessAsApp (`oauth`).",
            "Any other server: host, user and password. docs/mail.md has each step by step.",
            "`syncd check --connect` logs in and says which folders there are.",
        ),
        missed="Whatever is in the folders is read, however late. `syncd backfill` goes back to a day.",
        tested="A strict server of our own that breaks off at every command, and Dovecot 2.3 (IDLE, MOVE, other UIDs, "
        "XOAUTH2). Not against Gmail, Microsoft 365 or Exchange: what is said of them is from their own pages.",
        notes=(
            "Mails stay untouched and unread, unless `flag` or `move_to` says otherwise, and then after the commit.",
            "The first look takes nothing that is there already, unless `history` is `all` or a day.",
            "Only the first of the `folders` is listened to; the others are looked at every `every` seconds.",
        ),
        example={"host": "imap.example.com", "user": "sales@example.com", "password": "${MAIL_PASSWORD}"},
    ),
)

__all__ = ["Imap", "Options", "plugin"]
