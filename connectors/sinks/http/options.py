"""What a person may set for a service that takes leads by HTTP."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, Self

from connectors.sinks.http.filling import troubles_of, troubles_of_address
from connectors.sinks.http.presets import PRESETS, merged
from connectors.sinks.http.words import (
    KEY_WORDS,
    LINK_WORDS,
    MARK_WORDS,
    NOTE_WORDS,
    RECORD_WORDS,
    TASK_WORDS,
    Words,
)
from syncd.connector import FIELDS, ConnectorOptions, Field, SecretStr, model_validator

Method = Literal["POST", "PUT", "PATCH"]


class LoginOptions(ConnectorOptions):
    """One of: `bearer`; `user` and `password`; `header` and `key`; `param` and `key`."""

    bearer: SecretStr | None = Field(None, description="token of `Authorization: Bearer`")
    user: str = Field("", description="user of HTTP Basic")
    password: SecretStr | None = Field(None, description="password of HTTP Basic; may be empty at some services")
    header: str = Field("", pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]*$", description="name of a header that holds `key`")
    param: str = Field("", description="name of a parameter of the address that holds `key`")
    key: SecretStr | None = Field(None, description="the key that `header` or `param` holds")

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        ways = [self.bearer is not None, bool(self.user), bool(self.header), bool(self.param)]
        if sum(ways) != 1 or (self.key is not None) != (bool(self.header) or bool(self.param)):
            raise ValueError("give one of bearer, user with password, header with key, or param with key")
        return self


class RequestOptions(ConnectorOptions):
    """A request whose parts are templates. Values in `path` are percent-encoded, those in `body` only values."""

    WORDS: ClassVar[Words]

    method: Method = Field("POST", description="method of the request")
    path: str = Field("", description="template: what follows the address")
    params: dict[str, str] = Field(default_factory=dict, description="parameter of the address -> template")
    headers: dict[str, str] = Field(default_factory=dict, description="header -> template")
    body: dict[str, Any] = Field(
        default_factory=dict,
        description='JSON body: a mapping whose leaves are templates; {$number: "..."} and {$yes: "..."} are no texts',
    )
    form: dict[str, str] = Field(default_factory=dict, description="form body instead: name -> template")

    @model_validator(mode="after")
    def _templates_are_right(self) -> Self:
        if self.body and self.form:
            raise ValueError("give either body or form")
        if troubles := [*troubles_of_address(self.path, self.WORDS), *self._troubles()]:
            raise ValueError("; ".join(troubles))
        return self

    def _troubles(self) -> Iterator[str]:
        parts = {"params": self.params, "headers": self.headers, "body": self.body, "form": self.form}
        for name, part in parts.items():
            yield from troubles_of(part, self.WORDS.texts, name)


class LookupOptions(RequestOptions):
    """A question that answers with what is there. It is not asked when a value that its address needs is missing."""

    method: Literal["GET", "POST"] = Field("GET", description="method of the question")  # type: ignore[assignment]
    items: str = Field("", description="path of the list of answers, or of the one answer; empty: the whole body")
    where: dict[str, str] = Field(
        default_factory=dict,
        description="path in an answer -> template of the value that must stand there; for searches that find more",
    )
    id: str = Field("id", description="path of the id in an answer")
    absent: tuple[int, ...] = Field((404,), description="statuses that mean: nobody, nothing")


class FindOptions(LookupOptions):
    WORDS = KEY_WORDS

    owner: str = Field("", description="path of the owner in an answer: an id of `owners`, or an e-mail address")
    values: dict[str, str] = Field(default_factory=dict, description="field -> path of its present value in an answer")

    @model_validator(mode="after")
    def _fields_are_known(self) -> Self:
        if strange := sorted(self.values.keys() - FIELDS.keys()):
            raise ValueError(f"values: no such field: {', '.join(strange)}")
        return self


class FindMarkOptions(LookupOptions):
    WORDS = MARK_WORDS


class SavingOptions(RequestOptions):
    """A request that makes something."""

    id: str = Field("", description="path of the id in the answer (data.0.id); empty: the answer names none")
    exists: tuple[int, ...] = Field((), description="statuses that mean: it is there already, from an earlier try")
    repeatable: bool = Field(
        False, description="whether sending it again changes nothing there, as with an upsert by a key of its own"
    )


class RecordUpdateOptions(RequestOptions):
    WORDS = RECORD_WORDS


class RecordsOptions(SavingOptions):
    WORDS = RECORD_WORDS

    update: RecordUpdateOptions | None = Field(None, description="the request that changes a record that is there")
    overwrite: bool = Field(
        False, description="whether a change is sent although no look-up tells what people have typed there"
    )
    link: str = Field("", description="template: where a person opens the record, with {{ id }}")

    @model_validator(mode="after")
    def _link_is_right(self) -> Self:
        if troubles := LINK_WORDS.address.check(self.link):
            raise ValueError(f"link: {'; '.join(troubles)}")
        return self


class TaskUpdateOptions(RequestOptions):
    WORDS = TASK_WORDS


class TasksOptions(SavingOptions):
    WORDS = TASK_WORDS

    update: TaskUpdateOptions | None = Field(None, description="the request that changes a task that is there")
    find: FindMarkOptions | None = Field(None, description="looks for a task by its mark, after an answer was lost")


class NotesOptions(SavingOptions):
    WORDS = NOTE_WORDS

    find: FindMarkOptions | None = Field(None, description="looks for a note by its mark, after an answer was lost")


class AnswerOptions(ConnectorOptions):
    """What answers mean; the same for all requests."""

    success: tuple[int, ...] = Field((), description="statuses that mean success; every 2xx when left out")
    success_when: dict[str, str] = Field(
        default_factory=dict, description="path in the answer -> value that must stand there for a success"
    )
    success_text: str = Field("", description="words that must stand in the answer for a success")
    untouched: tuple[int, ...] = Field(
        (), description="statuses from 500 on at which surely nothing was done; the others leave doubt"
    )
    gone: tuple[int, ...] = Field((404, 410), description="statuses of a change that mean: it is no longer there")
    error: str = Field("", description="path of an error's code, to be told to people")


class HttpSinkOptions(ConnectorOptions):
    preset: str = Field("", description=f"a service whose requests are filled in: {', '.join(PRESETS)}")
    base_url: str = Field("", pattern=r"^(https?://\S+)?$", description="address that all paths follow")
    secret_url: SecretStr | None = Field(None, description="the address, where it is a secret itself")
    login: LoginOptions | None = Field(None, description="how syncd proves who it is")
    headers: dict[str, SecretStr] = Field(default_factory=dict, description="fixed headers of every request")
    idempotency_header: str = Field(
        "", description="header that holds the mark, by which the service knows a repeat; empty: it knows none"
    )
    records: RecordsOptions | None = Field(None, description="the request that makes a record")
    tasks: TasksOptions | None = Field(None, description="the request that makes a task")
    notes: NotesOptions | None = Field(None, description="the request that makes a note")
    leave_out: tuple[Literal["tasks", "notes"], ...] = Field(
        (), description="what is not sent because the service has nothing like it"
    )
    find: tuple[FindOptions, ...] = Field((), description="questions by which a person is looked up, tried in order")
    find_lag: float = Field(0, ge=0, description="seconds until the look-up shows what was made")
    ping: str = Field("", description="path of a harmless GET by which `syncd check --connect` tries the login")
    answers: AnswerOptions = Field(default_factory=AnswerOptions, description="what answers mean")
    owners: dict[str, str] = Field(
        default_factory=dict,
        description="e-mail address -> id of the user there; when left out, people go by their addresses",
    )
    object: str = Field("record", description="the service's own word for a record")

    @model_validator(mode="before")
    @classmethod
    def _preset_first(cls, data: Any) -> Any:
        name = data.get("preset") if isinstance(data, Mapping) else None
        if not name:
            return data
        if name not in PRESETS:
            raise ValueError(f"preset: none is called {name!r}; there are {', '.join(PRESETS)}")
        return merged(PRESETS[name].options, data)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.base_url) == (self.secret_url is not None):
            raise ValueError("give either base_url or secret_url")
        if self.records is None:
            raise ValueError("records: missing - the request that makes a record")
        for name in ("tasks", "notes"):
            if (getattr(self, name) is None) != (name in self.leave_out):
                raise ValueError(f"say what becomes of {name}: give {name}, or leave_out: [{name}]")
        return self

    @property
    def address(self) -> str:
        whole = self.secret_url.get_secret_value() if self.secret_url else self.base_url
        return whole.rstrip("/") if self.base_url else whole
