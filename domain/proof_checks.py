"""Checking a published proof by itself: does it say one thing, and was none of it changed? The signature is checked beside this."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic import ValidationError

from domain.canonical import digest_of
from domain.proof_months import FEWEST_MONTHS, month_number, months_of
from domain.quality_proofs import (
    FEWEST_CLOCKS,
    FEWEST_CUSTOMERS,
    METHOD,
    WORSE,
    ProofCell,
    ProofContent,
    ProofSums,
    attainment_shown,
    colour_of,
    colours_of,
    total_of,
)


class Check(NamedTuple):
    """Something that was looked at: its name, whether it holds, and what was found where not."""

    name: str
    holds: bool
    found: str = ""


def signed_statement(proof: str, digest: str, published_at: datetime) -> dict[str, str]:
    """What the publisher signs: which proof has which hash, since when."""
    return {"proof": proof, "hash": digest, "published_at": published_at.isoformat().replace("+00:00", "Z")}


def proof_checks(content: Mapping[str, Any], digest: str) -> list[Check]:
    """Every check of a proof's content, in the order in which people read them; form and hash come first.

    Args:
        content: the content as it was published, as JSON has it.
        digest: the hash it is published under.
    """
    own = digest_of(content)
    checks = [Check("hash", own == digest, f"the content has the hash {own}, published is {digest}" if own != digest else "")]
    try:
        proof = ProofContent.model_validate(content)
        held = {name: next(check(proof), "") for name, check in _CHECKS.items()}
    except ValidationError as wrong:
        where = ".".join(map(str, wrong.errors()[0]["loc"]))
        return [Check("form", holds=False, found=f"{where}: {wrong.errors()[0]['msg']}"), *checks]
    return [Check("form", holds=True), *checks, *(Check(name, not found, found) for name, found in held.items())]


def _method(proof: ProofContent) -> Iterator[str]:
    if proof.method.version != METHOD:
        yield f"the proof follows method {proof.method.version}, this program knows {METHOD}"


def _months(proof: ProofContent) -> Iterator[str]:
    """Whole months in a row, as many as a proof needs, all of them in a cell."""
    every = [month_number(month) for cell in proof.cells for month in (cell.first_month, cell.last_month)]
    if not every or (proof.cells[0].first_month, proof.cells[-1].last_month) != (proof.first_month, proof.last_month):
        yield f"the cells do not begin with {proof.first_month} and end with {proof.last_month}"
    for cell in proof.cells:
        if month_number(cell.last_month) < month_number(cell.first_month):
            yield f"{cell.first_month} to {cell.last_month} is no stretch"
    for before, after in pairwise(proof.cells):
        if month_number(after.first_month) != month_number(before.last_month) + 1:
            yield f"{after.first_month} does not follow {before.last_month}"
    if len(months_of(proof.first_month, proof.last_month)) < FEWEST_MONTHS:
        yield f"fewer than {FEWEST_MONTHS} months"


def _cells(proof: ProofContent) -> Iterator[str]:
    """The lines of each cell sum up to it."""
    for cell in proof.cells:
        for name, told, summed in _differences(cell, cell.lines):
            yield f"{_named(cell)}: {name} is {told}, its lines sum up to {summed}"


def _total(proof: ProofContent) -> Iterator[str]:
    """The cells sum up to the total, and the share follows from it."""
    for name, told, summed in _differences(proof.total, proof.cells):
        yield f"the total says {name} {told}, the months sum up to {summed}"
    whole = total_of(proof.cells)
    for name in ("kept", "missed", "unmeasured"):
        if getattr(proof.total, name) != getattr(whole, name):
            yield f"the total says {name} {getattr(proof.total, name)}, the months sum up to {getattr(whole, name)}"
    if proof.total.attainment != attainment_shown(whole):
        yield f"the total says {proof.total.attainment}, the months give {attainment_shown(whole)}"


def _colours(proof: ProofContent) -> Iterator[str]:
    """A month has the colour of its figures; months shown together may be worse than their sums, as one of them was."""
    for cell in proof.cells:
        ruled = colour_of(cell)
        is_worse = cell.first_month != cell.last_month and WORSE.index(cell.colour) > WORSE.index(ruled)
        if cell.colour is not ruled and not is_worse:
            yield f"{_named(cell)} is told as {cell.colour}, its figures are {ruled}"
    if dict(proof.total.months) != colours_of(proof.cells):
        yield "the months by colour are not those of the cells"


def _enough(proof: ProofContent) -> Iterator[str]:
    if proof.customers < FEWEST_CUSTOMERS:
        yield f"{proof.customers} customers; a proof has {FEWEST_CUSTOMERS} at least"
    if proof.total.met + proof.total.breached < FEWEST_CLOCKS:
        yield f"{proof.total.met + proof.total.breached} judged clocks; a proof has {FEWEST_CLOCKS} at least"


def _differences(told: ProofSums, parts: Sequence[ProofSums]) -> Iterator[tuple[str, object, object]]:
    for name in ("met", "breached"):
        summed = sum(getattr(each, name) for each in parts)
        if getattr(told, name) != summed:
            yield name, getattr(told, name), summed
    allowed = sum((Decimal(each.allowed) for each in parts), Decimal(0))
    if Decimal(told.allowed) != allowed:
        yield "allowed", told.allowed, allowed


def _named(cell: ProofCell) -> str:
    return cell.first_month if cell.first_month == cell.last_month else f"{cell.first_month} to {cell.last_month}"


_CHECKS: Mapping[str, Callable[[ProofContent], Iterator[str]]] = {
    "method": _method,
    "months": _months,
    "cells": _cells,
    "total": _total,
    "colours": _colours,
    "enough": _enough,
}
"""Checks by name, each telling what does not hold."""
