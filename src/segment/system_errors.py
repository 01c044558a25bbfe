"""What the operating system refuses, in one message each, whichever library met it."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from segment.exceptions import SegmentError, SystemRefusalError
from segment.messages import Message


@dataclass(frozen=True)
class _Refusal:
    """A kind of refusal: by what it is known, and what is said of it."""

    numbers: tuple[int, ...]
    words: tuple[str, ...]  # Of libraries that hand no number on
    key: str  # Of the sentence, which may name the file or folder


_REFUSALS = (
    _Refusal(
        (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
        ("no space left", "disk is full", "quota exceeded", "file too large"),
        "errors.system.disk_full",
    ),
    _Refusal(
        (errno.EROFS,),
        ("read-only file system", "readonly database"),
        "errors.system.read_only",
    ),
    _Refusal(
        (errno.EACCES, errno.EPERM),
        ("permission denied", "operation not permitted", "unable to open database file"),
        "errors.system.no_right",
    ),
    _Refusal(
        (errno.EISDIR,),
        ("is a directory",),
        "errors.system.is_folder",
    ),
    _Refusal(
        (errno.ENOTDIR, errno.EEXIST),
        ("not a directory",),
        "errors.system.is_file",
    ),
    _Refusal(
        (errno.ENAMETOOLONG, errno.ELOOP),
        ("file name too long", "too many levels of symbolic links"),
        "errors.system.bad_path",
    ),
    _Refusal(
        (errno.EMFILE, errno.ENFILE),
        ("too many open files",),
        "errors.system.too_many_open",
    ),
    _Refusal(
        (errno.EIO, errno.ESTALE, errno.ENOLCK, errno.ENODEV),
        ("input/output error", "disk i/o error", "stale file handle", "no locks available"),
        "errors.system.disk_away",
    ),
)


def as_refusal(error: BaseException) -> SegmentError | None:
    """Say what the system refused where that is what an error, or what led to it, comes from."""
    for link in _chain(error):
        for refusal in _REFUSALS:
            if _is_told_by(link, refusal):
                return SystemRefusalError.of(refusal.key, place=_place(error))
    return None


def _is_told_by(error: BaseException, refusal: _Refusal) -> bool:
    number = getattr(error, "errno", None)
    if number is not None:
        return number in refusal.numbers
    # words only from libraries: Python's own errors have numbers, and a text may be of a customer
    text = str(error).casefold()
    return not isinstance(error, LookupError | ValueError) and any(words in text for words in refusal.words)


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return links


def _place(error: BaseException) -> str | Message:
    """Name the file or folder that was refused: the one that a person knows, not the one beside it that is written."""
    for link in _chain(error):
        named = getattr(link, "filename2", None) or getattr(link, "filename", None)
        if isinstance(named, str | bytes):
            path = Path(os.fsdecode(named))
            return f"`{path if os.path.lexists(path) else path.parent}`"
    return Message("errors.file_or_folder")
