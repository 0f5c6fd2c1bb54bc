"""Everything that `config.yaml` may say, with its help text.

Options of single sources, sinks and alerts are declared by their connectors; here stand those that all share.
"""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path as FilePath
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, field_validator, model_validator

from syncd.config.places import Country, Domain, Name, Zone
from syncd.config.roster import Hours, People, Pools
from syncd.config.routing import Junk, RuleEntry, Suppress, TargetsEntry, TaskTexts
from syncd.config.section import Section
from syncd.config.units import Days, Minutes, Seconds, Share, Size
from syncd.core.expect import parse_expected
from syncd.core.playbook import FieldPolicy

CONFIG_VERSION = 1


class Company(Section):
    name: str = Field(min_length=1, description="the company's name")
    domains: tuple[Domain, ...] = Field(
        (), description="the company's own web domains; visits from there are no referrals"
    )
    country: Country = Field(description="where phone numbers without prefix are from (ISO code, as DE)")
    zone: Zone = Field(description="time zone of reports and of hours without one (as Europe/Berlin)")


class Store(Section):
    url: SecretStr = Field(
        SecretStr("sqlite:///data/syncd.db"),
        description="sqlite:///file, relative to this file's folder, or postgresql://user:password@host/name",
    )
    receipts: FilePath | None = Field(
        None,
        description="folder, best on another disk, for a second copy of all that is taken in, kept before the answer; "
        "`syncd db rebuild` makes a lost store whole from it; each daemon needs one of its own",
    )
    receipts_days: int = Field(7, ge=1, le=366, description="how many days of them are kept")

    @field_validator("url")
    @classmethod
    def _is_store(cls, url: SecretStr) -> SecretStr:
        scheme, _, rest = url.get_secret_value().partition("://")
        if scheme.partition("+")[0] not in ("sqlite", "postgresql") or not rest.strip("/"):
            raise ValueError("write sqlite:///data/syncd.db or postgresql://user:password@host/name")
        return url


class Web(Section):
    """The door for forms and webhooks, and the console."""

    host: str = Field("127.0.0.1", min_length=1, description="address to listen on; 0.0.0.0 for every one")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 picks a free one")
    public_url: str = Field("", description="how others reach this server, as https://leads.acme.com")
    console: bool = Field(True, description="whether the web console is served")
    console_token: SecretStr | None = Field(
        None, min_length=16, description="what the console asks for; needed where others reach this server"
    )
    metrics: str = Field(
        "",
        description="where Prometheus reads, as 127.0.0.1:9464, and there alone; /metrics beside the rest when empty",
    )
    body_limit: Size = Field(2**20, ge=1024, le=2**26, description="largest body of one request")
    trusted_proxies: tuple[str, ...] = Field(
        (), description="proxies whose X-Forwarded-For is believed: addresses or networks, as 10.0.0.0/8"
    )
    connections: int = Field(4000, ge=10, description="most connections at a time; beyond that the silent ones go")
    connections_per_address: int = Field(
        50, ge=1, description="most connections at a time from one address; proxies in trusted_proxies may have more"
    )

    address_rate: float = Field(
        20, gt=0, description="posts a second that one address may go on sending where anybody may post"
    )
    address_burst: int = Field(1000, ge=1, description="how many it may send at once before that")
    source_rate: float = Field(
        1000, gt=0, description="posts a second from all addresses to one source where anybody may post"
    )
    source_burst: int = Field(20_000, ge=1, description="how many may come at once before that")

    @field_validator("public_url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query):
            raise ValueError(f'"{url}" is not a web address; write it as https://leads.acme.com')
        return url.rstrip("/")

    @field_validator("metrics")
    @classmethod
    def _is_host_and_port(cls, place: str) -> str:
        host, _, port = place.rpartition(":")
        if place and not (host.strip("[]") and port.isascii() and port.isdecimal() and int(port) < 2**16):
            raise ValueError(f'"{place}" is not an address with a port; write it as 127.0.0.1:9464')
        return place

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(proxy)) for proxy in proxies)

    @model_validator(mode="after")
    def _console_is_locked(self) -> Self:
        if self.console and self.console_token is None and not _only_this_machine(self.host):
            raise ValueError(f"with host {self.host} others reach the console: set console_token, or console: no")
        return self


def _only_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = Field("info", description="the least that is logged")
    format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: for people at a terminal, JSON lines elsewhere"
    )


def _is_rate(text: str) -> str:
    if text:
        parse_expected(text)
    return text


class SourceEntry(Section):
    """What every source has beside the options of its connector."""

    type: str = Field(min_length=1, description="which connector; see `syncd connectors`")
    expect: Annotated[str, AfterValidator(_is_rate)] = Field(
        "",
        description="what comes at least, as 1 per day, 3 per 2 weeks or 10 per day in business hours; a longer "
        "silence is told through the alerts",
    )
    silence: bool = Field(
        True, description="whether a silence that is improbable by what usually comes is told through the alerts"
    )


class SinkEntry(Section):
    """What every sink has beside the options of its connector."""

    type: str = Field(min_length=1, description="which connector; see `syncd connectors`")
    system_of_record: bool = Field(False, description="its records and owners win; the first sink when none says so")
    patience: Seconds = Field(
        timedelta(seconds=5),
        description="how long a lead waits to be looked up here before it goes on without",
    )
    reserve: Share = Field(
        0.1, ge=0, lt=1, description="share of the calls of a day that is left for people and other programs"
    )
    calls_per_10s: int | None = Field(
        None, ge=1, description="most calls in ten seconds; what the service itself says when left out"
    )
    workers: int | None = Field(
        None, ge=1, le=16, description="how many calls may run at the same time; what suits the CRM when left out"
    )
    read_back: Minutes = Field(timedelta(minutes=1), description="how often it is asked what became of the leads")
    give_up: Days = Field(timedelta(days=5), description="how long an order is tried before it is parked for a person")
    deleted: Literal["park", "again"] = Field(
        "park",
        description="a lead writes again whose record somebody has deleted here: park it until a person lets it go by "
        "`syncd retry`, or make the record again",
    )
    shadow: bool = Field(
        False, description="on trial: look leads up here and write down what would be written, but write nothing here"
    )


class Probe(Section):
    """An enquiry that syncd sends to itself now and then, to see that one arrives."""

    source: Name = Field(description="a form source, which gets it as from a visitor; it becomes no lead")
    every: Minutes = Field(timedelta(hours=1), ge=timedelta(minutes=5), description="how often")
    within: Minutes = Field(
        timedelta(minutes=5), ge=timedelta(seconds=5), description="by when it must have arrived; later is told"
    )
    sinks: tuple[Name, ...] = Field(
        (),
        description="where it makes a record and a task too, finds them and removes them again; each must be able to "
        "remove; none: it goes as far as the planner",
    )
    email: str = Field("", description="address of that record, which nobody has; @syncd-probe.invalid when left out")
    url: str = Field("", description="where a visitor posts; web.public_url or this machine when left out")


class AlertEntry(Section):
    """What every alert has beside the options of its connector."""

    type: str = Field(min_length=1, description="which connector; see `syncd connectors`")


def _is_known_version(version: int) -> int:
    if version != CONFIG_VERSION:
        raise ValueError(f"this syncd reads version {CONFIG_VERSION}")
    return version


class Settings(Section):
    """The whole file. Entries of sources, sinks and alerts without the options of their connectors."""

    version: Annotated[int, AfterValidator(_is_known_version)] = Field(
        description=f"version of this file's form: {CONFIG_VERSION}"
    )
    company: Company = Field(description="whose leads these are")
    store: Store = Field(Store(), description="where everything is kept")
    web: Web = Field(Web(), description="the door for forms and webhooks, and the console")
    log: Log = Field(Log(), description="what is logged, and how")
    hours: Hours = Field(default_factory=dict, description="name -> working hours; none: around the clock")
    people: People = Field(description="id -> somebody who can own leads")
    pools: Pools = Field(default_factory=dict, description="name -> people who take turns")
    sources: Mapping[Name, SourceEntry] = Field(min_length=1, description="name -> where leads come from")
    sinks: Mapping[Name, SinkEntry] = Field(min_length=1, description="name -> where leads go")
    alerts: Mapping[Name, AlertEntry] = Field(
        default_factory=dict, description="name -> how people are told what they must act on"
    )
    fields: Mapping[str, FieldPolicy] = Field(
        default_factory=dict,
        description="field -> what happens to it where the CRM fills it already; fill_empty when left out",
    )
    targets: TargetsEntry = Field(TargetsEntry(), description="by when somebody must have answered")
    junk: Junk = Field(Junk(), description="what counts as junk")
    lead_sources: tuple[str, ...] = Field((), description="the lead sources that may be used; none: any")
    task: TaskTexts = Field(TaskTexts(), description="what the follow-up task says")
    probe: Probe | None = Field(None, description="an enquiry that syncd sends to itself; none when left out")
    rules: tuple[RuleEntry, ...] = Field(
        min_length=1, description="who gets a lead: the first rule that fits; the last has no condition"
    )
    suppress: Suppress = Field(Suppress(), description="who never goes to sales")
