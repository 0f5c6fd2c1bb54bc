"""The whole way from a file to a playbook, and what is said when it cannot be gone."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.config.load import Loaded, load_config, load_text
from syncd.config.problems import ConfigErrors
from syncd.core.playbook import FieldPolicy
from tests.config.world import GOOD, CrmOptions, FormOptions, registry

Load = Callable[..., Loaded]
Problems = Callable[..., list[str]]

NO_CATCH_ALL = (
    "the last rule has a condition; add one below it that takes what is left: "
    "- {name: everyone else, assign: <one of people>}"
)


def written(path: Path, text: str = GOOD, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def said_of(path: Path, **environ: str) -> str:
    with pytest.raises(ConfigErrors) as raised:
        load_config(path, environ, registry())
    return str(raised.value)


def test_a_config_becomes_settings_a_playbook_and_connectors(tmp_path: Path) -> None:
    loaded = load_config(written(tmp_path / "config.yaml"), {}, registry())

    assert loaded.settings.company.name == loaded.playbook.company == "Acme"
    assert isinstance(loaded.sources["contact"].options, FormOptions)
    assert isinstance(loaded.sinks["crm"].options, CrmOptions)
    assert loaded.alerts == {}
    assert loaded.system_of_record == "crm"
    assert loaded.warnings == ()


def test_every_problem_of_every_section_is_told_in_one_run_in_the_order_of_the_file(
    problems: Problems,
) -> None:
    said = problems(
        ("version: 1", "version: 2"),
        ("country: DE", "country: Atlantis"),
        ("holidays: DE-BY", "holiday: DE-BY"),
        ("hours: office", "hours: offic"),
        ("[eva, tom]", "[eva, tmo]"),
        ('form_id: "17"', 'form: 17, region: usa, secret: "${SECRET}"'),
        ("{type: crm}", "{type: crn}"),
        ("{country: [DE, AT]}", "{contry: [DE, AT]}"),
        ("assign: eva}", "assign: sales, when: {source: contact}}"),
    )

    assert said == [
        "config.yaml:1:10  version: this syncd reads version 1",
        'config.yaml:2:32  company.country: "Atlantis" is not a country; write its ISO code, as DE or US',
        "config.yaml:6:5  hours.office.holiday: unknown option (did you mean holidays?)",
        'config.yaml:8:55  people.eva.hours: "offic" is not in hours (did you mean office?)',
        'config.yaml:11:11  pools.sales.members.tmo: "tmo" is not in people (did you mean tom?)',
        "config.yaml:13:3  sources.contact.form_id: missing - the form to read",
        "config.yaml:13:26  sources.contact.form: unknown option (did you mean form_id?)",
        'config.yaml:13:44  sources.contact.region: "usa" is not one of us, eu (did you mean us?)',
        "config.yaml:13:57  sources.contact.secret: the environment variable SECRET is not set",
        'config.yaml:15:15  sinks.crm.type: "crn" is not in the installed sink types (did you mean crm?)',
        "config.yaml:17:27  rules[0].when.contry: unknown field 'contry' (did you mean country?)",
        f"config.yaml:18:5  rules[1]: {NO_CATCH_ALL}",
        'config.yaml:18:35  rules[1].assign: "sales" is not in people; write {pool: sales} for the pool',
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{name: Tom Maier,", "{", "people.tom.name: missing - what colleagues call them"),
        ("name: Tom Maier", "name: ", "people.tom.name: missing - what colleagues call them"),
        ("tom@acme.com", "tom", "people.tom.email: is not an e-mail address"),
        ("{name: Tom Maier, email: tom@acme.com}", "Tom", "people.tom: should hold options (name: value)"),
        ("[acme.com]", "acme.com", "company.domains: should be a list, as [a, b]"),
        ("[acme.com]", "[acme]", 'company.domains[0]: "acme" is not a domain; write it as acme.com'),
        ("Europe/Berlin", "Berlin", 'company.zone: "Berlin" is not a time zone'),
        ("name: Acme", "name: [Acme]", "company.name: should be a single value"),
        ("09:00-17:00", "9-17", 'hours.office.week: "9-17": write hours like 09:00-17:30'),
        ("mon-fri", "workdays", 'hours.office.week: "workdays" is not a day'),
        ("DE-BY", "DE-XX", 'hours.office.holidays: holidays "DE-XX": DE has no part "XX"'),
        ("[eva, tom]", "[eva, eva]", 'pools.sales.members: "eva" is named twice'),
        ("[eva, tom]", "[{eva: 2}]", "pools.sales.members: should be a list of people"),
        ("[eva, tom]", "{eva: 0}", "pools.sales.members.eva: should be greater than or equal to 1"),
        ("[eva, tom]", "{eva: 2, tom: 1}", "pools.sales: different weights need method: weighted"),
        ("[eva, tom]", "[]", "pools.sales.members: is empty"),
        ("  contact:", "  con tact:", "sources.con tact: cannot be a name: use up to 63 letters"),
        (
            'form_id: "17"',
            'form_id: "17", limit: many',
            'sources.contact.limit: "many" is not a whole number',
        ),
        ("{type: crm}", "{type: crm, reserve: 120 %}", "sinks.crm.reserve: should be less than 1"),
        ("{type: crm}", "{type: crm, give_up: soon}", 'sinks.crm.give_up: "soon" is not a time'),
        (
            "{type: crm}",
            "{type: crm, patient: 1}",
            "sinks.crm.patient: unknown option (did you mean patience?)",
        ),
        ("{type: crm}", "{}", "sinks.crm.type: missing - which connector; see `syncd connectors`"),
        ("assign: eva", "assign: {}", "rules[1].assign: name one person, or {pool: one of pools}"),
        ("assign: eva", "assign: {group: eva}", "rules[1].assign.group: unknown option"),
        ("assign: eva", "assign: eva, hot: maybe", 'rules[1].hot: "maybe" is not yes or no'),
        ("assign: eva", "assign: eva, target: 5 parsecs", "rules[1].target: '5 parsecs' is not a target"),
        (
            "assign: eva",
            "assign: eva, priority: top",
            'rules[1].priority: "top" is not one of low, normal, high',
        ),
        (
            "assign: eva",
            "assign: eva, task: {subject: '{{ whom }}'}",
            "rules[1].task.subject: 'whom' is undefined",
        ),
        ("assign: eva", "assign: eva, task: {subject: '{{ who'}", "rules[1].task.subject: unexpected end"),
        ("when: {country: [DE, AT]}", "when: ", "rules[0]: when is empty: give a condition"),
    ],
)
def test_each_mistake_is_told_with_its_path_and_what_would_be_right(
    problems: Problems, old: str, new: str, said: str
) -> None:
    first = problems((old, new))[0]

    assert said in first


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("web: {host: 0.0.0.0}", "with host 0.0.0.0 others reach the console: set console_token"),
        ("web: {port: 70000}", "web.port: should be less than or equal to 65535"),
        ("web: {public_url: acme.com}", 'web.public_url: "acme.com" is not a web address'),
        ("web: {trusted_proxies: [10.0.0.1/8]}", "web.trusted_proxies: 10.0.0.1/8 has host bits set"),
        ("web: {console_token: short}", "web.console_token: should have at least 16 characters"),
        ("store: {url: mysql://db/x}", "store.url: write sqlite:///data/syncd.db or postgresql://"),
        ("log: {level: loud}", 'log.level: "loud" is not one of debug, info, warning, error'),
        ("fields: {emial: never}", "fields.emial: unknown field (did you mean email?)"),
        (
            "fields: {email: nevr}",
            'fields.email: "nevr" is not one of fill_empty, overwrite, append, max, never',
        ),
        ("junk: {flag: 90}", "junk: flag must not be above quarantine"),
        (
            "junk: {weights: {honypot: 10}}",
            'junk.weights: "honypot" is not in the signals (did you mean honeypot?)',
        ),
        ("targets: {hot: now}", "targets.hot: 'now' is not a target"),
        ("suppress: {emails: [nobody]}", "suppress.emails[0]: is not an e-mail address"),
        ("alerts: {team: {type: chat}}", "alerts.team.url: missing - address of the channel"),
        ("retention: 1", "retention: unknown option"),
    ],
)
def test_optional_sections_are_checked_too(problems: Problems, section: str, said: str) -> None:
    assert said in problems(("version: 1", f"version: 1\n{section}"))[0]


def test_sections_may_be_left_empty(load: Load) -> None:
    loaded = load(("version: 1", "version: 1\nweb:\nlog: {level: }\nsuppress: {domains: }\nalerts:\nfields: ~"))

    assert loaded.settings.web.port == 8080
    assert loaded.settings.log.level == "info"
    assert loaded.settings.suppress.domains == ()


def test_numbers_times_and_truth_values_may_be_written_as_people_do(load: Load) -> None:
    tuned = 'patience: 3, reserve: "20 %", read_back: 2 min, give_up: 1 week, system_of_record: on'
    loaded = load(
        ("{type: crm}", f"{{type: crm, {tuned}}}"),
        ("version: 1", 'version: "1"\nweb: {console: No, body_limit: 2 MiB}'),
    )

    sink = loaded.settings.sinks["crm"]
    assert (sink.patience, sink.reserve, sink.system_of_record) == (timedelta(seconds=3), 0.2, True)
    assert (sink.read_back, sink.give_up) == (timedelta(minutes=2), timedelta(weeks=1))
    assert not loaded.settings.web.console
    assert loaded.settings.web.body_limit == 2 * 1024 * 1024


def test_an_option_without_value_is_none_only_where_none_means_something(load: Load) -> None:
    loaded = load(("{type: crm}", "{type: crm, token: , remind: , names: {email: , phone: tel}}"))

    options = loaded.sinks["crm"].options
    assert isinstance(options, CrmOptions)
    assert options.remind is None
    assert options.names == {"email": "", "phone": "tel"}


def test_fields_and_their_policies_reach_the_playbook(load: Load) -> None:
    loaded = load(("version: 1", "version: 1\nfields: {message: append}"))

    assert loaded.playbook.policies == {"message": FieldPolicy.APPEND}


def test_a_relative_store_starts_in_the_folder_of_the_config(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    text = GOOD + "store: {url: sqlite:///../var/leads.db}\n"

    loaded = load_config(written(tmp_path / "etc" / "config.yaml", text), {}, registry())

    assert loaded.settings.store.url.get_secret_value() == f"sqlite:///{tmp_path}/etc/../var/leads.db"


def test_files_and_folders_start_in_the_folder_of_the_config(load: Load, tmp_path: Path) -> None:
    relative = load(('form_id: "17"', 'form_id: "17", inbox: drop/here')).sources["contact"].options
    absolute = load(('form_id: "17"', 'form_id: "17", inbox: /srv/drop')).sources["contact"].options

    assert isinstance(relative, FormOptions)
    assert isinstance(absolute, FormOptions)
    assert relative.inbox == tmp_path / "drop/here"
    assert absolute.inbox == Path("/srv/drop")


@pytest.mark.parametrize("url", ["sqlite:////srv/leads.db", "postgresql://eva:secret@db/leads"])
def test_any_other_store_stays_as_it_is_written(load: Load, url: str) -> None:
    loaded = load(("version: 1", f"version: 1\nstore: {{url: '{url}'}}"))

    assert loaded.settings.store.url.get_secret_value() == url


def test_the_system_of_record_is_the_first_sink_unless_one_says_so(load: Load) -> None:
    two = load(("  crm: {type: crm}", "  one: {type: crm}\n  two: {type: crm}"))
    said = load(("  crm: {type: crm}", "  one: {type: crm}\n  two: {type: crm, system_of_record: yes}"))

    assert (two.system_of_record, said.system_of_record) == ("one", "two")


def test_a_missing_file_is_told_in_plain_words(tmp_path: Path) -> None:
    said = said_of(tmp_path / "config.yaml")

    assert said == f"{tmp_path}/config.yaml  there is no such file; config.example.yaml shows what one looks like"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty; config.example.yaml shows what belongs in it"),
        ("# nothing\n", "the file is empty; config.example.yaml shows what belongs in it"),
        (
            "- a\n- b\n",
            "the file should hold sections (name: value), as company, people, sources, sinks and rules",
        ),
        ("a", "the file should hold sections (name: value), as company, people, sources, sinks and rules"),
    ],
)
def test_a_file_without_sections_has_its_own_word(text: str, said: str) -> None:
    with pytest.raises(ConfigErrors) as raised:
        load_text(text, {}, registry())

    assert str(raised.value) == f"config.yaml  {said}"


def test_missing_sections_are_all_named() -> None:
    with pytest.raises(ConfigErrors) as raised:
        load_text("version: 1", {}, registry())

    assert [problem.path for problem in raised.value.problems] == [
        "company",
        "people",
        "rules",
        "sinks",
        "sources",
    ]


def test_a_file_that_everybody_may_change_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "config.yaml", mode=0o602)

    assert said_of(path) == f"{path}  everybody on this machine may change it: chmod o-w {path}"


def test_a_folder_or_bytes_are_no_config(tmp_path: Path) -> None:
    bytes_file = tmp_path / "config.yaml"
    bytes_file.write_bytes(b"version: 1\n\xff\xfe")
    bytes_file.chmod(0o600)

    assert said_of(tmp_path) == f"{tmp_path}  cannot be read: Is a directory"
    assert said_of(bytes_file) == f"{bytes_file}  is not text in UTF-8 (byte 12)"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    loaded = load_config(written(tmp_path / "config.yaml", "\ufeff" + GOOD), {}, registry())

    assert loaded.settings.company.name == "Acme"


def test_yaml_mistakes_and_wrong_options_are_told_together(problems: Problems) -> None:
    said = problems(("version: 1", "version: 1\nversion: 2\nwebb: {}"))

    assert said == [
        "config.yaml:2:1  version: given twice; the first is on line 1",
        "config.yaml:3:1  webb: unknown option (did you mean web?)",
    ]


def test_a_broken_entry_does_not_drag_others_into_the_list(problems: Problems) -> None:
    said = problems(
        ("email: eva@acme.com", "email: eva"),
        ("{members: [eva, tom]}", "{members: [eva, tom], in_hours_only: perhaps}"),
    )

    assert [line.split("  ")[1].split(":")[0] for line in said] == [
        "people.eva.email",
        "pools.sales.in_hours_only",
    ]


def test_rules_that_are_all_broken_are_told_one_by_one(problems: Problems) -> None:
    rules = GOOD[GOOD.index("rules:") :]

    told = "\n".join(problems((rules, "rules:\n  - {then: {owner: eva}}\n")))

    assert "rules[0].name: missing" in told
    assert "rules[0].then: unknown option" in told


def test_a_broken_section_does_not_make_its_names_unknown(problems: Problems) -> None:
    text_of_people = GOOD[GOOD.index("people:") : GOOD.index("pools:")]

    said = problems((text_of_people, "people: [eva, tom]\n"))

    assert said == ["config.yaml:7:9  people: should hold options (name: value)"]
