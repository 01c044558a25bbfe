"""The command line: each command parses, calls one job and shows what came of it."""

import os

# Before any learner is loaded: threads that wait must not spin, or two runs on one machine starve each other.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from segment.cli.app import app, main

__all__ = ["app", "main"]
