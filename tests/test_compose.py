"""The production shape, as far as it can be checked without a container engine."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from cli import COMMANDS
from settings import Settings
from tests.conftest import ROOT
from workflows.names import QUEUES

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
JOBS = {name for name, service in SERVICES.items() if service.get("restart") == "no"}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
ENV_EXAMPLE = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")


def test_every_image_is_pinned_to_a_version() -> None:
    images = [service["image"] for service in SERVICES.values()] + re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    for image in images:
        assert re.search(r":v?\d+\.\d+", image), image


@pytest.mark.parametrize("name", sorted(set(SERVICES) - JOBS))
def test_what_runs_for_long_starts_again_and_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_jobs_are_waited_for_until_they_have_succeeded() -> None:
    waited = {
        name: how["condition"] for service in SERVICES.values() for name, how in service.get("depends_on", {}).items() if name in JOBS
    }
    assert waited == {"temporal-schema": "service_completed_successfully", "migrate": "service_completed_successfully"} | {
        "temporal-namespace": "service_completed_successfully"
    }


def test_no_secret_has_a_default_and_each_is_asked_for_in_the_example() -> None:
    used = dict(re.findall(r"\$\{(\w+)(:[?-][^}]*)?\}", TEXT))
    secrets = {name for name in used if name.endswith(("PASSWORD", "TOKEN")) or name == "SERVANDA_CRM_SECRET"}
    assert secrets == {"POSTGRES_PASSWORD", "SERVANDA_DB_PASSWORD", "SERVANDA_API_TOKEN", "SERVANDA_CRM_SECRET"}
    for name in secrets:
        assert used[name].startswith(":?"), name
        assert re.search(rf"^{name}=$", ENV_EXAMPLE, re.MULTILINE), name
    assert all(marker for marker in used.values()), "every variable is required or has a default"


def test_every_setting_of_ours_is_one_and_every_command_exists() -> None:
    ours = {name for service in SERVICES.values() if service["image"].startswith("servanda") for name in service["environment"]}
    assert {name.removeprefix("SERVANDA_").lower() for name in ours} <= set(Settings.model_fields)
    commands = [service["command"] for service in SERVICES.values() if service["image"].startswith("servanda")]
    assert {command[0] for command in commands} == {"migrate", "api", "worker"}
    assert {command[0] for command in commands} <= set(COMMANDS)


def test_the_workers_share_all_queues_without_overlap() -> None:
    queues = [service["command"][2].split(",") for service in SERVICES.values() if service.get("command", [""])[0] == "worker"]
    assert sorted(queue for each in queues for queue in each) == sorted(QUEUES)


def test_ports_are_bound_to_the_loopback_unless_told_otherwise() -> None:
    for service in SERVICES.values():
        for port in service.get("ports", []):
            assert port.startswith("${SERVANDA_BIND:-127.0.0.1}:"), port


def test_a_stopping_worker_has_more_time_than_it_needs() -> None:
    assert {service["stop_grace_period"] for name, service in SERVICES.items() if name.startswith("worker")} == {"45s"}


def test_the_image_holds_all_our_rooms_runs_as_nobody_special_and_carries_no_compiler() -> None:
    packaging = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    rooms = {pattern.rstrip("*") for pattern in packaging["packages"]["find"]["include"]}
    copied = {word for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]}
    modules = {f"{name}.py" for name in packaging["py-modules"]}
    assert rooms | modules <= copied
    assert all((ROOT / name).exists() for name in copied)
    assert re.findall(r"^USER (\w+)", DOCKERFILE, re.MULTILINE)[-1] == "servanda"
    assert "gcc" not in DOCKERFILE
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert all(f"!{name}" in ignored or name.endswith(".py") for name in copied)


def test_the_scripts_it_mounts_are_there() -> None:
    mounted = re.findall(r"\./(deploy/[\w.-]+):", TEXT)
    assert len(mounted) == 3
    assert all((ROOT / path).read_text(encoding="utf-8").startswith("#!/bin/sh\n") for path in mounted)
