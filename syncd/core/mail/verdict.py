"""What a mail can be."""

from enum import StrEnum


class Verdict(StrEnum):
    """What a mail is. All but the first and the last are no lead: kept, never routed, released by a person."""

    LEAD = "lead"  # somebody asks, or answers
    BOUNCE = "bounce"  # what was sent could not be delivered, or not yet
    COMPLAINT = "complaint"  # somebody called a mail of ours spam
    RECEIPT = "receipt"  # a mail was displayed
    AUTO_REPLY = "auto_reply"  # out of the office, a ticket number
    LIST = "list"  # a newsletter, a mailing list, bulk
    SPAM = "spam"  # the mail server says so
    OWN_COPY = "own_copy"  # from a colleague, and nobody else's words in it
    CALENDAR = "calendar"  # somebody accepts or declines an invitation
    MACHINE = "machine"  # a notification that names nobody who asks
    REVIEW = "review"  # a person has to say what it is
