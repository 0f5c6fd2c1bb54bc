"""Reading mails: values in, values out. `read_mail` never fails, whatever the bytes."""

from syncd.core.mail.reading import Reading, Verdict, mail_submission, read_mail
from syncd.core.mail.rules import MailRules
from syncd.core.mail.template import Layout, Seen, Template

__all__ = ["Layout", "MailRules", "Reading", "Seen", "Template", "Verdict", "mail_submission", "read_mail"]
