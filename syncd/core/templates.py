"""Task and note texts: Jinja2 in its immutable sandbox. What people typed is data, never template source."""

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

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
{% endif %}{% for remark in remarks %}{{ remark }}
{% endfor %}You got this by: {{ why }}
Due: {{ due_long }}
{% if url %}{{ url }}
{% endif %}"""

SAMPLE: Mapping[str, object] = {
    "verb": "Call", "who": "Eva Muster", "first_name": "Eva", "last_name": "Muster", "company": "Acme GmbH",
    "topic": "pricing", "due": "14:30", "due_long": "Mon 23 Nov 2026, 14:30 (Europe/Berlin)",
    "question": "How much is it?", "phone": "+49 30 1234567", "email": "eva@example.com", "job_title": "CTO",
    "country": "DE", "lead_source": "Website", "source": "contact", "channel": "organic_search",
    "campaign": "", "page": "https://example.com/contact", "interactions": 1, "remarks": (),
    "why": "rule everyone else", "url": "", "owner": "Tom", "rule": "everyone else", "lead": "L1",
    "stage": "lead", "answers": (("Question", "Answer"),), "fields": {}, "known": False,
}  # fmt: skip
"""Every variable that a task template may use, with an example."""

LONGEST = 20_000
_LONGEST_SOURCE = 10_000


class _Forgiving(ImmutableSandboxedEnvironment):
    """At run time a misspelt variable leaves a gap; it must never lose a lead's task."""


_strict = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_lenient = _Forgiving(undefined=Undefined, autoescape=False)


def check_template(source: str) -> list[str]:
    """What is wrong with a template, as seen by rendering it with sample values; empty when nothing is."""
    if len(source) > _LONGEST_SOURCE:
        return [f"longer than {_LONGEST_SOURCE} characters"]
    try:
        _strict.from_string(source).render(SAMPLE)
    except (TemplateError, ArithmeticError, TypeError, ValueError, OverflowError) as error:
        return [str(error) or type(error).__name__]
    return []


def render(source: str, values: Mapping[str, object], fallback: str) -> str:
    """The text, cut at LONGEST characters; `fallback` when the template fails."""
    try:
        text = _compiled(source).render(values)
    except (TemplateError, ArithmeticError, TypeError, ValueError, OverflowError):
        return fallback
    return text[:LONGEST].strip() or fallback


@lru_cache(maxsize=512)
def _compiled(source: str) -> Template:
    return _lenient.from_string(source)
