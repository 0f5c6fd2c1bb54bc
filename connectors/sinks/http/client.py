"""One call to the service: where it goes, as whom, and what its answer means."""

from connectors.sinks.http.answers import insist_on_success
from connectors.sinks.http.options import HttpSinkOptions, RequestOptions
from connectors.sinks.http.requests import Filled, fill, login_headers, login_params
from connectors.sinks.http.words import Values
from syncd.connector import HttpReply, Refused, Rejected, Tools


class Client:
    """Thread-safe. Never retries."""

    def __init__(self, options: HttpSinkOptions, tools: Tools) -> None:
        self.name = tools.name
        self._options, self._http = options, tools.http
        fixed = {name: value.get_secret_value() for name, value in options.headers.items()}
        self._headers = {**fixed, **login_headers(options.login)}
        self._params = login_params(options.login)

    def make(self, request: RequestOptions, values: Values, what: str, judged: tuple[int, ...] = ()) -> HttpReply:
        """An answer with a status of `judged` is returned like a success.

        Raises Ambiguous, AuthFailed, RateLimited, Refused or Retryable.
        """
        made = self._fill(request, values, what, self._options.idempotency_header)
        return self._send(made, what, judged, writes=True)

    def change(self, request: RequestOptions, values: Values, what: str, judged: tuple[int, ...] = ()) -> HttpReply:
        """As `make`, without the mark: a service that knows it again would leave a second change out."""
        return self._send(self._fill(request, values, what), what, judged, writes=True)

    def ask(self, request: RequestOptions, values: Values, what: str, judged: tuple[int, ...] = ()) -> HttpReply:
        """As `make`, for what changes nothing: never raises Ambiguous."""
        return self._send(self._fill(request, values, what), what, judged, writes=False)

    def ping(self, path: str) -> None:
        self._send(Filled("GET", path, {}, {}, None, None), "check of the login", (), writes=False)

    def close(self) -> None:
        self._http.close()

    def _fill(self, request: RequestOptions, values: Values, what: str, idempotency: str = "") -> Filled:
        try:
            return fill(request, values, idempotency)
        except Rejected as error:
            raise Refused(f"{self.name}: {what} cannot be sent: {error}") from None

    def _send(self, made: Filled, what: str, judged: tuple[int, ...], *, writes: bool) -> HttpReply:
        what = f"{self.name}: {what}"
        reply = self._http.call(
            made.method,
            self._options.address + made.path,
            what=what,
            writes=writes,
            headers={**self._headers, **made.headers},
            params={**self._params, **made.params} or None,
            json=made.json,
            form=made.form,
        )
        if reply.status not in judged:
            insist_on_success(self._options.answers, reply, what, writes=writes)
        return reply
