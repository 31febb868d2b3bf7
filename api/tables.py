"""Every list and report as CSV: `form=csv`, or `Accept: text/csv`, on the address that answers it as JSON.

A list is asked for page by page, as a reader of the API would, and sent on row by row: nobody holds the whole of it. What a
person may see is decided where it always is, by the address itself.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import answer_to
from api.listed import Listed, listed_by, rows_of
from connectors.csv_rows import csv_head, csv_line, csv_rows
from domain.errors import BadInput, ServandaError

MOST_ROWS = 100_000
"""Rows of one table; whoever wants more goes on after them. A spreadsheet takes 1,048,576."""

_BOM = "\ufeff"
_KIND = "text/csv; charset=utf-8; header=present"
_OURS = ("form", "part", "bom", "limit")


class Wanted(NamedTuple):
    """What is asked of a table; `query` is what its address is asked, `is_named` says that `form=csv` was written."""

    part: str | None
    begins: str
    limit: int
    query: Mapping[str, str]
    is_named: bool

    @classmethod
    def of(cls, scope: Scope) -> "Wanted | None":
        """What a request asks for; None where that is no table.

        Raises:
            BadInput: `limit` is no number of rows, or `bom` no answer.
        """
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        form = query.get("form")
        if form != "csv" and (form is not None or "as" in query or not _accepts_csv(scope)):
            return None
        limit = query.get("limit", str(MOST_ROWS))
        if not re.fullmatch(r"[0-9]{1,6}", limit) or not 0 < int(limit) <= MOST_ROWS:
            raise BadInput(f"limit: a table has 1 to {MOST_ROWS} rows")
        rest = {name: value for name, value in query.items() if name not in _OURS}
        if query.get("bom", "false") not in {"true", "false"}:
            raise BadInput("bom: true or false")
        begins = _BOM if query.get("bom") == "true" else ""
        return cls(query.get("part"), begins, int(limit), rest, form is not None)


class Answer(NamedTuple):
    """What an address answered."""

    messages: Sequence[Message]

    @property
    def is_good(self) -> bool:
        """Is it what was asked for?"""
        return bool(self.messages[0]["status"] == 200)

    @property
    def value(self) -> Any:
        """Its body."""
        return json.loads(b"".join(each.get("body", b"") for each in self.messages[1:]))


class Tables:
    """Stands before the routes, and makes tables of what they answer."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        """Take the application and its routes, in the order in which they are tried."""
        self._app = app
        self._routes = [(each.path_regex, listed_by(each.endpoint)) for each in routes if isinstance(each, APIRoute) and _is_get(each)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a table; let every other one through."""
        try:
            wanted = Wanted.of(scope)
            listed = self._listed(scope["path"], wanted) if wanted is not None else None
            if wanted is None or listed is None:
                await self._app(scope, receive, send)
                return
            table = _Table(self._app, scope, listed, wanted)
            first = await table.page(wanted.query, wanted.limit)
            answer = table.answer(first) if first.is_good else None
        except ServandaError as refusal:
            answer = answer_to(refusal)
        if answer is not None:
            await answer(scope, receive, send)
            return
        for message in first.messages:
            await send(message)

    def _listed(self, path: str, wanted: Wanted) -> Listed | None:
        found = next((each for each in self._routes if each[0].match(path)), None)
        if found is not None and found[1] is None and wanted.is_named:
            raise BadInput(f"form: {path} is no list and no report; there is no table of it")
        return found[1] if found is not None else None


class _Table:
    """One table, made of as many pages as it takes."""

    def __init__(self, app: ASGIApp, scope: Scope, listed: Listed, wanted: Wanted) -> None:
        scope.setdefault("state", {})  # the same for every page: who asks is noted there
        self._app, self._scope, self._listed, self._wanted = app, scope, listed, wanted

    async def page(self, query: Mapping[str, str], left: int) -> Answer:
        """Ask the address for one page of its list."""
        limit = {"limit": str(min(left, self._listed.most))} if self._listed.most is not None else {}
        headers = [(name, value) for name, value in self._scope["headers"] if name != b"accept"]
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        inner = {**self._scope, "query_string": urlencode({**query, **limit}).encode(), "headers": headers}
        await self._app(inner, _no_body(), keep)
        return Answer(messages)

    def answer(self, first: Answer) -> Response:
        """The table that begins with a first page.

        Raises:
            BadInput: the answer has no such part.
        """
        part = self._listed.part(self._wanted.part, first.value)
        name = re.sub(r"[^A-Za-z0-9]+", "-", self._scope["path"]).strip("-")[:100]
        headers = {"x-content-type-options": "nosniff", "vary": "accept", "content-disposition": f'attachment; filename="{name}.csv"'}
        if part is None:
            return Response(self._wanted.begins + self._listed.table_of(first.value), media_type=_KIND, headers=headers)
        return StreamingResponse(self._lines(part, first), media_type=_KIND, headers=headers)

    async def _lines(self, part: str, page: Answer) -> AsyncIterator[str]:
        """The head, the rows of page after page, and a last line where there may be more."""
        listed, left = self._listed, self._wanted.limit
        rows = rows_of(page.value, part)
        columns = listed.columns(part, rows)
        yield self._wanted.begins + csv_head(columns)
        while True:
            yield csv_rows(columns, rows[:left])
            place, is_full = listed.next_after(page.value, rows), listed.is_full(rows, left)
            left -= len(rows)
            if place is None or left <= 0:
                break
            page = await self.page({**self._wanted.query, listed.goes_on_with: place}, left)
            if not page.is_good:
                # The rows before are sent: whoever reads them must see the connection break, not a shorter list.
                raise RuntimeError(f"{self._scope['path']} does not go on after {place}")
            rows = rows_of(page.value, part)
        if place is not None:
            yield csv_line([f"CUT OFF after {self._wanted.limit} rows; the rest, if there is more: {listed.goes_on_with}={place}"])
        elif left < 0 or is_full:
            yield csv_line([f"CUT OFF after {self._wanted.limit - max(left, 0)} rows, the most this list gives; there may be more"])


def documented(paths: Mapping[str, Any], routes: Iterable[BaseRoute]) -> None:
    """Say of each address in the OpenAPI document that has a table how it is asked for."""
    tables = {each.path_format for each in routes if isinstance(each, APIRoute) and _is_get(each) and listed_by(each.endpoint)}
    for path in tables & paths.keys():
        route = paths[path]["get"]
        route["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}
        known = {each["name"] for each in route.setdefault("parameters", [])}
        route["parameters"] += [each for each in _PARAMETERS if each["name"] not in known]


_PARAMETERS = (
    {"name": "form", "in": "query", "schema": {"enum": ["csv"]}, "description": "the list as a table; `limit` is then of all its rows"},
    {"name": "part", "in": "query", "schema": {"type": "string"}, "description": "csv: which list of the answer; left out: the first"},
    {
        "name": "bom",
        "in": "query",
        "schema": {"type": "boolean"},
        "description": "csv: begin with a byte order mark, as some spreadsheets want",
    },
)


def _is_get(route: APIRoute) -> bool:
    return "GET" in (route.methods or ())


def _accepts_csv(scope: Scope) -> bool:
    accept = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"), "")
    kinds = [each.partition(";")[0].strip().lower() for each in accept.split(",")]
    return "text/csv" in kinds and "application/json" not in kinds


def _no_body() -> Receive:
    """What a page is asked with; nobody hangs up on it."""
    asked: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if asked:
            return asked.pop()
        return await asyncio.Event().wait() and {}  # waited for by those who watch for the end of a connection

    return receive
