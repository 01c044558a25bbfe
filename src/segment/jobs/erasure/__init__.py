"""Taking one person out of the workspace for good, with a certificate."""

from segment.jobs.erasure.certificate import Erasure, verify_erasure
from segment.jobs.erasure.run import erase

__all__ = ["Erasure", "erase", "verify_erasure"]
