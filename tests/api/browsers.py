"""A browser without scripts, as the pages see it: cookies, forms, redirects."""

from collections.abc import Mapping
from html.parser import HTMLParser

import httpx2

from tests.api.people import Office


class Form:
    """A form of a page: where it goes, and what it sends unless the person says otherwise."""

    def __init__(self, attributes: Mapping[str, str | None]) -> None:
        self.action = attributes.get("action") or ""
        self.method = (attributes.get("method") or "get").lower()
        self.fields: dict[str, list[str]] = {}
        self.buttons: list[str] = []


class Page(HTMLParser):
    """What a page holds: its forms, links and text."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__()
        self.answer, self.status, self.html = answer, answer.status_code, answer.text
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.all_links: list[str] = []
        self.lines: list[str] = []
        self._form: Form | None = None
        self._field: str | None = None
        self._link: str | None = None
        self._ids: list[str] = []
        self._labelled: list[str] = []
        self.feed(self.html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.lines).split())

    def form(self, action: str) -> Form:
        return next(each for each in self.forms if each.action.endswith(action))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        match tag:
            case "form":
                self._form = Form(known)
                self.forms.append(self._form)
            case "a":
                self._link = known.get("href")
                self.all_links += [self._link] if self._link else []
            case "input" | "textarea" | "select" if self._form is not None and known.get("name"):
                name, kind = known["name"] or "", known.get("type")
                if kind not in {"checkbox", "radio"} or "checked" in known:
                    self._form.fields.setdefault(name, []).append(known.get("value") or ("on" if kind == "checkbox" else ""))
                self._field = name if tag in {"textarea", "select"} else None
            case "option" if self._form is not None and self._field is not None and "selected" in known:
                self._form.fields[self._field] = [known.get("value") or ""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag in {"textarea", "select"}:
            self._field = None
        if tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        self.lines.append(data)
        if self._link is not None and data.strip():
            self.links[data.strip()] = self._link
        if self._form is not None and self._field is not None and self.get_starttag_text() is not None:
            start = self.get_starttag_text() or ""
            if start.startswith("<textarea"):
                self._form.fields[self._field] = [data.removeprefix("\n")]  # as browsers do


class Browser:
    """One person's browser."""

    def __init__(self, office: Office) -> None:
        transport = httpx2.ASGITransport(office.api.app)
        self.office = office
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://test", follow_redirects=True)

    async def open(self, address: str) -> Page:
        return Page(await self.http.get(address))

    async def send(self, form: Form, /, **fields: str | list[str]) -> Page:
        data = {**form.fields, **fields}
        return Page(await self.http.post(form.action, data=data))

    async def sign_in(self, person: str, address: str = "/pages") -> Page:
        page = await self.open(f"/sign-in?next={address}")
        return await self.send(page.form("/sign-in"), token=self.office.tokens[person])
