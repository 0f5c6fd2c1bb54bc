"""A thousand rules and one lead: microseconds until the rule is found, with a line of explanation for each."""

import random
import time

from syncd.core.facts import FACT_NAMES
from syncd.core.playbook import Rule
from syncd.core.routing.conditions import compile_condition
from syncd.core.routing.rules import choose_rule


def thousand_rules(rounds: int = 50) -> dict[str, float]:
    dice = random.Random(1)
    rules = [_rule(place, dice) for place in range(999)]
    rules.append(Rule("everyone else", None, person="eva"))
    lead: dict[str, str | float | bool] = {
        "country": "DE", "company_size": "51-200", "postal_code": "80331", "message": "a quote", "email": "e@x.org",
    }  # fmt: skip
    started = time.perf_counter()
    for _ in range(rounds):
        choose_rule(rules, lead)
    return {"us per lead": (time.perf_counter() - started) / rounds * 1e6}


def _rule(place: int, dice: random.Random) -> Rule:
    area = str(place % 90 + 10)
    when = compile_condition(
        {
            "country": dice.choice([["AT", "CH"], ["FR"], ["US", "CA"], ["GB"]]),
            "company_size": {"from": "50", "to": "5000"},
            "postal_code": {"from": area, "to": area},
            "message": {"contains": ["pricing", "quote"]},
            "email": {"exists": "true"},
        },
        FACT_NAMES,
    )
    return Rule(f"rule {place}", when, person="eva")
