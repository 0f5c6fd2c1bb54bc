"""What one entry says of another."""

from collections.abc import Callable

import pytest

from syncd.config.load import Loaded

Load = Callable[..., Loaded]
Problems = Callable[..., list[str]]

CATCH_ALL = "  - {name: everyone else, assign: eva}"


def test_the_last_rule_must_take_what_is_left(problems: Problems) -> None:
    (said,) = problems((CATCH_ALL + "\n", ""))

    assert said.startswith("config.yaml:17:5  rules[0]: the last rule has a condition; add one below it")
    assert said.endswith("- {name: everyone else, assign: <one of people>}")


def test_a_rule_that_can_never_fire_is_told_at_its_place(problems: Problems) -> None:
    swiss = "  - {name: swiss, when: {country: CH}, assign: tom}"
    bavarian = "  - {name: bavarian, when: {country: [DE, AT], state: BY}, assign: tom}"

    said = problems((CATCH_ALL, "\n".join([bavarian, CATCH_ALL, swiss, CATCH_ALL.replace("else", "then")])))

    assert [(line.split(":")[1], line.split(": ", 1)[1].split(":")[0]) for line in said] == [
        ("18", 'rule "bavarian" is never reached'),
        ("20", 'rule "swiss" is never reached'),
        ("21", 'rule "everyone then" is never reached'),
    ]


def test_two_rules_of_one_name_are_refused(problems: Problems) -> None:
    said = problems(("name: german", "name: everyone else"))

    assert said == [
        'config.yaml:17:5  rules[0]: 2 rules are called "everyone else": explanations could not tell them apart'
    ]


def test_a_condition_is_told_at_the_key_that_is_wrong(problems: Problems) -> None:
    deep = """when:
      any:
        - not: {email: {domain_in: [gmail.com]}}
        - country: {inn: [DE]}
    assign: tom}"""

    said = problems(
        ("{name: german, when: {country: [DE, AT]}, assign: {pool: sales}}", f"name: german\n    {deep[:-1]}")
    )

    assert said == ["config.yaml:21:21  rules[0].when.any[1].country.inn: unknown operator 'inn' (did you mean in?)"]


@pytest.mark.parametrize(
    "fact",
    [
        "source",
        "form",
        "channel",
        "utm_campaign",
        "email_domain",
        "freemail",
        "known",
        "interactions",
        "page",
    ],
)
def test_a_rule_may_ask_about_the_visit_and_the_person(load: Load, fact: str) -> None:
    loaded = load(("{country: [DE, AT]}", f"{{{fact}: [contact, 'true']}}"))

    assert loaded.playbook.rules[0].when is not None


def test_two_people_cannot_share_an_address(problems: Problems) -> None:
    said = problems(("tom@acme.com", "EVA@acme.com"))

    assert said == ["config.yaml:9:33  people.tom.email: eva has this address too; a CRM could not tell them apart"]


def test_only_one_sink_is_the_system_of_record(problems: Problems) -> None:
    said = problems(
        ("crm: {type: crm}", "a: {type: crm, system_of_record: yes}\n  b: {type: crm, system_of_record: yes}")
    )

    assert said == ["config.yaml:16:36  sinks.b.system_of_record: a is the system of record already"]


def test_a_source_maps_known_fields_to_questions(problems: Problems) -> None:
    said = problems(
        ('form_id: "17"', "form_id: 17, map: {emial: q1, full_name: q2, phone: }, country: Mordor, tag: Web"),
        ("version: 1", "version: 1\nlead_sources: [Website, Fair]"),
    )

    assert said == [
        "config.yaml:14:45  sources.contact.map.emial: unknown field (did you mean email?)",
        "config.yaml:14:78  sources.contact.map.phone: is empty: give the id, ref or label of a question",
        'config.yaml:14:90  sources.contact.country: "Mordor" is not a country; write its ISO code, as DE or US',
        'config.yaml:14:103  sources.contact.tag: "Web" is not in lead_sources (did you mean Website?)',
    ]


def test_files_of_another_source_name_one_that_is_there(problems: Problems) -> None:
    said = problems(("sources:\n", "sources:\n  files: {type: files, as_source: contacts}\n"))

    assert said == [
        'config.yaml:13:35  sources.files.as_source: "contacts" is not in sources (did you mean contact?)',
    ]


def test_people_who_have_left_are_warned_of_where_they_are_still_named(load: Load) -> None:
    loaded = load(
        ("{name: Tom Maier,", "{name: Tom Maier, active: no,"),
        ("[eva, tom]", "[tom]"),
        (CATCH_ALL, f"  - {{name: swiss, when: {{country: CH}}, assign: tom}}\n{CATCH_ALL}"),
    )

    assert [str(warning) for warning in loaded.warnings] == [
        "config.yaml:11:20  pools.sales.members: nobody of these is active; the last rule takes over",
        "config.yaml:18:48  rules[1].assign: tom is not active; the last rule takes over",
    ]


def test_an_unknown_name_without_a_near_one_lists_those_there_are(problems: Problems) -> None:
    said = problems(("assign: eva", "assign: jsmith"))

    assert said == ['config.yaml:18:35  rules[1].assign: "jsmith" is not in people: (eva, tom)']


def test_a_probe_must_name_what_there_is(problems: Problems) -> None:
    said = problems((CATCH_ALL, f"{CATCH_ALL}\nprobe: {{source: contakt, sinks: [crn]}}"))

    assert [line.partition("  ")[2].partition(":")[0] for line in said] == ["probe.source", "probe.sinks"]


def test_what_must_come_is_written_as_a_rate(problems: Problems) -> None:
    (said,) = problems(('form_id: "17"}', 'form_id: "17", expect: often}'))

    assert 'expect: "often" is no rate; write 1 per day' in said
