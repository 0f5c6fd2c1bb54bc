"""Task texts: the usual ones, and what a template of the config may use."""

from collections.abc import Mapping

from syncd.core.sandbox import LONGEST, Sandbox
from syncd.errors import Rejected
from syncd.model import FIELDS

__all__ = ["BODY", "LONGEST", "SAMPLE", "SUBJECT", "check_template", "render"]

SUBJECT = (
    "{{ verb }} {{ who }}{% if company %} ({{ company }}){% endif %}"
    "{% if topic %} - {{ topic }}{% endif %} - by {{ due }}"
)
BODY = """\
{% if question %}{{ question }}

{% endif %}\
{% if phone %}Phone: {{ phone }}
{% endif %}{% if email %}E-mail: {{ email }}
{% endif %}Who: {{ who }}{% if job_title %}, {{ job_title }}{% endif %}{% if company %}, {{ company }}{% endif %}\
{% if country %}, {{ country }}{% endif %}

Source: {{ lead_source }} (form {{ source }}, channel {{ channel }}\
{% if campaign %}, campaign {{ campaign }}{% endif %})
{% if page %}Page: {{ page }}
{% endif %}{% if interactions > 1 %}They have asked {{ interactions }} times.
{% elif known %}The CRM knew them before.
{% endif %}{% for remark in remarks %}{{ remark }}
{% endfor %}You got this by: {{ why }}
Due: {{ due_long }}
{% if url %}{{ url }}
{% endif %}Lead: {{ lead }}"""

SAMPLE: Mapping[str, object] = {
    "verb": "Call", "who": "Eva Muster", "first_name": "Eva", "last_name": "Muster", "company": "Acme GmbH",
    "topic": "pricing", "due": "14:30", "due_long": "Mon 23 Nov 2026, 14:30 (Europe/Berlin)",
    "question": "How much is it?", "phone": "+49 30 1234567", "email": "eva@example.com", "job_title": "CTO",
    "country": "DE", "lead_source": "Website", "source": "contact", "channel": "organic_search",
    "campaign": "spring", "page": "https://example.com/contact", "interactions": 1, "remarks": ("A remark.",),
    "why": "rule everyone else", "url": "https://crm.example.com/7", "owner": "Tom", "rule": "everyone else",
    "lead": "L1", "stage": "lead", "answers": (("Question", "Answer"),), "fields": dict.fromkeys(FIELDS, "Example"),
    "known": False,
}  # fmt: skip
"""Every variable that a task template may use, with an example."""


def check_template(source: str) -> list[str]:
    """What is wrong with a template, also in branches that the sample values do not take; empty when nothing is."""
    return _TASKS.check(source)


def render(source: str, values: Mapping[str, object], fallback: str) -> str:
    """The text, cut at LONGEST characters; `fallback` when the template fails or says nothing.

    Here a misspelt variable leaves a gap: it must never lose a lead's task.
    """
    try:
        return _TASKS.render(source, values).strip() or fallback
    except Rejected:
        return fallback


_TASKS = Sandbox(SAMPLE)
