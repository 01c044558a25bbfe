"""Who runs this, as the operating system knows it, and a home where nobody has one."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_SIGNED_IN: ContextVar[str | None] = ContextVar("who signed in to the page and acts now", default=None)


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """Let what is done inside be the act of somebody who signed in, not of the account that the page runs under."""
    token = _SIGNED_IN.set(name)
    try:
        yield
    finally:
        _SIGNED_IN.reset(token)


def signed_in_name() -> str | None:
    """Name who signed in, where what is done now is done for them."""
    return _SIGNED_IN.get()


def login_name() -> str:
    """Name the account, whatever the environment says; `uid:N` where a container runs a number without one."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return numbered_login()


def numbered_login() -> str:
    """Name an account by its number, as one is that no system has a name for."""
    return f"uid:{os.geteuid()}"


def find_home() -> None:
    """Give libraries that look for a home or a name an empty folder, and the account's number, where there is none."""
    if not any(os.environ.get(name) for name in ("LOGNAME", "USER", "LNAME", "USERNAME")):
        os.environ["LOGNAME"] = login_name()
    try:
        Path.home()
    except RuntimeError:
        home = tempfile.mkdtemp(prefix="segment-home-")
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        os.environ["HOME"] = home
