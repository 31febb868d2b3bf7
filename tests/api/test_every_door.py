"""Every address of the app, and who gets through: nobody unknown, no stranger, no wrong role, no program without the scope."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from api import app as whole_app
from api.decisions import DECISIONS
from domain.scopes import Scope
from store.service_tokens import Done, NewToken, ServiceTokens
from tests.api.bank_april import bank_april
from tests.api.people import Office, request
from tests.conftest import event, fresh

NOBODY, STRANGER, SUPPLIER, CUSTOMER = None, "K1", "U1", "B1"
"""Nobody; another customer's representative; the supplier's; the bank's own. The others below are the provider's people."""

OF_THE_BANK: dict[str | None, int] = {NOBODY: 401, STRANGER: 404, SUPPLIER: 404, CUSTOMER: 200, "L1": 200}
OF_BANK_AND_PROVIDER_LATER = {NOBODY: 401, STRANGER: 404, SUPPLIER: 404, CUSTOMER: 404, "L1": 404}
"""There is none of it yet for anybody; strangers learn no more than others do."""
OF_THE_PROVIDER = {NOBODY: 401, STRANGER: 403, SUPPLIER: 403, CUSTOMER: 403, "L1": 200}
INSIDE_THE_CASE = {NOBODY: 401, STRANGER: 404, SUPPLIER: 404, CUSTOMER: 404, "L1": 200}
ONE_S_OWN = {NOBODY: 401, STRANGER: 200, SUPPLIER: 200, CUSTOMER: 200, "L1": 200}
ANYBODY = "anybody"
"""An address for people who are not known yet, or that says nothing of anybody."""


class Door(NamedTuple):
    """What each gets who asks; the scope that lets a program in; what is sent."""

    answers: dict[str | None, int]
    scope: Scope | None = None
    query: str = ""
    body: Any = None


def taking(roles: dict[str | None, int], refused: int = 403, **more: Any) -> Door:
    """A door for some of the provider's roles: those named, and nobody else."""
    return Door({NOBODY: 401, STRANGER: refused, SUPPLIER: refused, CUSTOMER: refused, **roles}, **more)


REPLAN = {"agreement": "SLA-2026-0002", "to_version": "9.0", "reason": "a door is tried"}
STRETCH = {"measurement": "m", "kind": "DOWN", "start": "2026-04-01T00:00:00Z", "end": "2026-04-01T00:01:00Z"}
MEASURED = {"registry_no": "SLA-2026-0002", "target": "none", "source": "probe", "measurements": [STRETCH]}
FELT = {"registry_no": "SLA-2026-0002", "source": "probe", "answers": [{"answer": "a", "score": 5, "at": "2026-04-01T00:00:00Z"}]}
KEPT = {
    "registry_no": "SLA-2026-0002",
    "source": "probe",
    "duties": [{"fact": "f", "obligation": "none", "kept": True, "at": "2026-04-01T00:00:00Z"}],
}
EXPECTED = {"service": "NONE", "region": "METRO", "tickets": 90, "probability": 60, "source": "a door is tried"}

SINCE = "since=2026-04-01T00:00:00Z"

DOORS: dict[str, Door | str] = {
    # tickets
    "GET /tickets": Door(ONE_S_OWN, Scope.TICKETS_READ),
    "GET /tickets/{ticket:path}": Door(
        {NOBODY: 401, STRANGER: 404, SUPPLIER: 200, CUSTOMER: 200, "L1": 200, "A1": 200}, Scope.TICKETS_READ
    ),
    "POST /tickets/{ticket:path}/pause": Door(
        {NOBODY: 401, STRANGER: 404, SUPPLIER: 403, CUSTOMER: 403, "L1": 422}, Scope.TICKETS_WRITE, body={"reason": "AWAITING_CHANGE"}
    ),
    "POST /tickets/{ticket:path}/resume": Door(
        {NOBODY: 401, STRANGER: 404, SUPPLIER: 403, CUSTOMER: 403, "L1": 202}, Scope.TICKETS_WRITE, body={"key": "k"}
    ),
    "POST /tickets/{ticket:path}/exclusions": Door(
        {NOBODY: 401, STRANGER: 404, SUPPLIER: 403, "C1": 403}, body={"because": "FORCE_MAJEURE", "why": "a flood in the basement"}
    ),
    "GET /mailbox": Door(ONE_S_OWN, Scope.MAILBOX_READ),
    "POST /crm/events": Door({NOBODY: 401, STRANGER: 401, "X1": 401}, Scope.EVENTS_WRITE),
    "POST /connectors/{name}/events": ANYBODY,  # proven in the way of each maker
    "GET /breaches": Door({NOBODY: 401, STRANGER: 200, SUPPLIER: 403, CUSTOMER: 200, "L1": 200}, Scope.TICKETS_READ, SINCE),
    "GET /tmf-api/troubleTicket/v4/troubleTicket": Door(ONE_S_OWN, Scope.TICKETS_READ),
    "GET /tmf-api/troubleTicket/v4/troubleTicket/{ticket:path}": Door(
        {NOBODY: 401, STRANGER: 404, SUPPLIER: 200, CUSTOMER: 200, "L1": 200}, Scope.TICKETS_READ
    ),
    "GET /deliveries": taking({"M1": 403, "X1": 200}),
    "POST /deliveries/{delivery}/resend": taking({"M1": 403, "X1": 404}),
    # cases
    "GET /waiting": Door(ONE_S_OWN),
    "GET /cases": Door(ONE_S_OWN),
    "GET /tasks": Door(ONE_S_OWN),
    "GET /cases/{case_id}": Door(OF_THE_BANK),
    "GET /cases/{case_id}/offer": Door(OF_BANK_AND_PROVIDER_LATER),
    "GET /cases/{case_id}/alignment": Door(INSIDE_THE_CASE),
    "GET /cases/{case_id}/supply": Door(OF_BANK_AND_PROVIDER_LATER),
    "GET /cases/{case_id}/events": Door(INSIDE_THE_CASE, Scope.AUDIT_READ),
    "GET /cases/{case_id}/stages": Door(INSIDE_THE_CASE, Scope.AUDIT_READ),
    "GET /cases/{case_id}/what-if": taking({"C1": 403, "A1": 200}),
    "GET /cases/{case_id}/expected-volumes": taking({"C1": 403, "A1": 200}),
    "POST /cases/{case_id}/expected-volumes": taking({"M1": 403, "A1": 422}, body=EXPECTED),
    "GET /cases/{case_id}/amendment": Door(OF_BANK_AND_PROVIDER_LATER),
    "GET /cases/{case_id}/documents": Door(OF_THE_BANK),
    "GET /cases/{case_id}/documents/{digest}": Door(OF_BANK_AND_PROVIDER_LATER),
    "GET /cases/{case_id}/documents/{older}/differences/{newer}": Door(OF_BANK_AND_PROVIDER_LATER),
    "GET /cases/{case_id}/documents/{digest}/rendering": Door(OF_BANK_AND_PROVIDER_LATER),
    "POST /cases/{case_id}/scans": Door({NOBODY: 401, STRANGER: 404, SUPPLIER: 404, CUSTOMER: 422, "L1": 422}),
    "GET /cases/{case_id}/scans/{digest}": Door(OF_BANK_AND_PROVIDER_LATER),
    "POST /support-cases": taking({"M1": 403, "S1": 422}, body={"partner": "nobody we know"}),
    # agreements in force
    "GET /registry": Door(ONE_S_OWN, Scope.REGISTRY_READ),
    "GET /registry/{registry_no:path}": Door(OF_THE_BANK, Scope.REGISTRY_READ),
    "GET /registry/{registry_no}/rendering": Door(OF_THE_BANK, Scope.REGISTRY_READ),
    "GET /registry/{registry_no}/reviews": Door(OF_THE_BANK, Scope.REGISTRY_READ),
    "GET /registry/{registry_no}/follow-ups": Door(OF_THE_BANK, Scope.REGISTRY_READ),
    "GET /registry/{registry_no}/terminations": Door(OF_THE_BANK, Scope.REGISTRY_READ),
    "POST /registry/{registry_no}/terminate": Door({NOBODY: 401, STRANGER: 404, SUPPLIER: 404, CUSTOMER: 403, "M1": 403}),
    "POST /registry/{registry_no}/stop": Door({NOBODY: 401, STRANGER: 404, SUPPLIER: 404, CUSTOMER: 403, "M1": 403}),
    "POST /registry/{registry_no}/disputes": Door(
        {NOBODY: 401, STRANGER: 404, SUPPLIER: 403, "C1": 403},
        body={"target": "x", "period": "2026-04", "why": "we saw otherwise", "account": [STRETCH]},
    ),
    "POST /registry/{registry_no}/changes": Door({NOBODY: 401, STRANGER: 422, SUPPLIER: 422}),
    "GET /registry/{registry_no}/openslo": Door(OF_THE_BANK, Scope.REGISTRY_READ),
    "GET /registry/{registry_no}/alignment": taking({"L1": 200}),
    "GET /tmf-api/agreementManagement/v4/agreement": Door(ONE_S_OWN, Scope.REGISTRY_READ),
    "GET /tmf-api/agreementManagement/v4/agreement/{number}": Door(OF_THE_BANK, Scope.REGISTRY_READ),
    # figures
    "GET /registry/{registry_no}/results": Door(OF_THE_BANK, Scope.REPORTS_READ, "period=2026-04"),
    "GET /registry/{registry_no}/results/{target}/tickets": Door(OF_THE_BANK, Scope.REPORTS_READ, "period=2026-04"),
    "GET /registry/{registry_no}/periods": Door(OF_THE_BANK, Scope.REPORTS_READ),
    "POST /registry/{registry_no}/periods/{period}/close": taking({"C1": 403, "L1": 200}),
    "GET /registry/{registry_no}/slam": Door(OF_THE_BANK, Scope.REPORTS_READ),
    "GET /registry/{registry_no}/reports/{period}": Door(OF_THE_BANK, Scope.REPORTS_READ),
    "GET /registry/{registry_no}/surveys": Door(OF_THE_BANK, Scope.REPORTS_READ, "period=2026-04"),
    "GET /registry/{registry_no}/final-report": Door(
        {NOBODY: 401, STRANGER: 404, SUPPLIER: 404, CUSTOMER: 409, "L1": 409}, Scope.REPORTS_READ
    ),
    "GET /kpis": Door(
        {NOBODY: 401, STRANGER: 403, SUPPLIER: 403, CUSTOMER: 200, "L1": 200},
        Scope.REPORTS_READ,
        "period=2026-04&customer=Bank%20Narew%20S.A.",
    ),
    "GET /risks": Door(OF_THE_PROVIDER),
    "GET /costs": taking({"C1": 403, "X1": 403, "S1": 403, "L1": 200, "M1": 200, "P1": 200, "F1": 200}),
    "POST /costs/actuals": taking(
        {"L1": 403, "M1": 403, "P1": 403, "F1": 422},
        body={"service": "none", "month": "2026-04", "kind": "PEOPLE", "amount": "1", "source": "a door is tried"},
    ),
    "GET /neglected-duties": Door(OF_THE_PROVIDER),
    "GET /orphaned-packages": Door(OF_THE_PROVIDER),
    "GET /registry/{registry_no}/work-packages": Door(OF_THE_PROVIDER),
    "GET /capacity": taking({"C1": 403, "L1": 200, "F1": 200}),
    "GET /capacity/{pool}": taking({"C1": 403, "L1": 404}),
    "GET /measurements": Door(OF_THE_PROVIDER, Scope.REPORTS_READ, "registry_no=SLA-2026-0002&target=availability"),
    "POST /measurements": taking({"T1": 403, "L1": 422}, scope=Scope.MEASUREMENTS_WRITE, body=MEASURED),
    "POST /feedback": taking({"T1": 403, "L1": 202}, scope=Scope.MEASUREMENTS_WRITE, body=FELT),
    "POST /duties": taking({"T1": 403, "L1": 422}, scope=Scope.MEASUREMENTS_WRITE, body=KEPT),
    # standards at the edge
    "GET /audit": taking({"M1": 403, "L1": 403, "X1": 200}, scope=Scope.AUDIT_READ),
    "GET /audit/stream": taking({"M1": 403, "L1": 403, "X1": 200}, scope=Scope.AUDIT_READ),
    # what proposals would have come to
    "POST /backtests": taking({"C1": 403, "X1": 403, "L1": 422}),
    "GET /backtests": taking({"C1": 403, "X1": 403, "L1": 200}),
    "GET /backtests/{backtest}": taking({"C1": 403, "L1": 404}),
    "GET /backtests/{backtest}/report": taking({"C1": 403, "L1": 404}),
    # what moves open tickets
    "POST /replans": taking({"L1": 403, "M1": 404}, body=REPLAN),
    "GET /replans": Door(OF_THE_PROVIDER, query="agreement=SLA-2026-0002"),
    "GET /replans/{replan}": taking({"L1": 404}),
    "GET /replans/{replan}/tickets": taking({"L1": 200}),
    "GET /audit/search": taking({"L1": 403, "M1": 200, "X1": 200}),
    "GET /audit/chain": taking({"L1": 403, "M1": 404, "X1": 404}, query="subject=none"),
    "POST /quality-proofs": taking({"L1": 403, "C1": 403, "M1": 422}, body={"service": "MPS", "from": "2026-01", "to": "2026-02"}),
    "GET /quality-proofs": Door(OF_THE_PROVIDER),
    "GET /quality-proofs/{proof}": taking({"L1": 404}),
    "POST /quality-proofs/{proof}/approve": taking({"L1": 403, "M1": 404, "C1": 404}, body={"hash": "0" * 64}),
    "POST /quality-proofs/{proof}/offer": taking({"L1": 403, "M1": 404, "C1": 404}, body={"case_id": "none"}),
    "POST /quality-proofs/{proof}/withdraw": taking({"L1": 403, "M1": 404, "C1": 404}, body={"reason": "a door is tried"}),
    "GET /calendars": Door(OF_THE_PROVIDER),
    "POST /calendars": taking({"L1": 422}, refused=403),
    "GET /calendars/{name}/{version}": taking({"L1": 404}),
    "POST /calendars/{name}/{version}/confirm": taking({"L1": 403, "M1": 404}, body={"hash": "0" * 64}),
    # the catalogue
    "GET /catalogue": Door(OF_THE_PROVIDER),
    "PUT /catalogue": taking({"M1": 422, "X1": 422}),
    "GET /coverage": Door(OF_THE_PROVIDER),
    "POST /offers/{offer}/activate": taking({"L1": 403, "M1": 404}),
    "POST /people/{person}/delegations": Door(
        {NOBODY: 401, STRANGER: 403, SUPPLIER: 403, CUSTOMER: 403, "C1": 403},
        body={"deputy": "A2", "first_on": "2026-01-01", "last_on": "2026-01-02", "reason": "holiday"},
    ),
    # what is known of people
    "GET /people/{who}/data": taking({"M1": 403, "X1": 200}),
    "POST /people/{who}/erase": taking({"M1": 403, "X1": 200}, body={"reason": "a door is tried, nothing more"}),
    # nobody is known yet, or need be
    "GET /healthz": ANYBODY,
    "GET /readyz": ANYBODY,
    "GET /openapi.json": ANYBODY,
    "GET /docs": ANYBODY,
    "GET /docs/oauth2-redirect": ANYBODY,
    "GET /redoc": ANYBODY,
    "GET /": ANYBODY,
    "GET /sign-in": ANYBODY,
    "POST /sign-in": ANYBODY,
    "GET /sign-in/openid": ANYBODY,
    "GET /sign-in/openid/callback": ANYBODY,
    "GET /sign-out/openid": ANYBODY,
    "POST /language": ANYBODY,
    # what is published
    "GET /proofs/key.json": ANYBODY,
    "GET /proofs/{proof}.json": ANYBODY,
    "GET /proofs/{proof}.pdf": ANYBODY,
    "GET /proofs/{proof}": ANYBODY,
    # who has the link is known by it; what it opens is tried where it is made
    "GET /answers/{token}": ANYBODY,
    "POST /answers/{token}": ANYBODY,
    "GET /decide/{token}": ANYBODY,
    "GET /decide/{token}/{action}": ANYBODY,
    "POST /decide/{token}/{action}": ANYBODY,
}
"""Each address of the app; decisions and pages have rules of their own below."""

OF_SUPPORTS = {f"POST /support-cases/{{case_id}}/{action}" for action in DECISIONS["SUPPORT"]}
OF_CASES = {f"POST /cases/{{case_id}}/{action}" for kind, each in DECISIONS.items() if kind != "SUPPORT" for action in each}
FILLED = {
    "registry_no": "SLA-2026-0002",
    "number": "SLA-2026-0002",
    "period": "2026-04",
    "pool": "none",
    "target": "response",
    "replan": "none",
    "proof": "none",
    "backtest": "none",
    "name": "none",
    "version": "1",
    "ticket": "crm/P-1",
    "offer": "none",
    "person": "L1",
    "token": "none",
    "action": "none",
    "address": "none",
    "who": "L1",
    "delivery": "none",
    **dict.fromkeys(("digest", "older", "newer"), "0" * 64),
}


def routes() -> Iterator[str]:
    """Every address with its verb, as the app has it."""
    app_wide = [("GET", path) for path in ("/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc")]
    yield from (f"{verb} {path}" for verb, path in app_wide)
    for module in vars(whole_app)["_ROUTES"]:
        for route in module.router.routes:
            yield from (f"{verb} {route.path}" for verb in route.methods - {"HEAD"})


PAGES = sorted({route for route in routes() if re.match(r"\w+ (/pages|/sign-out$)", route) and "/pages/style/" not in route})


class Installation(NamedTuple):
    """The bank's office with a ticket that the supplier held, a case and a support case, and programs by what they may do."""

    office: Office
    cases: dict[str, str]
    programs: dict[frozenset[Scope], str]

    async def ask(self, route: str, token: str | None, door: Door) -> Any:
        verb, path = route.split(" ")
        is_support = path.startswith("/support-cases")
        case_id = self.cases["support" if is_support else "agreement"]
        for name, value in {**FILLED, "case_id": case_id}.items():
            path = re.sub(rf"{{{name}(:path)?}}", value, path)
        headers = {"authorization": f"Bearer {token}" if token is not None else "", "idempotency-key": "k"}
        address = f"{path}?{door.query}" if door.query else path
        body = None if verb == "GET" else door.body if door.body is not None else {}
        return await self.office.api.http.request(verb, address, headers=headers, json=body)


@pytest.fixture(scope="module")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    database = await fresh(tmp_path_factory.mktemp("doors"))
    tokens, now = ServiceTokens(database), datetime.now(UTC)
    programs: dict[frozenset[Scope], str] = {}
    for number, scope in enumerate(Scope):
        for only in (frozenset({scope}), frozenset(Scope) - {scope}):
            programs[only] = await tokens.new(NewToken(f"p-{number}-{len(only)}", only), Done("test", now))
    programs[frozenset(Scope)] = await tokens.new(NewToken("all", frozenset(Scope)), Done("test", now))
    async with bank_april(database, supported=True) as office:
        await office.api.post(
            event("created", "2026-05-04T08:00:00+02:00", "P-1", customer="Bank Narew S.A.", service="MPS", site="sejny"),
            event("changed", "2026-05-04T08:10:00+02:00", "P-1", held_by="TechTeren"),
            batch=True,
        )
        asked = await office.api.post(request("CRM-1"))
        need = await office.send("S1", "/support-cases", partner="TechTeren")
        cases = {"agreement": asked.json()["results"][0]["case_id"], "support": need.json()["case_id"]}
        yield Installation(office, cases, programs)
    await database.close()


def test_every_address_stands_in_the_table_and_nothing_else_does() -> None:
    known = {*DOORS, *OF_SUPPORTS, *OF_CASES, *PAGES}
    all_routes = {route for route in routes() if "/pages/style/" not in route}

    assert all_routes - known == set(), "say in DOORS who may come in"
    assert known - all_routes == set(), "these addresses are gone"


GUARDED = {route: door for route, door in DOORS.items() if isinstance(door, Door)}


@pytest.mark.parametrize("route", GUARDED)
async def test_who_is_let_in(installation: Installation, route: str) -> None:
    door, tokens = GUARDED[route], installation.office.tokens
    for person, status in door.answers.items():
        answer = await installation.ask(route, tokens[person] if person is not None else None, door)
        assert answer.status_code == status, (person, answer.text)
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("route", GUARDED)
async def test_a_program_is_let_in_by_the_one_scope_and_by_no_other(installation: Installation, route: str) -> None:
    door = GUARDED[route]
    others = frozenset(Scope) if door.scope is None else frozenset(Scope) - {door.scope}
    refused = await installation.ask(route, installation.programs[others], door)

    assert refused.status_code == 403, refused.text
    if door.scope is not None:
        let_in = await installation.ask(route, installation.programs[frozenset({door.scope})], door)
        assert let_in.status_code not in {401, 403, 500}, let_in.text


@pytest.mark.parametrize("route", sorted(route for route, door in DOORS.items() if door == ANYBODY))
async def test_an_address_for_people_who_are_not_known_answers_them(installation: Installation, route: str) -> None:
    answer = await installation.ask(route, None, Door({}))

    assert answer.status_code < 500
    if "openid" not in route and "{" not in route and not route.startswith("POST"):
        assert answer.status_code in {200, 303}


@pytest.mark.parametrize("route", sorted(OF_CASES | OF_SUPPORTS))
async def test_a_decision_is_made_by_people_whose_case_it_is(installation: Installation, route: str) -> None:
    strangers = (STRANGER, CUSTOMER if route in OF_SUPPORTS else SUPPLIER)
    answers = [await installation.ask(route, installation.office.tokens[person], Door({})) for person in strangers]
    nobody = await installation.ask(route, None, Door({}))
    program = await installation.ask(route, installation.programs[frozenset(Scope)], Door({}))

    assert [each.status_code for each in answers] == [404, 404]
    assert (nobody.status_code, program.status_code) == (401, 403)


@pytest.mark.parametrize("route", PAGES)
async def test_a_page_is_shown_to_nobody_who_is_not_signed_in(installation: Installation, route: str) -> None:
    for token in (None, installation.office.tokens["M1"], installation.programs[frozenset(Scope)]):
        answer = await installation.ask(route, token, Door({}))
        assert (answer.status_code, answer.headers.get("location", "").split("?")[0]) == (303, "/sign-in"), answer.text
