"""Dockerfile, compose.yaml and units: they name what there is, publish nothing, and keep secrets out."""

from __future__ import annotations

import configparser
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from segment.cli import app
from segment.settings import Settings

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
COMMANDS = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}


def test_the_five_parts_are_there() -> None:
    assert set(SERVICES) == {"postgres", "mlflow", "prefect", "worker", "page"}


def test_the_image_is_built_from_what_it_may_see_and_from_hashes() -> None:
    seen = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] == "!"]
    copied = [
        part
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, flags=re.MULTILINE)
        for part in line.split()
    ]
    assert copied
    for path in copied:
        assert (ROOT / path).exists(), path
        assert any(fnmatch(path, pattern) or path.startswith(f"{pattern}/") for pattern in seen), path
    assert re.findall(r"pip install .*-r (\S+)", DOCKERFILE) == ["requirements/run.txt"]
    assert "--require-hashes" in DOCKERFILE


def test_nothing_runs_as_root_but_the_database() -> None:
    assert DOCKERFILE.rindex("\nUSER segment") > DOCKERFILE.rindex("\nFROM ")
    own = [service for name, service in SERVICES.items() if name != "postgres"]
    assert all(service["cap_drop"] == ["ALL"] and service["read_only"] for service in own)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_names_what_there_is(name: str) -> None:
    service = SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert set(service.get("depends_on", ())) <= set(SERVICES)
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    for volume in service.get("volumes", ()):
        source = volume.split(":")[0]
        assert source.startswith("./") or source in COMPOSE["volumes"], volume
    if service.get("command", [""])[0] == "segment":
        assert service["command"][1] in COMMANDS


def test_no_secret_stands_in_a_file() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    said = re.findall(r"PASSWORD\S*: (.+)", text) + re.findall(r"://\w+:(\S+?)@", text.replace(" ", ""))
    assert len(said) >= 7
    assert [value for value in said if not value.startswith("${")] == []


def test_settings_are_ones_that_there_are() -> None:
    files = ("compose.yaml", "Dockerfile", *(str(unit.relative_to(ROOT)) for unit in UNITS))
    named = {
        name for file in files for name in re.findall(r"\bSEGMENT_(\w+)[=:]", (ROOT / file).read_text(encoding="utf-8"))
    }
    assert named
    assert {name.lower() for name in named} - set(Settings.model_fields) == {"db_password", "address"}


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_unit_runs_a_command_that_there_is_with_no_more_than_it_needs(unit: Path) -> None:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(unit, encoding="utf-8")
    service = parsed["Service"]
    assert service["ExecStart"].split()[1] in COMMANDS
    assert (service["User"], service["ProtectSystem"], service["NoNewPrivileges"]) == ("segment", "strict", "yes")
    assert service["ReadWritePaths"] == "/srv/segment/workspace"
