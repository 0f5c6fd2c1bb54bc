"""A bucket of an S3-compatible service as a real HTTP server: signatures, paging, ETags and conditions.

https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html and, for the signature,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from syncd.testing import Answer, Call, FakeServer, Fault, Refusal

KEY, SECRET, BUCKET = "AKIACANARY", "s3-canary-secret", "acme-leads"

_AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)")


@dataclass(frozen=True, slots=True)
class Stored:
    content: bytes
    modified: datetime

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.content).hexdigest()}"'  # noqa: S324 - what S3 does


class FakeS3(FakeServer):
    CONTENT_TYPE = "application/xml"

    def __init__(self, page_size: int = 1000) -> None:
        super().__init__()
        self.page_size = page_size
        self.objects: dict[str, Stored] = {}
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def put(self, key: str, content: bytes) -> None:
        with self.lock:
            self.at += timedelta(seconds=1)
            self.objects[key] = Stored(content, self.at)

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "too_many":
            return error(503, "SlowDown", "Please reduce your request rate.")
        return error(403, "InvalidAccessKeyId", f"The access key id {KEY} does not exist in our records.")

    def answer(self, call: Call) -> Answer:
        self._insist_on_signature(call)
        bucket, _, key = unquote(call.path).removeprefix("/").partition("/")
        if bucket != BUCKET:
            return error(404, "NoSuchBucket", "The specified bucket does not exist")
        if not key and call.method == "GET" and call.first("list-type") == "2":
            return self._list(call)
        if call.method == "PUT":
            return self._put(key, call)
        if call.method == "DELETE":
            self.objects.pop(key, None)
            return Answer(204)
        return self._get(key, call)

    def _list(self, call: Call) -> Answer:
        prefix, delimiter = call.first("prefix") or "", call.first("delimiter") or ""
        names = sorted(key for key in self.objects if key.startswith(prefix))
        names = [key for key in names if not delimiter or delimiter not in key.removeprefix(prefix)]
        start = call.first("continuation-token") or ""
        left = [key for key in names if key > start]
        size = min(int(call.first("max-keys") or 1000), self.page_size)
        page, more = left[:size], len(left) > size
        items = "".join(self._item(key, call.first("encoding-type") == "url") for key in page)
        following = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        body = f"<IsTruncated>{str(more).lower()}</IsTruncated><EncodingType>url</EncodingType>{items}{following}"
        return Answer(200, f"<ListBucketResult>{body}</ListBucketResult>".encode())

    def _item(self, key: str, encoded: bool) -> str:
        there = self.objects[key]
        return (
            f"<Contents><Key>{escape(quote(key) if encoded else key)}</Key><Size>{len(there.content)}</Size>"
            f"<LastModified>{there.modified.strftime('%Y-%m-%dT%H:%M:%S.000Z')}</LastModified>"
            f"<ETag>{escape(there.etag)}</ETag></Contents>"
        )

    def _get(self, key: str, call: Call) -> Answer:
        there = self.objects.get(key)
        if there is None:
            return error(404, "NoSuchKey", "The specified key does not exist.")
        if call.headers.get("if-match", there.etag) != there.etag:
            return error(412, "PreconditionFailed", "At least one of the pre-conditions did not hold")
        modified = there.modified.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return Answer(200, there.content, {"ETag": there.etag, "Last-Modified": modified})

    def _put(self, key: str, call: Call) -> Answer:
        source = call.headers.get("x-amz-copy-source")
        if source is None:
            self.put(key, call.body)
            return Answer(200, b"", {"ETag": self.objects[key].etag})
        there = self.objects.get(unquote(source).removeprefix("/").removeprefix(f"{BUCKET}/"))
        if there is None:
            return error(404, "NoSuchKey", "The specified key does not exist.")
        if call.headers.get("x-amz-copy-source-if-match", there.etag) != there.etag:
            return error(412, "PreconditionFailed", "At least one of the pre-conditions did not hold")
        self.put(key, there.content)
        return Answer(200, f"<CopyObjectResult><ETag>{escape(there.etag)}</ETag></CopyObjectResult>".encode())

    def _insist_on_signature(self, call: Call) -> None:
        found = _AUTHORIZATION.fullmatch(call.headers.get("authorization", ""))
        if found is None or found[1] != KEY:
            raise Refusal(error(403, "AccessDenied", "Access Denied"))
        if call.headers["x-amz-content-sha256"] != hashlib.sha256(call.body).hexdigest():
            raise Refusal(error(400, "XAmzContentSHA256Mismatch", "The provided hash does not match"))
        if not hmac.compare_digest(found[4], _signature(call, found[2], found[3])):
            raise Refusal(error(403, "SignatureDoesNotMatch", f"The signature does not match, {SECRET[:3]}..."))


def _signature(call: Call, scope: str, signed: str) -> str:
    pairs = sorted((quote(name, "-_.~"), quote(each, "-_.~")) for name, all_ in call.query.items() for each in all_)
    canonical = "\n".join(
        [
            call.method,
            call.path,
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{' '.join(call.headers[name].split())}" for name in signed.split(";")),
            "",
            signed,
            call.headers["x-amz-content-sha256"],
        ]
    )
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    said = f"AWS4-HMAC-SHA256\n{call.headers['x-amz-date']}\n{scope}\n{hashed}"
    return hmac.new(key, said.encode(), "sha256").hexdigest()


def error(status: int, code: str, message: str) -> Answer:
    return Answer(status, f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>".encode())
