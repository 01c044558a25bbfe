"""What the operating system refuses, in one message each, whichever library met it."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from segment.exceptions import SegmentError, SystemRefusalError


@dataclass(frozen=True)
class _Refusal:
    """A kind of refusal: how it is told, and what is said of it."""

    numbers: tuple[int, ...]
    words: tuple[str, ...]  # Of libraries that hand no number on
    says: str  # `{place}` stands for the file or folder, where it is known
    hint: str


_REFUSALS = (
    _Refusal(
        (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
        ("no space left", "disk is full", "quota exceeded", "file too large"),
        "The disk must have room for what is built. It is full, or its quota or limit is reached. What was published "
        "stays.",
        "free some, or point --workspace at another disk, and run again: it goes on from here.",
    ),
    _Refusal(
        (errno.EROFS,),
        ("read-only file system", "readonly database"),
        "What is written to must not be read-only. {place} is.",
        "choose another place to write to; commands that only read work where nothing may be written",
    ),
    _Refusal(
        (errno.EACCES, errno.EPERM),
        ("permission denied", "operation not permitted", "unable to open database file"),
        "Whoever runs this must have the right to {place}. The system refuses it.",
        "let its owner grant it (docs/how-to/who-may-read.md), or choose another place",
    ),
    _Refusal((errno.EISDIR,), ("is a directory",), "A file must be meant. {place} is a folder.", "name a file in it"),
    _Refusal(
        (errno.ENOTDIR, errno.EEXIST),
        ("not a directory",),
        "A folder must be meant. {place} is a file, or one of the folders above it is.",
        "choose another place",
    ),
    _Refusal(
        (errno.ENAMETOOLONG, errno.ELOOP),
        ("file name too long", "too many levels of symbolic links"),
        "A path must be one that the system can follow. This one is too long, or its links lead in a circle.",
        "choose another place",
    ),
    _Refusal(
        (errno.EMFILE, errno.ENFILE),
        ("too many open files",),
        "The system must let this open its files. Its limit of open files is reached.",
        "raise the limit (ulimit -n), or let fewer processes work at once: SEGMENT_JOBS=2",
    ),
    _Refusal(
        (errno.EIO, errno.ESTALE, errno.ENOLCK, errno.ENODEV),
        ("input/output error", "disk i/o error", "stale file handle", "no locks available"),
        "The disk must answer. It does not, or it shares no locks: {place}.",
        "look after the disk or its mount, and run again: what was published stays",
    ),
)


def as_refusal(error: BaseException) -> SegmentError | None:
    """Say what the system refused where that is what an error, or what led to it, comes from."""
    for link in _chain(error):
        for refusal in _REFUSALS:
            if _is_told_by(link, refusal):
                return SystemRefusalError.with_hint(refusal.says.format(place=_place(error)), refusal.hint)
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


def _place(error: BaseException) -> str:
    """Name the file or folder that was refused: the one that a person knows, not the one beside it that is written."""
    for link in _chain(error):
        named = getattr(link, "filename2", None) or getattr(link, "filename", None)
        if isinstance(named, str | bytes):
            path = Path(os.fsdecode(named))
            return f"`{path if os.path.lexists(path) else path.parent}`"
    return "a file or folder"
