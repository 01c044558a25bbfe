"""Proof that what is published adds up to the ledger, and its replay."""

from segment.jobs.proof.prove import Proof, prove, record_proof
from segment.jobs.proof.verify import Check, Verified, verify

__all__ = ["Check", "Proof", "Verified", "prove", "record_proof", "verify"]
