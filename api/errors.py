"""How a refusal is answered: `application/problem+json` (RFC 9457) with a stable `code`."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.inbox import FutureEvent
from connectors.openid_client import NotProven, ProviderAway
from connectors.signatures import BadSignature, StaleTimestamp
from domain.errors import (
    BadInput,
    CalendarNeverOpens,
    Conflict,
    Forbidden,
    InvalidCalendar,
    InvalidDuration,
    InvalidTerms,
    NaiveTime,
    NoBusinessDay,
    NotAmendable,
    NotFound,
    OverlappingAgreement,
    PauseReasonNotAllowed,
    ServandaError,
    TerminateViaCrm,
)


class Unauthorized(ServandaError):
    """The request does not say who sends it, or says it wrongly."""

    code = "UNAUTHORIZED"


class TooManyRequests(ServandaError):
    """Somebody asks more often than they may; `wait` is in how many seconds they may again."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, wait: float) -> None:
        """Keep how long to wait, rounded up to whole seconds."""
        super().__init__(message)
        self.wait = ceil(wait)


class RequestTooSlow(ServandaError):
    """The body did not come in the time there is for it."""

    code = "REQUEST_TOO_SLOW"


class WrongHost(ServandaError):
    """The request was meant for another server."""

    code = "WRONG_HOST"


class BodyTooLarge(ServandaError):
    """The request is larger than this installation takes."""

    code = "BODY_TOO_LARGE"


class InvalidEvents(BadInput):
    """Events that cannot be taken; `faults` names each field."""

    code = "INVALID_EVENT"

    def __init__(self, faults: Sequence[Mapping[str, Any]]) -> None:
        """Keep the faults."""
        super().__init__("; ".join(f"{fault['field']}: {fault['message']}" for fault in faults))
        self.faults = faults


STATUS: dict[type[ServandaError], int] = {
    BadInput: 422,
    InvalidCalendar: 422,
    InvalidTerms: 422,
    InvalidDuration: 422,
    NaiveTime: 422,
    FutureEvent: 422,
    InvalidEvents: 422,
    NoBusinessDay: 422,
    CalendarNeverOpens: 422,
    PauseReasonNotAllowed: 422,
    NotFound: 404,
    Forbidden: 403,
    TerminateViaCrm: 403,
    Conflict: 409,
    NotAmendable: 409,
    OverlappingAgreement: 409,
    BadSignature: 401,
    StaleTimestamp: 401,
    Unauthorized: 401,
    NotProven: 401,
    ProviderAway: 503,
    BodyTooLarge: 413,
    RequestTooSlow: 408,
    WrongHost: 421,
    TooManyRequests: 429,
}
"""The answer to each refusal; a test holds that none is missing."""


def problem(status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """One refusal as a problem document."""
    body = {"type": f"urn:servanda:problem:{code.lower()}", "title": code.replace("_", " ").capitalize(), "status": status, "code": code}
    return JSONResponse({**body, "detail": detail, **more}, status_code=status, media_type="application/problem+json")


class Problem(BaseModel):
    """How every refusal is answered (RFC 9457); `code` never changes, `detail` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    faults: Annotated[list[dict[str, str]] | None, Field(description="each field that is wrong, and why")] = None
    allowed: Annotated[list[str] | None, Field(description="409: what may be done instead")] = None
    crm_case: Annotated[str | None, Field(description="TERMINATE_VIA_CRM: the CRM's case that the agreement came from")] = None


_SAID = {
    401: "nobody is signed in",
    403: "this person may not do that",
    404: "there is none, or it is none of the person's business",
    409: "not in this state, not on this document, or decided already",
    413: "the body is too large",
    422: "something in the request is wrong, and named",
    429: "too often; the header Retry-After says in how many seconds to go on",
    503: "what is needed for the answer is away: the database, or the OpenID provider of the token",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How refusals stand in the OpenAPI document."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _SAID[status], "content": content} for status in statuses}


def status_of(error: ServandaError) -> int:
    """The HTTP status of a refusal of ours."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def answer_to(error: ServandaError) -> JSONResponse:
    """A refusal of ours as it is answered."""
    status = status_of(error)
    more: dict[str, Any] = {"faults": list(error.faults)} if isinstance(error, InvalidEvents) else {}
    if isinstance(error, TerminateViaCrm) and error.crm_case is not None:
        more["crm_case"] = error.crm_case
    if isinstance(error, Conflict):
        more["allowed"] = list(error.allowed)
    answer = problem(status, error.code, str(error), **more)
    if isinstance(error, TooManyRequests):
        answer.headers["retry-after"] = str(error.wait)
    if isinstance(error, Unauthorized):
        answer.headers["www-authenticate"] = "Bearer"
    return answer


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServandaError)
    return answer_to(error)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem(422, "INVALID_REQUEST", "the request does not have the expected form", faults=faults_of(error.errors()))


_HTTP_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:  # a body that cannot be read is wrong like any other that is not what it should be
        return problem(422, "INVALID_REQUEST", str(error.detail))
    return problem(error.status_code, _HTTP_CODES.get(error.status_code, "HTTP_ERROR"), str(error.detail))


def _failed(_: Request, __: Exception) -> JSONResponse:
    """Our own failure: the log says which, whoever asked learns no more than that it was ours."""
    return problem(500, "INTERNAL_ERROR", "the request failed here; try it again, the log says why")


def faults_of(errors: Sequence[Mapping[str, Any]], prefix: tuple[str | int, ...] = ()) -> list[dict[str, str]]:
    """Pydantic's errors as field and message, in words; values that were sent are not repeated."""
    faults = []
    for error in errors:
        message = str(error["msg"]).removeprefix("Value error, ")
        where = ".".join(str(part) for part in (*prefix, *error["loc"]))
        field, colon, rest = message.partition(": ")
        if colon and error["type"] == "value_error" and " " not in field:  # a rule over several fields names its field itself
            where, message = ".".join(part for part in (where, field) if part), rest
        faults.append(
            {"field": where or "body", "message": {"missing": "is missing", "extra_forbidden": "unknown field"}.get(error["type"], message)}
        )
    return faults


def install(app: FastAPI) -> None:
    """Answer every refusal as a problem document."""
    app.add_exception_handler(ServandaError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)
