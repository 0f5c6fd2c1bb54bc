"""The bucket as a place of files. boto3's own retries are off: whoever polls asks again."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from io import BytesIO
from threading import Lock
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from connectors.sources.s3 import Options
from syncd.connector import (
    PENDING,
    AuthFailed,
    Drop,
    Finding,
    RateLimited,
    Retryable,
    Seen,
    SyncdError,
    Tools,
    brought,
    code_of,
    free_names,
)

PAUSE = timedelta(seconds=30)  # S3 does not say for how long

_CHUNK = 1 << 18
_GONE = frozenset({"404", "412", "NoSuchKey", "NotFound", "PreconditionFailed"})
_LOGIN = frozenset(
    {"401", "403", "AccessDenied", "AllAccessDisabled", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken"}
    | {"SignatureDoesNotMatch", "TokenRefreshRequired"}
)
_SLOWER = frozenset({"429", "RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequests"})


class Bucket:
    """An object is there whole or not at all, so one look is enough."""

    atomic = True

    def __init__(self, options: Options) -> None:
        self.options = options
        self.done = options.folder + options.done
        self._client: Any = None

    def seen(self) -> Iterator[Seen]:
        for found in self._listed(self.options.folder):
            name = found["Key"].removeprefix(self.options.folder)
            if name and "/" not in name:
                moment = found["LastModified"]
                yield Seen(name, f"{found['ETag']} {found['Size']} {moment.isoformat()}", moment.timestamp())

    @contextmanager
    def opened(self, seen: Seen) -> Iterator[BinaryIO]:
        with self._fetched(self.options.folder + seen.name, IfMatch=_etag(seen)) as file:
            yield file

    def unchanged(self, seen: Seen, file: BinaryIO) -> bool:  # noqa: ARG002 - what was brought here cannot change
        return True

    def put_away(self, seen: Seen, *, pending: bool) -> str:
        key = self.options.folder + seen.name
        if self.options.after == "delete":
            self._delete_unchanged(key, seen)
            return ""
        name = next(free for free in free_names(seen.name) if self._head(self.done + free) is None)
        if pending:
            self.write(name + PENDING, BytesIO())
        source = {"Bucket": self.options.bucket, "Key": key}
        try:
            self._call("copy_object", Key=self.done + name, CopySource=source, CopySourceIfMatch=_etag(seen))
        except FileNotFoundError:
            return ""
        self._delete_unchanged(key, seen)
        return name

    def put_away_names(self) -> Iterator[str]:
        return (found["Key"].removeprefix(self.done) for found in self._listed(self.done))

    @contextmanager
    def kept(self, name: str) -> Iterator[BinaryIO]:
        with self._fetched(self.done + name) as file:
            yield file

    def write(self, name: str, content: BinaryIO) -> None:
        self._call("put_object", Key=self.done + name, Body=content)

    def remove(self, name: str) -> None:
        self._call("delete_object", Key=self.done + name)

    def rest(self) -> None:
        """Its connections stay: they are few, and the service ends them."""

    def check(self) -> Sequence[Finding]:
        where = f"{self.options.bucket}/{self.options.folder}"
        try:
            self._call("list_objects_v2", MaxKeys=1, **_beginning(self.options.folder))
        except (SyncdError, FileNotFoundError) as error:
            return [Finding("bucket", ok=False, detail=f"{where}: {error}", remedy="correct bucket, endpoint and keys")]
        return [Finding("bucket", ok=True, detail=where)]

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    # calls

    def _listed(self, prefix: str) -> Iterator[dict[str, Any]]:
        more: dict[str, str] = {}
        while True:
            page = self._call("list_objects_v2", Delimiter="/", **_beginning(prefix), **more)
            yield from page.get("Contents", ())
            following = page.get("NextContinuationToken", "") if page.get("IsTruncated") else ""
            if not following or following == more.get("ContinuationToken"):
                return
            more = {"ContinuationToken": following}

    @contextmanager
    def _fetched(self, key: str, **how: str) -> Iterator[BinaryIO]:
        answer = self._call("get_object", Key=key, **how)
        with closing(answer["Body"]) as body, brought(self._pieces(body), self.options.largest) as file:
            yield file

    def _pieces(self, body: Any) -> Iterator[bytes]:
        with _words():
            yield from body.iter_chunks(_CHUNK)

    def _delete_unchanged(self, key: str, seen: Seen) -> None:
        """What was put in its place since then is read the next time."""
        if self._head(key) == _etag(seen):
            self._call("delete_object", Key=key)

    def _head(self, key: str) -> str | None:
        """Its ETag; None where there is none."""
        try:
            return str(self._call("head_object", Key=key)["ETag"])
        except FileNotFoundError:
            return None

    def _call(self, name: str, **how: Any) -> Any:
        """Raises FileNotFoundError for what is not there or not as it was, else an error that says what is next."""
        with _words():
            if self._client is None:
                self._client = _client(self.options)
            return getattr(self._client, name)(Bucket=self.options.bucket, **how)


def _beginning(prefix: str) -> dict[str, str]:
    return {"Prefix": prefix} if prefix else {}


def _etag(seen: Seen) -> str:
    return seen.stamp.split(" ")[0]


_SESSION = boto3.session.Session()  # has read the description of the service; makes one client at a time
_ONE_AT_A_TIME = Lock()


def _client(options: Options) -> Any:
    path_style = bool(options.endpoint) if options.path_style is None else options.path_style
    keys = {
        "aws_access_key_id": options.access_key,
        "aws_secret_access_key": options.secret_key,
        "aws_session_token": options.session_token,
    }
    config = Config(
        connect_timeout=options.timeout,
        read_timeout=options.timeout,
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path" if path_style else "virtual"},
        # Checksums that AWS alone knows would turn other services away.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    with _ONE_AT_A_TIME:
        return _SESSION.client(
            "s3",
            region_name=options.region,
            endpoint_url=options.endpoint or None,
            config=config,
            **{name: key.get_secret_value() for name, key in keys.items() if key},
        )


@contextmanager
def _words() -> Iterator[None]:
    """What the library raises, as what happens next."""
    try:
        yield
    except ClientError as error:
        raise _meaning(error) from None  # the service's own sentences quote keys and names
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise AuthFailed("s3: there are no keys: give access_key and secret_key") from error
    except BotoCoreError as error:
        raise Retryable(f"s3: no answer that can be read ({type(error).__name__})") from error


def _meaning(error: ClientError) -> Exception:
    told = error.response.get("Error", {})
    code = str(told.get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = f"s3: {error.operation_name}: {code_of(code) or status}"
    if code in _GONE:
        return FileNotFoundError(said)
    if code in _SLOWER or status == 429:
        return RateLimited(said, PAUSE)
    if code in _LOGIN or status in (401, 403):
        return AuthFailed(said)
    return Retryable(said)


def make(options: Options, tools: Tools) -> Drop:
    return Drop(Bucket(options), options, tools, "s3", after=options.after)
