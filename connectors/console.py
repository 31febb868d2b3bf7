"""The channel and the CRM that need nothing installed: they print."""

import sys

from domain.effects import CreditNote, CrmCaseUpdate, CrmUpdate, Notice


class ConsoleNotifier:
    """Prints notices."""

    name = "console"

    async def send(self, notice: Notice) -> None:
        """Print a notice as one line."""
        sys.stdout.write(f"notice to {', '.join(notice.recipients)}: {notice.subject}\n")


class ConsoleCrm:
    """Prints what a CRM would be told."""

    name = "console-crm"

    async def update_ticket(self, update: CrmUpdate) -> None:
        """Print an update as one line."""
        sys.stdout.write(f"to the CRM: {update.kind} {update.clock} of {update.ticket.ticket_id} at {update.at.isoformat()}\n")

    async def update_case(self, update: CrmCaseUpdate) -> None:
        """Print an update as one line."""
        sys.stdout.write(f"to the CRM: {update.text}\n")

    async def bill_credit(self, note: CreditNote) -> None:
        """Print a credit note as one line."""
        said = f"{note.amount} {note.currency} to {note.customer} for {note.target} in {note.period} under {note.registry_no}"
        sys.stdout.write(f"to billing: {said}\n")
