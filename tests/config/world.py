"""A small config that holds together, and made-up connectors for it."""

from pathlib import Path
from typing import Literal

from pydantic import model_validator

from syncd.connector import ConnectorOptions, DropOptions, Field, Plugin, SecretStr, SourceOptions
from syncd.registry import ALERTS, SINKS, SOURCES, Registry


class FormOptions(SourceOptions):
    form_id: str = Field(description="the form to read")
    secret: SecretStr | None = Field(None, description="signing secret of the webhook")
    region: Literal["us", "eu"] = Field("us", description="where the account lives")
    inbox: Path = Field(Path("in"), description="where files are put")
    limit: int = Field(100, description="answers per page")


class Login(ConnectorOptions):
    user: str = Field(description="user name")
    password: SecretStr = Field(description="password")


class CrmOptions(ConnectorOptions):
    token: SecretStr | None = Field(None, description="access token")
    login: Login | None = Field(None, description="user name and password, instead of a token")
    names: dict[str, str] = Field(default_factory=dict, description="field -> the CRM's own name")
    remind: int | None = Field(15, description="minutes before the due time; empty for never")

    @model_validator(mode="after")
    def _has_one_login(self) -> "CrmOptions":
        if self.token and self.login:
            raise ValueError("give either token or login")
        return self


class ChatOptions(ConnectorOptions):
    url: SecretStr = Field(description="address of the channel")


class Nothing:
    """Loading a config builds no connector."""


def registry() -> Registry:
    ready = {
        (SOURCES, "forms"): Plugin(FormOptions, Nothing),
        (SOURCES, "files"): Plugin(DropOptions, Nothing),
        (SINKS, "crm"): Plugin(CrmOptions, Nothing),
        (ALERTS, "chat"): Plugin(ChatOptions, Nothing),
    }
    return Registry(ready, offers=())


GOOD = """\
version: 1
company: {name: Acme, country: DE, zone: Europe/Berlin, domains: [acme.com]}
hours:
  office:
    week: {mon-fri: "09:00-17:00"}
    holidays: DE-BY
people:
  eva: {name: Eva Muster, email: eva@acme.com, hours: office}
  tom: {name: Tom Maier, email: tom@acme.com}
pools:
  sales: {members: [eva, tom]}
sources:
  contact: {type: forms, form_id: "17"}
sinks:
  crm: {type: crm}
rules:
  - {name: german, when: {country: [DE, AT]}, assign: {pool: sales}}
  - {name: everyone else, assign: eva}
"""
