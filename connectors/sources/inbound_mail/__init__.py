"""Services that receive mails and post them: Mailgun, SendGrid, Postmark."""

from connectors.sources.inbound_mail.mailgun import Mailgun, MailgunOptions
from connectors.sources.inbound_mail.posted import PostedMail
from connectors.sources.inbound_mail.postmark import Postmark, PostmarkOptions
from connectors.sources.inbound_mail.sendgrid import SendGrid, SendGridOptions
from syncd.connector import Plugin

mailgun = Plugin(MailgunOptions, lambda options, tools: PostedMail(options, tools, Mailgun(options)))
postmark = Plugin(PostmarkOptions, lambda options, tools: PostedMail(options, tools, Postmark(options)))
sendgrid = Plugin(SendGridOptions, lambda options, tools: PostedMail(options, tools, SendGrid(options)))

__all__ = ["mailgun", "postmark", "sendgrid"]
