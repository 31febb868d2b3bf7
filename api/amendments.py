"""Carries out `domain.ports.Amendments`: small changes become versions of the registry, and the agreement's process learns of them."""

from datetime import datetime

from temporalio.client import Client

from domain.documents import AgreementDocument
from domain.follow_ups.change import Change
from store.database import Database
from store.registry import AgreementRegistry
from workflows.processes import tell_amended


class Amendments:
    """Makes versions; what both sides negotiate anew waits for a release that opens its case."""

    def __init__(self, database: Database, client: Client) -> None:
        """Work on a database and an engine."""
        self._registry = AgreementRegistry(database)
        self._client = client

    async def open_amendment(self, change: Change, at: datetime) -> str:
        """Not yet: it is tried again until a release that can."""
        del at
        raise NotImplementedError(f"{change.case_id} waits for a release that renegotiates")

    async def add_minor_version(self, registry_no: str, document: AgreementDocument, note: str, key: str, at: datetime) -> str:
        """Register the next minor version, and tell the agreement's process; the same key again gives the same version.

        Raises:
            NotAmendable: the agreement has ended, or another version waits for its day or began today.
        """
        registered = await self._registry.add_minor_version(registry_no, document, note, key, at)
        await tell_amended(self._client, registered)
        return registered.version
