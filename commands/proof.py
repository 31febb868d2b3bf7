"""`servanda proof`: check a published proof of quality, by its file or its address."""

import asyncio
import json
import re
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from pydantic import AwareDatetime, ValidationError

from commands.output import print_json, say
from connectors.guarded import GuardedClient, NotTold
from connectors.proof_signing import read_statement
from domain.errors import BadInput
from domain.proof_checks import Check, proof_checks, signed_statement
from domain.values import Message

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Published proofs of quality.")


@app.callback()
def _proof() -> None:
    """Published proofs of quality."""


class _Published(Message):
    """A published proof as its address gives it."""

    proof: str
    content: dict[str, Any] | None
    hash: str
    published_at: AwareDatetime
    signature: str
    key: str | None = None
    withdrawn_because: str | None = None


class _Source(NamedTuple):
    """A proof, and where the keys are that must have signed it; `printed` is the hash on a PDF."""

    proof: _Published
    keys_at: str | None
    printed: str | None = None


@app.command()
def verify(
    source: Annotated[str, typer.Argument(metavar="FILE|URL", help="the proof's JSON, its address, or a PDF whose address is looked up")],
    key: Annotated[
        str | None, typer.Option(metavar="FILE|URL", help="the public keys; default: where the proof's own site tells them")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Compute hash and sums again, hold colours against figures, check the signature; exit code 1 where something does not hold.

    Example: servanda proof verify https://sla.example.com/proofs/proof-0123456789abcdef
    """
    found = asyncio.run(_source(source))
    keys_at = key or found.keys_at
    if keys_at is None:
        raise BadInput("the file says no address of public keys; name them with --key")
    checks = [*_checks(found), _signature(found.proof, _json(asyncio.run(_read(keys_at)), keys_at))]
    broken = [each for each in checks if not each.holds]
    if as_json:
        shown = [each._asdict() for each in checks]
        print_json({"proof": found.proof.proof, "hash": found.proof.hash, "keys": keys_at, "holds": not broken, "checks": shown})
    else:
        for each in checks:
            say(f"{'ok  ' if each.holds else 'BAD '}  {each.name}{': ' + each.found if each.found else ''}")
        where = f"; the keys are those of {keys_at}"
        say(f"{found.proof.proof} {'holds' if not broken else 'DOES NOT HOLD: ' + broken[0].name}{where}")
    if broken:
        raise typer.Exit(1)


def _checks(source: _Source) -> list[Check]:
    proof, checks = source.proof, []
    if source.printed is not None:
        differs = source.printed != proof.hash
        checks.append(Check("printed", not differs, f"the PDF says {source.printed}, its address gives {proof.hash}" if differs else ""))
    if proof.content is None:
        return [*checks, Check("withdrawn", holds=False, found=proof.withdrawn_because or "it has no content any more")]
    return [*checks, *proof_checks(proof.content, proof.hash)]


def _signature(proof: _Published, keys: Any) -> Check:
    stated = signed_statement(proof.proof, proof.hash, proof.published_at)
    try:
        signed = read_statement(keys, proof.signature) if isinstance(keys, dict) else None
    except BadInput as refusal:
        return Check("signature", holds=False, found=str(refusal))
    return Check("signature", signed == stated, "" if signed == stated else f"what was signed is {json.dumps(signed)}")


# ---- reading --------------------------------------------------------------------------------------------------------


async def _source(source: str) -> _Source:
    """The proof behind a file or an address.

    Keys come from the address that was asked, never from one it answers; a file has none of its own, so what it names is said last.
    """
    raw, printed = await _read(source), None
    if raw.startswith(b"%PDF-"):
        source, printed = _printed(raw)
        raw = await _read(source)
    try:
        proof = _Published.model_validate(_json(raw, source))
    except ValidationError as wrong:
        raise BadInput(f"{source} is no published proof: {'.'.join(map(str, wrong.errors()[0]['loc']))} is wrong") from wrong
    site = re.match(r"(https?://.+)/proofs/[^/]+$", source)
    return _Source(proof, f"{site[1]}/proofs/key.json" if site else proof.key, printed)


async def _read(source: str) -> bytes:
    if not re.match(r"https?://", source):
        return _kept(source)
    is_page = re.search(r"/proofs/proof-[0-9a-f]+$", source)
    try:
        async with GuardedClient() as client:
            answer = await client.call("GET", f"{source}.json" if is_page else source)
    except NotTold as silent:
        raise BadInput(f"{source} does not answer: {silent}") from silent
    if answer.status != 200:
        raise BadInput(f"{source} answers {answer.status}; there is no published proof")
    return answer.body


def _kept(source: str) -> bytes:
    try:
        return Path(source).read_bytes()
    except OSError as missing:
        raise BadInput(f"{source} cannot be read: {missing.strerror}") from missing


def _json(raw: bytes, source: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as wrong:
        raise BadInput(f"{source} is no JSON") from wrong


def _printed(raw: bytes) -> tuple[str, str]:
    """The address of the data, and the hash, as they stand on the PDF."""
    try:
        from pypdf import PdfReader  # noqa: PLC0415  (no part of an installation: the address on the paper does as well)
        from pypdf.errors import PyPdfError  # noqa: PLC0415
    except ImportError as missing:
        raise BadInput("to read PDFs install pypdf, or verify the address that stands on it") from missing
    from io import BytesIO  # noqa: PLC0415

    try:
        told = re.sub(r"[\s\u200b]", "", "".join(page.extract_text() for page in PdfReader(BytesIO(raw)).pages))
    except PyPdfError as wrong:
        raise BadInput(f"this PDF cannot be read: {wrong}") from wrong
    address, digest = re.search(r"https?://[^\s]+?/proofs/proof-[0-9a-f]{16}\.json", told), re.search(r"\(SHA-256\):([0-9a-f]{64})", told)
    if address is None or digest is None:
        raise BadInput("no proof of quality is printed on this PDF")
    return address[0], digest[1]
