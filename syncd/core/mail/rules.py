"""What a reader of mails is told about the company whose mails they are."""

from dataclasses import dataclass

from syncd.core.mail.template import Template


@dataclass(frozen=True, slots=True)
class MailRules:
    """Domains and addresses in lower case."""

    own_domains: frozenset[str] = frozenset()  # whoever writes from there is a colleague, and so are subdomains
    own_addresses: frozenset[str] = frozenset()  # of colleagues elsewhere, and of the mailboxes that are read
    country: str = ""  # ISO code, for phone numbers without a prefix
    templates: tuple[Template, ...] = ()  # of the config; tried before those that syncd brings
    trusted_hosts: frozenset[str] = frozenset()  # whose Authentication-Results count; see `authentic`
    vouched: bool = False  # the mail server lets no forged mail through: every sender is who it says
    from_spam_folder: bool = False  # the server has put it there

    def is_own(self, email: str) -> bool:
        """Whether this is the address of a colleague, or one of the mailboxes that are read."""
        domain = email.rpartition("@")[2]
        return email in self.own_addresses or any(
            domain == own or domain.endswith(f".{own}") for own in self.own_domains
        )
