"""Who may ask what: a person, somebody of the provider, or a program whose token has the scope."""

from typing import Annotated, Any

from fastapi import Depends, Header, Request

from api.bearers import bearer_in, caller_of
from api.dependencies import Parts, TheParts, signed_body
from api.doors import address_of
from api.errors import Unauthorized
from api.someone import Caller, Program, Someone, name_of
from domain.errors import Forbidden
from domain.scopes import Scope
from store.service_tokens import PREFIX

_LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
"""What changes nothing."""

Authorization = Annotated[str | None, Header()]


async def _caller(parts: TheParts, request: Request, authorization: Authorization = None) -> Caller:
    caller = await _known(parts, request, authorization)
    request.state.person = name_of(caller)
    if request.method not in _LOOKING:
        parts.limits.writes.take(name_of(caller))
    return caller


async def _known(parts: Parts, request: Request, authorization: str | None) -> Caller:
    """Who asks; whoever guesses tokens is slowed down, which those who have one do not notice."""
    try:
        return await caller_of(parts, bearer_in(authorization))
    except Unauthorized:
        parts.limits.doors.take(address_of(request))
        raise


TheCaller = Annotated[Caller, Depends(_caller)]
"""Whoever has a token."""


def _someone(caller: TheCaller) -> Someone:
    if isinstance(caller, Program):
        raise Forbidden("this is for people; a service token does not open it")
    return caller


ThePerson = Annotated[Someone, Depends(_someone)]
"""A person."""


def refuse_outsiders(someone: Someone) -> Someone:
    """Let only the provider's people pass.

    Raises:
        Forbidden: they are a customer's or a supplier's.
    """
    if not someone.is_inside:
        raise Forbidden("this is for the provider's people")
    return someone


def _insider(someone: ThePerson) -> Someone:
    return refuse_outsiders(someone)


TheInsider = Annotated[Someone, Depends(_insider)]
"""Somebody of the provider."""


def refuse_without(program: Program, scope: Scope) -> None:
    """Let a program pass whose token has a scope.

    Raises:
        Forbidden: it has not.
    """
    if scope not in program.scopes:
        raise Forbidden(f"this needs the scope {scope.value}; the token has {', '.join(sorted(program.scopes)) or 'none'}")


def caller_with(scope: Scope) -> Any:
    """A dependency: any person, or a program whose token has the scope."""

    def let_pass(caller: TheCaller) -> Caller:
        if isinstance(caller, Program):
            refuse_without(caller, scope)
        return caller

    return Depends(let_pass)


def reader(scope: Scope) -> Any:
    """The same as somebody of the directory: a program with the scope sees what the provider's people see, and has no role."""

    async def read(parts: TheParts, caller: Annotated[Caller, caller_with(scope)]) -> Someone:
        return caller.within(await parts.directory.now()) if isinstance(caller, Program) else caller

    return Depends(read)


TicketReader = Annotated[Caller, caller_with(Scope.TICKETS_READ)]
TicketWriter = Annotated[Caller, caller_with(Scope.TICKETS_WRITE)]
MailboxReader = Annotated[Caller, caller_with(Scope.MAILBOX_READ)]
TicketLister = Annotated[Someone, reader(Scope.TICKETS_READ)]
ReportReader = Annotated[Someone, reader(Scope.REPORTS_READ)]
RegistryReader = Annotated[Someone, reader(Scope.REGISTRY_READ)]
AuditReader = Annotated[Someone, reader(Scope.AUDIT_READ)]


def _reporter(someone: Annotated[Someone, reader(Scope.MEASUREMENTS_WRITE)]) -> Someone:
    return refuse_outsiders(someone)


TheReporter = Annotated[Someone, Depends(_reporter)]
"""Somebody of the provider, or a program, that reports what was measured."""


async def _events(parts: TheParts, request: Request, authorization: Authorization = None) -> bytes:
    if "webhook-signature" in request.headers or PREFIX not in (authorization or ""):
        return await signed_body(parts, request)
    caller = await _known(parts, request, authorization)
    if not isinstance(caller, Program):
        raise Forbidden("events are signed, or sent with a service token")
    refuse_without(caller, Scope.EVENTS_WRITE)
    return await request.body()


ProvenBody = Annotated[bytes, Depends(_events)]
"""A body that is signed, or sent with a service token."""
