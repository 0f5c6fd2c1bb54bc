"""A condition that cannot be compiled is refused with the place of the mistake and a way out."""

import pytest

from syncd.core.routing.conditions import ConditionError, compile_condition

FIELDS = ("country", "company_size", "postal_code", "email", "hot")


def mistake(tree):
    with pytest.raises(ConditionError) as caught:
        compile_condition(tree, FIELDS)
    return caught.value.path, str(caught.value)


@pytest.mark.parametrize(
    ("tree", "path", "words"),
    [
        ({"contry": "DE"}, ("contry",), "did you mean country?"),
        ({"country": {"startswith": "D"}}, ("country", "startswith"), "did you mean starts_with?"),
        ({"country": {"regex": "D.*"}}, ("country", "regex"), "unknown operator 'regex'; use one of"),
        ({"any": [{"country": "DE"}, {"size": "1"}]}, ("any", 1, "size"), "unknown field"),
        ({"country": ["DE", None]}, ("country", 1), "plain value"),
        ({"country": {"in": ["DE", ["AT"]]}}, ("country", "in", 1), "plain value"),
        ({"country": []}, ("country",), "empty list"),
        ({"country": " "}, ("country",), "exists: false"),
        ({"country": {}}, ("country",), "no operator"),
        ({"company_size": {"at_least": "big"}}, ("company_size", "at_least"), "takes a number"),
        ({"company_size": {"from": "50", "to": "5"}}, ("company_size", "to"), "wrong way round"),
        ({"postal_code": {"from": "81", "to": "80331"}}, ("postal_code", "to"), "wrong way round"),
        ({"postal_code": {"from": "-"}}, ("postal_code", "from"), "no letter or digit"),
        ({"email": {"domain_in": ["acme.com", "acme"]}}, ("email", "domain_in", 1), "not a domain"),
        ({"hot": {"exists": "maybe"}}, ("hot", "exists"), "true or false"),
        ({"any": {"country": "DE"}}, ("any",), "list of conditions"),
        ({"all": []}, ("all",), "list of conditions"),
        ({"not": [{"country": "DE"}]}, ("not",), "mapping"),
        ({}, (), "empty condition"),
        ("DE", (), "mapping"),
        (None, (), "mapping"),
    ],
)
def test_a_mistake_is_named_with_its_place(tree, path, words):
    place, message = mistake(tree)

    assert place == path
    assert words in message


def test_nesting_is_capped_even_for_a_tree_that_contains_itself():
    tree = {}
    tree["not"] = tree

    path, message = mistake(tree)

    assert path == ("not",) * 21
    assert "20 deep" in message
