"""Object storage that speaks S3: where it is, and who may, is said by the environment or the tools' own files."""

from __future__ import annotations

import os
import re
from typing import Final

import pyarrow.fs as pafs

from segment.exceptions import UsageError

_ADDRESS: Final = re.compile(r"s3a?://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>[^?#]+)")
_ATTEMPTS: Final = 3


def is_in_object_storage(location: str) -> bool:
    """Whether a location names object storage."""
    return location.lower().startswith(("s3:/", "s3a:/"))


def bucket_path(location: str) -> str:
    """A bucket and what lies in it, of an address that holds nothing else: no user, no key, no setting."""
    address = _ADDRESS.fullmatch(location)
    if address is None:
        raise UsageError.of("errors.bad_object_address")
    return f"{address['bucket']}/{address['key'].strip('/')}"


def object_store() -> pafs.FileSystem:
    """The store that the environment names (`AWS_ENDPOINT_URL`, `AWS_REGION`), by default Amazon's."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return pafs.S3FileSystem(
        endpoint_override=endpoint,
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        connect_timeout=15,
        request_timeout=60,
        retry_strategy=pafs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )
