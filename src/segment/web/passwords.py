"""Passwords, one-time codes and tokens: how they are made, hashed and checked."""

# A check of a password takes 64 MiB and a fifth of a second on purpose, so two at a time are as many as are made;
# whoever guesses is locked out before anything is hashed.

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from segment.exceptions import BusyError, UsageError

CHECKS_AT_ONCE: Final = 2
WAIT_SECONDS: Final = 20
LEAST_CHARACTERS: Final = 12
FAILURES: Final = parse("5/15 minutes")
"""Of one name, whoever tries it."""
TRIES: Final = parse("60/15 minutes")
"""From one address, whatever the name: a branch shares one."""
REQUESTS: Final = parse("600/minute")
"""Of one user or program."""

_hasher = PasswordHasher()
_slots = BoundedSemaphore(CHECKS_AT_ONCE)


class LockedOut(Exception):
    """Too many tries; nothing was checked."""


class Lockout:
    """Counts what failed, in the memory of this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def require_room(self, name: str, address: str) -> None:
        """Stop where a name failed too often, or an address tried too often; the try is counted."""
        if not self._limiter.test(FAILURES, "name", _folded(name)) or not self._limiter.hit(TRIES, "address", address):
            raise LockedOut

    def failed(self, name: str) -> None:
        """Count a failure of a name."""
        self._limiter.hit(FAILURES, "name", _folded(name))

    def has_room(self, who: str) -> bool:
        """Count a request of somebody, and say whether they may go on."""
        return bool(self._limiter.hit(REQUESTS, "requests", who))


def hash_password(password: str) -> str:
    """Hash a password that is long enough to be one."""
    if len(password) < LEAST_CHARACTERS:
        raise UsageError.of("errors.short_password", least=LEAST_CHARACTERS, given=len(password))
    with _slot():
        return _hasher.hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Check a password; one of nobody takes as long as one of somebody."""
    known = password_hash if password_hash and password_hash.startswith("$argon2") else None
    with _slot():
        try:
            return _hasher.verify(known or _of_nobody(), password) and known is not None
        except (Argon2Error, InvalidHashError):
            return False


def new_secret() -> str:
    """A code, cookie or token that nobody guesses."""
    return secrets.token_urlsafe(32)


def key_of(secret: str) -> str:
    """Hash by which a secret of `new_secret` is stored; it is long and random, so one round is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


@lru_cache(maxsize=1)
def _of_nobody() -> str:
    return _hasher.hash(new_secret())


class _slot:  # noqa: N801  reads as a keyword where it stands
    def __enter__(self) -> None:
        if not _slots.acquire(timeout=WAIT_SECONDS):
            raise BusyError.of("errors.many_sign_in")

    def __exit__(self, *_: object) -> None:
        _slots.release()


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
