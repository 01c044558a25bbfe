"""Whose a workspace is: its owner's alone, or one group's where the bank says so."""

# The rule stands in the folders: `segment.files` makes folders 0700 and files 0600, but in a folder that was made for a
# group (setgid, nothing for others) as that folder is. What libraries write follows the process' umask, and what it
# missed, or an older release wrote, is closed here whenever a workspace is opened for writing and when a run ends.

from __future__ import annotations

import contextlib
import grp
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from segment.exceptions import WorkspaceError
from segment.files import folders_below, group_bits, make_folder

OTHERS = 0o077


def private_umask(group: str | None, *, writes: bool = True) -> None:
    """Let whatever this process writes from now on be its owner's alone, or the group's as well."""
    os.umask(OTHERS if group is None else 0o007 if writes else 0o027)


def open_private(root: Path, group: str | None = None, *, writes: bool = True) -> None:
    """Make a workspace, or close an older one, for its owner alone or for a group that reads or also writes."""
    make_folder(root)
    if not os.access(root, os.W_OK | os.X_OK):
        raise WorkspaceError.of("errors.no_right_to_write", root=root)
    gid, mode = (-1, 0o700) if group is None else (_number(group), 0o2770 if writes else 0o2750)
    with contextlib.suppress(PermissionError):  # another's: `keep_private` says whether that is as it must be
        if gid not in (-1, root.stat().st_gid):
            os.chown(root, -1, gid)
        if stat.S_IMODE(root.stat().st_mode) != mode:
            root.chmod(mode)
    if gid not in (-1, root.stat().st_gid):
        raise WorkspaceError.of("errors.not_in_group", group=group, root=root)
    keep_private(root)


def keep_private(root: Path) -> None:
    """Close what stands open in a workspace to more than its root says, and refuse what is not ours to close."""
    group = group_bits(root)
    gid = root.stat().st_gid
    opened = 0
    for place in _places(root, follow=not group):
        with contextlib.suppress(FileNotFoundError):  # of another run, which has just renamed or deleted it
            opened += not _close(place, group, gid)
    if opened:
        raise WorkspaceError.of("errors.workspace_open", root=root, opened=opened)


def _close(place: Path, group: int, gid: int) -> bool:
    """Give a file or folder the rights that it should have; say whether nobody else may reach it."""
    status = place.stat()
    mode = stat.S_IMODE(status.st_mode)
    wanted = mode & 0o700 | (mode & 0o700) >> 3 & group
    if group and stat.S_ISDIR(status.st_mode):
        wanted |= stat.S_ISGID
    try:
        if group and status.st_gid != gid:
            os.chown(place, -1, gid)
        if mode != wanted:
            place.chmod(wanted)
    except PermissionError:
        return not mode & OTHERS & ~(group if status.st_gid == gid else 0)
    return True


def _places(root: Path, *, follow: bool) -> Iterator[Path]:
    """Yield a folder and all in it; links to folders are followed, but not where a group could have laid them."""
    for folder, files in folders_below(root, follow=follow):
        yield folder
        yield from (path for path in map(folder.joinpath, files) if not path.is_symlink())


def _number(group: str) -> int:
    try:
        return int(group) if group.isdecimal() else grp.getgrnam(group).gr_gid
    except KeyError:
        raise WorkspaceError.of("errors.no_such_group", group=group) from None
