"""`servanda doctor`: what is missing or misconfigured, in plain words."""

import asyncio
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.output import say
from connectors.proof_signing import new_proof_key
from domain.errors import ServandaError
from settings import Settings, load_settings, new_secret

if TYPE_CHECKING:
    from store.database import Database

app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    new: Annotated[bool, typer.Option("--new-secret", help="only print a fresh webhook secret")] = False,
    new_key: Annotated[bool, typer.Option("--new-proof-key", help="only print a fresh key for proofs of quality")] = False,
    services: Annotated[bool, typer.Option("--services", help="only look whether database and engine answer")] = False,
) -> None:
    """Check this machine, the settings, the database and the engine; exit code 1 if something must be mended.

    Example: servanda doctor
    """
    if new:
        say(new_secret())
        return
    if new_key:
        say(new_proof_key())
        return
    settings = load_settings()
    own = (
        []
        if services
        else [
            _python(),
            _binary(settings),
            _reached(settings),
            _secret(settings),
            _surveys(settings),
            _proofs(settings),
            _policy(settings),
            _connectors(settings),
        ]
    )
    if not asyncio.run(_examine(settings, own)):
        raise typer.Exit(1)


async def _examine(settings: Settings, findings: list[tuple[bool, str]]) -> bool:
    findings += [await _database(settings), await _engine(settings)]
    for good, text in findings:
        say(f"{'ok  ' if good else 'MEND'}  {text}")
    return all(good for good, _ in findings)


def _python() -> tuple[bool, str]:
    return sys.version_info >= (3, 11), f"Python {platform.python_version()}; 3.11 or newer is needed"


def _binary(settings: Settings) -> tuple[bool, str]:
    from commands.engine import engine_binary  # noqa: PLC0415

    try:
        return True, f"the engine's development server is {engine_binary(settings)}"
    except ServandaError as missing:
        return False, str(missing)


def _reached(settings: Settings) -> tuple[bool, str]:
    if settings.is_loopback:
        return True, f"the API listens on {settings.api_host}:{settings.api_port}, which only this machine reaches"
    if not settings.links_to.startswith("https://"):
        return (
            False,
            f"others reach the API at {settings.api_host} without TLS: put a proxy before it and set SERVANDA_PUBLIC_URL=https://…",
        )
    return True, f"the API listens on {settings.api_host}:{settings.api_port}, and people reach it at {settings.public_url}"


def _secret(settings: Settings) -> tuple[bool, str]:
    if settings.crm_secret:
        return True, f"{len(settings.crm_secret)} secret(s) for incoming events are set"
    if settings.is_loopback:
        return True, f"incoming events are signed with the secret in {settings.data_dir / 'crm-secret'}, made at the first start"
    return False, "SERVANDA_CRM_SECRET is not set: no event would be accepted; servanda doctor --new-secret makes one"


def _surveys(settings: Settings) -> tuple[bool, str]:
    if settings.survey_secret:
        return True, f"links to surveys are signed; they begin with {settings.links_to}"
    if settings.is_loopback:
        return True, f"links to surveys are signed with the secret in {settings.data_dir / 'survey-secret'}, made at the first start"
    return False, "SERVANDA_SURVEY_SECRET is not set: no customer is asked how satisfied they are; servanda doctor --new-secret makes one"


def _proofs(settings: Settings) -> tuple[bool, str]:
    if settings.proof_key:
        return True, f"proofs of quality are signed; their keys are told at {settings.links_to}/proofs/key.json"
    if settings.is_loopback:
        return True, f"proofs of quality are signed with the key in {settings.data_dir / 'proof-key'}, made at the first start"
    return False, "SERVANDA_PROOF_KEY is not set: no proof of quality can be published; servanda doctor --new-proof-key makes one"


def _policy(settings: Settings) -> tuple[bool, str]:
    try:
        settings.policy  # noqa: B018  (asked for its refusal)
    except ServandaError as faulty:
        return False, "SERVANDA_POLICY_FILE: " + str(faulty).splitlines()[0]
    return True, f"times and thresholds of agreement cases are {settings.policy_file or 'the defaults'}"


def _connectors(settings: Settings) -> tuple[bool, str]:
    try:
        names = list(settings.connectors)
    except ServandaError as faulty:
        return False, "SERVANDA_CONNECTORS_FILE: " + str(faulty).splitlines()[0]
    return True, f"connected systems: {', '.join(names) or 'none'}"


async def _database(settings: Settings) -> tuple[bool, str]:
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from store.database import Database  # noqa: PLC0415
    from store.migrate import is_current  # noqa: PLC0415

    database = Database(settings.database)
    where = database.engine.url.render_as_string(hide_password=True)
    try:
        if _is_missing(database):
            return False, f"the database {where} is not there yet: run servanda migrate (servanda up does it by itself)"
        if await is_current(database):
            return True, f"the database {where} is up to date"
        return False, f"the database {where} is not migrated: run servanda migrate (servanda up does it by itself)"
    except (SQLAlchemyError, OSError) as failure:
        return False, f"the database {where} does not answer ({type(failure).__name__}): is it running, is the address right?"
    finally:
        await database.close()


def _is_missing(database: "Database") -> bool:
    """Is its file not there? To look into it would make an empty one."""
    return database.is_sqlite and not Path(database.engine.url.database or "").exists()


async def _engine(settings: Settings) -> tuple[bool, str]:
    from temporalio.service import RPCError  # noqa: PLC0415

    from worker import connect  # noqa: PLC0415

    try:
        client = await asyncio.wait_for(connect(settings), 5)
        await client.service_client.check_health()
    except (RuntimeError, RPCError, OSError, TimeoutError):
        return False, f"the engine at {settings.temporal_address} does not answer: servanda up starts one, or set SERVANDA_TEMPORAL_ADDRESS"
    return True, f"the engine answers at {settings.temporal_address}, namespace {settings.temporal_namespace}"
