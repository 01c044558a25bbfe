"""Tests of the flows: a source that is away is tried again without the waits of a bank's night."""

import os

os.environ["SEGMENT_SOURCE_BACKOFF"] = "0.1"
