"""Services that receive mails and post them: Mailgun, SendGrid, Postmark."""

from connectors.sources.inbound_mail.mailgun import Mailgun, MailgunOptions
from connectors.sources.inbound_mail.posted import PostedMail
from connectors.sources.inbound_mail.postmark import Postmark, PostmarkOptions
from connectors.sources.inbound_mail.sendgrid import SendGrid, SendGridOptions
from syncd.connector import About, Plugin

_PARTS = "Posts that hold a mail taken apart are read too, without its attachments."
_LARGE = "A post may be as large as `largest` asks for, whatever `web.body_limit` is."
_MADE_UP = "Posts made up after the service's pages (as read in November 2026), never the service itself."

mailgun = Plugin(
    MailgunOptions,
    lambda options, tools: PostedMail(options, tools, Mailgun(options)),
    About(
        "Mailgun routes",
        "https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http",
        setup=(
            'Receiving, Create route: forward("{url}?as=mime"). An address that ends with "mime" gets whole mails.',
            "Sending, Webhooks: the HTTP webhook signing key is `secret`.",
        ),
        missed="Nothing is fetched: Mailgun tries again for eight hours.",
        tested=f"{_MADE_UP} From memory: that a repeated post may carry its first time, hence nine hours of patience.",
        notes=("The signature is over the time and a random token: a token brings one mail.", _PARTS, _LARGE),
        example={"secret": "${MAILGUN_SIGNING_KEY}"},
    ),
)
postmark = Plugin(
    PostmarkOptions,
    lambda options, tools: PostedMail(options, tools, Postmark(options)),
    About(
        "Postmark inbound",
        "https://postmarkapp.com/developer/webhooks/inbound-webhook",
        setup=(
            "The inbound stream's settings: {url} as the webhook, with user:password@ in front of the host.",
            'There too: "Include raw email content in JSON payload".',
        ),
        missed="Nothing is fetched: Postmark tries again ten times.",
        tested=_MADE_UP,
        notes=("Postmark signs nothing: `basic`, or a `token` in the address.", _PARTS, _LARGE),
        example={"basic": "{user: postmark, password: '${POSTMARK_PASSWORD}'}"},
    ),
)
sendgrid = Plugin(
    SendGridOptions,
    lambda options, tools: PostedMail(options, tools, SendGrid(options)),
    About(
        "SendGrid Inbound Parse",
        "https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook",
        setup=(
            'Settings, Inbound Parse: {url}, with "POST the raw, full MIME message".',
            "By its API: a security policy with a signature; its public key is `public_key`. Or a `token`.",
        ),
        missed="Nothing is fetched: SendGrid tries again for three days.",
        tested=f"{_MADE_UP} From memory: that the headers of the signature are those of the event webhook.",
        notes=(_PARTS, _LARGE),
        example={"token": "${SENDGRID_TOKEN}"},
    ),
)

__all__ = ["mailgun", "postmark", "sendgrid"]
