"""A PostgreSQL server of the test's own, from Debian's package."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "segment_test", "s3cret-Pa55word"


def find_binaries() -> Path | None:
    """The newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    return found[-1].parent if found else None


@contextmanager
def postgres_server(binaries: Path) -> Iterator[str]:
    """Start a server that asks for a password, on loopback; yield its URL without a database's name."""
    # Not below pytest's own folder: that one is closed to the user under whom the server must run.
    home = Path(tempfile.mkdtemp(prefix="segment-postgres-"))
    data, log = home / "data", home / "log"
    (home / "password").write_text(PASSWORD)
    as_owner: dict[str, object] = {"cwd": home, "check": True, "capture_output": True}
    if os.geteuid() == 0:  # the server refuses to run as root
        owner = pwd.getpwnam("postgres")
        for path in (home, home / "password"):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        as_owner |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-t", "120"]
    try:
        _run(
            [str(binaries / "initdb"), "-D", str(data), "-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--no-sync"]
            + ["--pwfile", str(home / "password"), "--locale", "C"],
            as_owner,
        )
        port = _free_port()
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={home} -c fsync=off"
        _run([*control, "-l", str(log), "-o", options, "start"], as_owner)
        try:
            yield f"{USER}:{PASSWORD}@127.0.0.1:{port}"
        finally:
            _run([*control, "-m", "immediate", "stop"], as_owner)
    finally:
        shutil.rmtree(home)


def _run(command: list[str], options: dict[str, object]) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, **options)  # type: ignore[call-overload]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
