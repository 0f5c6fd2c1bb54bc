"""Reading mails: values in, values out. `read_mail` never fails, whatever the bytes."""

from syncd.core.mail.noise import IN_SPAM_FOLDER
from syncd.core.mail.reading import Reading, mail_submission, read_mail
from syncd.core.mail.rules import MailRules
from syncd.core.mail.template import CONTEXT_PARTS, PERSON, Layout, Seen, Template
from syncd.core.mail.verdict import Verdict
from syncd.core.mail.writing import known_templates, template_of

__all__ = [
    "CONTEXT_PARTS",
    "IN_SPAM_FOLDER",
    "PERSON",
    "Layout",
    "MailRules",
    "Reading",
    "Seen",
    "Template",
    "Verdict",
    "known_templates",
    "mail_submission",
    "read_mail",
    "template_of",
]
