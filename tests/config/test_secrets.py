"""Values from the environment and from files; none of them is ever told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.config.load import Loaded, load_config, load_text
from syncd.config.problems import ConfigErrors
from tests.config.world import GOOD, ChatOptions, CrmOptions, FormOptions, registry

Load = Callable[..., Loaded]
Problems = Callable[..., list[str]]

TOKEN = "pat-eu1-0f3c9d"


def token_of(loaded: Loaded) -> str:
    options = loaded.sinks["crm"].options
    assert isinstance(options, CrmOptions)
    assert options.token
    return options.token.get_secret_value()


def private(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_variable_may_stand_anywhere_in_a_value(load: Load) -> None:
    loaded = load(
        ("{type: crm}", "{type: crm, token: '${KIND}-${REGION}-1'}"),
        ("version: 1", "version: 1\nweb: {port: '${PORT}'}"),
        ("[acme.com]", "['${DOMAIN}']"),
        KIND="pat", REGION="eu1", PORT="9000", DOMAIN="acme.org",
    )  # fmt: skip

    assert token_of(loaded) == "pat-eu1-1"
    assert loaded.settings.web.port == 9000
    assert loaded.settings.company.domains == ("acme.org",)


def test_a_default_holds_where_the_variable_is_missing_or_empty(load: Load) -> None:
    change = ("version: 1", "version: 1\nweb: {port: '${PORT:-81}', host: '${HOST:-127.0.0.2}'}")

    loaded = load(change, PORT="")

    assert (loaded.settings.web.port, loaded.settings.web.host) == (81, "127.0.0.2")


def test_a_doubled_dollar_is_a_plain_one(load: Load) -> None:
    loaded = load(("name: Acme", "name: '$${NAME} costs $5 ${X:-a $ b}'"))

    assert loaded.settings.company.name == "${NAME} costs $5 a $ b"


def test_a_value_from_outside_is_never_read_as_yaml_or_as_another_variable(load: Load) -> None:
    loaded = load(("name: Acme", "name: '${NAME}'"), NAME="a: [b, *c] ${OTHER}")

    assert loaded.settings.company.name == "a: [b, *c] ${OTHER}"


def test_each_missing_variable_is_asked_for_by_name_and_nothing_else_is_said_of_it(
    problems: Problems,
) -> None:
    said = problems(
        ("{type: crm}", "{type: crm, token: '${CRM_TOKEN}'}"),
        ("email: eva@acme.com", "email: '${EVA}'"),
        EVA="",
    )

    assert said == [
        "config.yaml:8:34  people.eva.email: the environment variable EVA is not set",
        "config.yaml:15:27  sinks.crm.token: the environment variable CRM_TOKEN is not set",
    ]


@pytest.mark.parametrize("text", ["${}", "${A B}", "${1A}", "${A", "${A:default}", "${{ A }}"])
def test_a_misspelt_reference_is_refused(problems: Problems, text: str) -> None:
    said = problems(("name: Acme", f"name: '{text}'"))

    assert said == ["config.yaml:2:17  company.name: write ${NAME} or ${NAME:-default}; $${ stands for a plain ${"]


def test_a_secret_may_stand_in_a_file_beside_the_config(load: Load, tmp_path: Path) -> None:
    private(tmp_path / "token.txt", f"  {TOKEN}\n")

    loaded = load(("{type: crm}", "{type: crm, token_file: token.txt}"))

    assert token_of(loaded) == TOKEN


def test_secrets_of_inner_sections_and_of_syncd_itself_may_stand_in_files(load: Load, tmp_path: Path) -> None:
    private(tmp_path / "password", "pa55word")
    private(tmp_path / "console", "0123456789abcdef")
    private(tmp_path / "url", "postgresql://eva:secret@db/leads")

    loaded = load(
        ("{type: crm}", "{type: crm, login: {user: eva, password_file: password}}"),
        (
            "version: 1",
            "version: 1\nweb: {host: 0.0.0.0, console_token_file: console}\nstore: {url_file: url}",
        ),
    )

    options = loaded.sinks["crm"].options
    assert isinstance(options, CrmOptions)
    assert options.login
    assert options.login.password.get_secret_value() == "pa55word"
    assert loaded.settings.web.console_token
    assert loaded.settings.web.console_token.get_secret_value() == "0123456789abcdef"
    assert loaded.settings.store.url.get_secret_value() == "postgresql://eva:secret@db/leads"


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602])
def test_a_secret_file_that_is_open_to_everybody_is_refused(problems: Problems, tmp_path: Path, mode: int) -> None:
    file = private(tmp_path / "token", TOKEN, mode)

    said = problems(("{type: crm}", "{type: crm, token_file: token}"))

    assert len(said) == 1
    assert said[0].startswith(f"config.yaml:15:32  sinks.crm.token_file: {file} holds a secret and is open to")
    assert said[0].endswith(f"chmod 600 {file}")


def test_other_files_that_hold_no_secret_are_refused_too(problems: Problems, tmp_path: Path) -> None:
    private(tmp_path / "empty", " \n")
    private(tmp_path / "large", "x" * 70_000)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "bytes").chmod(0o600)

    said = [
        problems(("{type: crm}", f"{{type: crm, token_file: {name}}}"))[0].partition("token_file: ")[2]
        for name in ("empty", "large", "bytes", "absent", ".")
    ]

    assert said == [
        f"{tmp_path}/empty is empty",
        f"{tmp_path}/large is too large for a secret",
        f"{tmp_path}/bytes is not text (UTF-8)",
        f"{tmp_path}/absent cannot be read: No such file or directory",
        f"{tmp_path} cannot be read: Is a directory",
    ]


def test_a_secret_is_given_once(problems: Problems, tmp_path: Path) -> None:
    private(tmp_path / "token", TOKEN)

    said = problems(("{type: crm}", "{type: crm, token: abc, token_file: token}"))

    assert said == ["config.yaml:15:44  sinks.crm.token_file: give either token or token_file"]


def test_a_required_secret_whose_file_is_missing_is_told_once(problems: Problems) -> None:
    said = problems(("version: 1", "version: 1\nalerts: {team: {type: chat, url_file: nowhere}}"))

    assert len(said) == 1
    assert "alerts.team.url_file" in said[0]


def test_no_message_repeats_what_came_from_outside(problems: Problems, tmp_path: Path) -> None:
    private(tmp_path / "console", "tooshort")

    said = "\n".join(
        problems(
            ("assign: eva", "assign: '${TOKEN}'"),
            ('form_id: "17"', "form_id: 1, region: '${TOKEN}', limit: '${TOKEN}'"),
            ("{type: crm}", "{type: crm, token: Hard-To-Guess, patience: Hard-To-Guess}"),
            ("version: 1", "version: 1\nweb: {console_token_file: console, port: tooshort}"),
            TOKEN=TOKEN,
        )
    )

    assert '"${TOKEN}" is not in people' in said
    assert '"(the contents of console_token_file)" is not a whole number' in said
    assert '"(the value of token)" is not a time' in said
    assert not any(secret in said.lower() for secret in (TOKEN, "hard-to-guess", "tooshort"))


def test_what_was_loaded_does_not_print_its_secrets(load: Load) -> None:
    loaded = load(
        ("{type: crm}", "{type: crm, token: '${TOKEN}'}"),
        ('form_id: "17"', f'form_id: "17", secret: {TOKEN}'),
        ("version: 1", "version: 1\nstore: {url: 'postgresql://eva:0f3c9d@db/leads'}"),
        TOKEN=TOKEN,
    )

    assert isinstance(loaded.sources["contact"].options, FormOptions)
    assert "0f3c9d" not in repr(loaded)


def test_a_secret_written_into_a_file_that_others_may_read_is_a_warning(tmp_path: Path) -> None:
    text = GOOD.replace("{type: crm}", "{type: crm, token: 123456}")
    text += "store: {url: sqlite:///leads.db}\nalerts: {team: {type: chat, url: '${URL}'}}\n"

    open_file = load_config(private(tmp_path / "a.yaml", text, 0o644), {"URL": "https://x"}, registry())
    own_file = load_config(private(tmp_path / "b.yaml", text), {"URL": "https://x"}, registry())

    (warning,) = open_file.warnings
    assert (warning.line, warning.path) == (15, "sinks.crm.token")
    assert warning.message.endswith("chmod 600 the file, or write ${NAME} or token_file")
    assert own_file.warnings == ()
    assert isinstance(own_file.alerts["team"].options, ChatOptions)


def test_a_secret_in_place_of_an_unknown_variable_stays_unknown(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match="the environment variable HOME_TOKEN is not set"):
        load_text(GOOD.replace("name: Acme", "name: '${HOME_TOKEN}'"), {}, registry(), folder=tmp_path)
