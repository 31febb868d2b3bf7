"""A real Tryton of one's own, from an installation and a database that somebody made: on the loopback, with a copy of the database."""

import base64
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.processes import free_port

SECRET = "tryton-tells-servanda-of-its-deals"


class Tryton:
    """What people do there."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/crm"
        self._http = httpx2.Client(base_url=url, timeout=60)
        self.token = ""

    def set_up(self) -> None:
        """A key for its REST interface, and the company that opportunities need."""
        self.token = self._http.post("/crm/r/user/application/", json={"user": "admin", "application": "rest"}).json()
        user, session, *_ = self._rpc("common.db.login", ["admin", {"password": "admin"}, "en"], {})
        signed_in = {"authorization": "Session " + base64.b64encode(f"admin:{user}:{session}".encode()).decode()}
        [application] = self._rpc("model.res.user.application.search", [[], 0, None, None, {}], signed_in)
        self._rpc("model.res.user.application.validate_", [[application], {}], signed_in)
        one = {"__class__": "Decimal", "decimal": "1"}
        zloty: dict[str, Any] = {
            "name": "Złoty",
            "code": "PLN",
            "symbol": "zł",
            "rates": [["create", [{"date": _day(2026, 1, 1), "rate": one}]]],
        }
        currency = self._create("currency.currency", zloty, signed_in)
        company = self._create("company.company", {"party": self._party("Serwis-Druk", signed_in), "currency": currency}, signed_in)
        employee = self._create("company.employee", {"party": self._party("Anna Kowal", signed_in), "company": company}, signed_in)
        own = {"companies": [["add", [company]]], "company": company, "employees": [["add", [employee]]], "employee": employee}
        self._rpc("model.res.user.write", [[user], own, {}], signed_in)
        self._owned = {"company": company, "employee": employee, "currency": currency}
        self._signed_in = signed_in

    def lead(self, customer: str, description: str) -> str:
        """Somebody notes a lead."""
        party = self._party(customer, self._signed_in)
        return str(self._create("sale.opportunity", {"party": party, "description": description, **self._owned}, self._signed_in))

    def becomes(self, deal: str, state: str, **fields: str) -> None:
        """Somebody writes fields, and brings the deal to a state."""
        if fields:
            self._rpc("model.sale.opportunity.write", [[int(deal)], fields, {}], self._signed_in)
        self._rpc(f"model.sale.opportunity.{state}", [[int(deal)], {}], self._signed_in)

    def notes(self, deal: str) -> list[str]:
        """The notes on a deal."""
        about = [["resource", "=", f"sale.opportunity,{deal}"]]
        found = self._rpc("model.ir.note.search_read", [about, 0, None, None, ["message"], {}], self._signed_in)
        return [str(each["message"]) for each in found]

    def close(self) -> None:
        self._http.close()

    def _party(self, name: str, signed_in: Mapping[str, str]) -> int:
        return self._create("party.party", {"name": name}, signed_in)

    def _create(self, model: str, values: dict[str, Any], signed_in: Mapping[str, str]) -> int:
        return int(self._rpc(f"model.{model}.create", [[values], {}], signed_in)[0])

    def _rpc(self, method: str, params: list[Any], headers: Mapping[str, str]) -> Any:
        answer = self._http.post("/crm/rpc/", json={"id": 1, "method": method, "params": params}, headers=dict(headers))
        value = answer.json()
        assert "error" not in value, (method, value)
        return value.get("result", value)


def _day(year: int, month: int, day: int) -> dict[str, Any]:
    return {"__class__": "date", "year": year, "month": month, "day": day}


@contextmanager
def tryton(installed: Path, folder: Path, posts_to: str) -> Iterator[Tryton]:
    """One with a copy of the database `crm.sqlite` of an installation, while the block runs."""
    port = free_port()
    shutil.copy(installed / "crm.sqlite", folder / "crm.sqlite")
    settings = f"[database]\nuri = sqlite://\npath = {folder}\n[web]\nlisten = 127.0.0.1:{port}\n"
    (folder / "trytond.conf").write_text(f"{settings}[servanda]\nurl = {posts_to}\nsecret = {SECRET}\n", encoding="utf-8")
    command = [str(installed / "bin" / "trytond"), "-c", str(folder / "trytond.conf"), "-d", "crm"]
    with (folder / "tryton.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={name: os.environ[name] for name in ("PATH", "HOME")})
    made = Tryton(f"http://127.0.0.1:{port}")
    try:
        _wait_for(port, server, folder / "tryton.log")
        made.set_up()
        yield made
    finally:
        made.close()
        server.terminate()
        server.wait(20)


def _wait_for(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            httpx2.get(f"http://127.0.0.1:{port}/", timeout=10)
        except httpx2.TransportError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))
