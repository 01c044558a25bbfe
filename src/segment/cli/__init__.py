"""The command line: each command parses, calls one job and shows what came of it."""

from segment.cli.app import app, main

__all__ = ["app", "main"]
