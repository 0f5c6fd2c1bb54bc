"""What people type -> what can be stored, shown and compared. Pure; no function here ever raises."""

from syncd.core.cleaning.companies import Company, clean_company
from syncd.core.cleaning.countries import clean_country
from syncd.core.cleaning.domains import DISPOSABLE, FREEMAIL, DomainFacts, domain_facts
from syncd.core.cleaning.emails import Email, clean_email
from syncd.core.cleaning.names import PersonName, clean_name, similar_names
from syncd.core.cleaning.phones import Phone, clean_phone, find_phones, phone_link, shown_phone
from syncd.core.cleaning.text import clean_line, clean_text, match_form, plain_form

__all__ = [
    "DISPOSABLE",
    "FREEMAIL",
    "Company",
    "DomainFacts",
    "Email",
    "PersonName",
    "Phone",
    "clean_company",
    "clean_country",
    "clean_email",
    "clean_line",
    "clean_name",
    "clean_phone",
    "clean_text",
    "domain_facts",
    "find_phones",
    "match_form",
    "phone_link",
    "plain_form",
    "shown_phone",
    "similar_names",
]
