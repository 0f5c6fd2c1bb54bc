"""A folder of an S3-compatible bucket: AWS, MinIO, Cloudflare R2, Wasabi, Hetzner, Ceph.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from importlib import import_module
from typing import Any, ClassVar, Self

from syncd.connector import (
    About,
    Field,
    Plugin,
    RemoteDropOptions,
    SecretStr,
    Tools,
    field_validator,
    insist_on_extra,
    model_validator,
)


class Options(RemoteDropOptions):
    needs: ClassVar[str] = "boto3"

    bucket: str = Field(min_length=3, description="name of the bucket")
    folder: str = Field("", description="what the names of the files begin with, as leads/; empty: the whole top")
    done: str = Field("done/", description="where read files go, inside the folder")
    endpoint: str = Field("", description="address of the service, as https://minio.acme.com; empty: AWS")
    region: str = Field("us-east-1", description="region of the bucket")
    path_style: bool | None = Field(
        None, description="name the bucket in the path, not in the host; empty: yes where there is an endpoint"
    )
    access_key: SecretStr | None = Field(
        None, description="access key id; empty: as the AWS tools find it on this machine"
    )
    secret_key: SecretStr | None = Field(None, description="secret access key")
    session_token: SecretStr | None = Field(None, description="of temporary keys")

    @field_validator("folder", "done")
    @classmethod
    def _ends_as_a_folder(cls, name: str) -> str:
        return f"{name.strip('/')}/" if name.strip("/") else ""

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        insist_on_extra(self.needs, "s3")
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("give both access_key and secret_key, or neither")
        if self.after == "move" and not self.done:
            raise ValueError("done must be another folder, or files would be read for ever")
        return self


def _make(options: Options, tools: Tools) -> Any:
    return import_module("connectors.sources.s3.bucket").make(options, tools)


plugin = Plugin(
    Options,
    _make,
    About(
        "S3-compatible buckets",
        link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html",
        setup=(
            "`pip install 'syncd[s3]'`.",
            "Make a bucket, and keys that may list it, and get, put and delete what is below the folder.",
            "With `after: leave` list and get are enough.",
            "Put files there as for `csv`: CSV with any separator, or workbooks.",
        ),
        missed="Every row of every file, however late it comes.",
        tested="A fake that checks signatures and conditions, and the moto server; not AWS itself.",
        notes=(
            "Read files are moved to `done` after the commit, with result and rejects beside them.",
            "A file that comes in the place of a read one is never moved or deleted with it.",
        ),
        example={
            "bucket": "acme-leads", "folder": "partner/", "endpoint": "https://minio.acme.com",
            "access_key": "${S3_ACCESS_KEY}", "secret_key": "${S3_SECRET_KEY}",
        },
    ),
)  # fmt: skip
