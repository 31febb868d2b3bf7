"""An agreement's shares for tools that watch objectives."""

from typing import Any

from fastapi import APIRouter, Response

from api.dependencies import TheParts
from api.people import RegistryReader
from api.routes.registry import the_entry
from connectors.openslo import Promise, openslo_yaml
from domain.errors import NotFound
from store.stated import Stated

router = APIRouter(tags=["registry"])

_YAML: dict[int | str, dict[str, Any]] = {200: {"content": {"application/yaml": {"schema": {"type": "string"}}}}}


@router.get("/registry/{registry_no}/openslo", response_class=Response, responses=_YAML)
async def show_openslo(registry_no: str, parts: TheParts, someone: RegistryReader, version: str | None = None) -> Response:
    """The shares that are promised, as OpenSLO v1 in YAML; the newest version, or the one asked for. Numbers are written SLA-2026-0001."""
    entry = await the_entry(registry_no, parts, someone)
    if version is not None:
        if version not in {each.version for each in entry.versions}:
            raise NotFound(f"{registry_no} has no version {version}")
        entry = entry.of_version(version)
    promise = Promise(entry.registry_no, entry.version, Stated.of(entry).document)
    return Response(openslo_yaml(promise), media_type="application/yaml")
