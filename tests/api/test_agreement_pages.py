"""The registry, an agreement and what can be expected of it, as insiders, the customer, another customer and a supplier read them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from domain.documents import AgreementDocument
from store.database import Database
from store.registry import AgreementRegistry
from tests.api.bank_april import told
from tests.api.browsers import Browser
from tests.api.people import Office, office
from tests.conftest import example
from tests.domain.drafts import bank_draft, changed, support
from tests.store.test_registry import NUMBERS, SIGNED, SUPPORTS, registration

WARSAW, PODLASIE = "/pages/agreements/SLA-2026-0002", "/pages/agreements/SLA-2026-0003"


def linked() -> list[AgreementDocument]:
    """The bank's documents with their supports by registry number, as signed agreements have them."""
    found = []
    for each in bank_draft().documents:
        links = [link.model_dump(mode="json") | {"support": SUPPORTS[link.support]} for link in each.links]
        found.append(changed(each, links=links))
    return found


@pytest.fixture
async def bank(database: Database) -> AsyncIterator[Office]:
    """The bank's agreement with its supports and some tickets, looked at on 4 May."""
    registry = AgreementRegistry(database)
    for name in SUPPORTS:
        await registry.register(registration(f"case-{name}", support(name)))
    await registry.register(registration("case-1", *linked()))
    async with office(database, None, now="2026-05-04T09:00+02:00") as made:
        for number in range(4):
            await made.api.post(*told(number, "warsaw", 30 if number < 3 else 241), batch=True)
        yield made


async def browser_of(office: Office, person: str, language: str = "pl") -> Browser:
    browser = Browser(office)
    home = await browser.sign_in(person, "/pages/people/me")
    if language == "en":
        await browser.send(home.form("/language"))
    return browser


# ---- the registry ---------------------------------------------------------------------------------------------------


async def test_the_registry_is_searched_by_the_words_people_use(bank: Office) -> None:
    maria = await browser_of(bank, "M1")

    every = await maria.open("/pages/agreements")
    external = await maria.open("/pages/agreements?text=usługi zewnętrzne")
    podlasie = await maria.open("/pages/agreements?text=podlasie")
    contracts = await maria.open("/pages/agreements?kind=UC&state=REGISTERED")
    nothing = await maria.open("/pages/agreements?text=<script>")

    assert {"OLA/2026/0001", "SLA/2026/0001", "UC/2026/0001"} <= set(every.links)
    assert {each for each in external.links if "/2026/" in each} == {"SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003"}
    assert {each for each in podlasie.links if "/2026/" in each} == {"SLA/2026/0003", "UC/2026/0001"}
    assert {each for each in contracts.links if "/2026/" in each} == {"UC/2026/0001"}
    assert "Nie ma takiej umowy" in nothing.text
    assert "<script>" not in nothing.html


async def test_a_word_of_a_kind_finds_titles_too(bank: Office) -> None:
    found = (await bank.get("M1", "/registry", text="sla")).json()

    assert {each["kind"] for each in found} == {"CUSTOMER_SLA"}
    assert [each["registry_no"] for each in (await bank.get("M1", "/registry", text="ola")).json()] == ["OLA/2026/0001", "OLA/2026/0002"]
    assert len((await bank.get("M1", "/registry", text="in")).json()) == 5, "part of a name of a kind, and of titles of the others"


@pytest.mark.parametrize(
    ("person", "numbers"),
    [("B1", {"SLA/2026/0001", "SLA/2026/0002", "SLA/2026/0003"}), ("U1", {"UC/2026/0001"}), ("K1", set())],
)
async def test_everybody_finds_their_own_agreements(bank: Office, person: str, numbers: set[str]) -> None:
    page = await (await browser_of(bank, person)).open("/pages/agreements")

    assert {each for each in page.links if "/2026/" in each} == numbers


async def test_a_long_registry_is_read_page_by_page(database: Database, bank: Office) -> None:
    registry = AgreementRegistry(database)
    for number in range(51):
        document = changed(bank_draft().named("bank"), document=f"frame-{number}", customer={"name": "Bank Wkra S.A."})
        await registry.register(registration(f"case-frame-{number}", document))
    maria = await browser_of(bank, "M1")

    first = await maria.open("/pages/agreements?customer=Bank Wkra S.A.")
    second = await maria.open("/pages/agreements" + first.links["Pokaż więcej"])

    assert [len([each for each in page.links if "/2026/" in each]) for page in (first, second)] == [50, 1]
    assert "Pokaż więcej" not in second.links


# ---- an agreement ---------------------------------------------------------------------------------------------------


async def test_an_agreement_tells_what_holds_where_it_comes_from_and_what_it_came_to(bank: Office) -> None:
    page = await (await browser_of(bank, "M1")).open(WARSAW)

    assert page.status == 200
    for said in (
        "Managed printing, Warsaw",
        "10 800,00 PLN miesięcznie (wariant: Gold)",
        "Reakcja na miejscu: 4 godziny robocze, od poniedziałku do piątku 8–17 (oprócz świąt)",
        "Okres 2026-05 (trwa, liczby mogą się zmienić)",
        "A report every month.",
        "poziom korporacyjny: Terms for all services to Bank Narew",
        "triage: Service desk, 30 minut roboczych",
        "Zapas: 30 min",
        "Pierwsza wersja.",
        "Podpisano razem z",
    ):
        assert said in page.text, said
    assert {"UC/2026/0001", "OLA/2026/0001"} & set(page.links) == {"OLA/2026/0001"}
    assert page.links["Raport za ten okres"] == f"{WARSAW}/reports/2026-05"
    assert page.html.count("<h1>") == 1
    assert "<script" not in page.html


async def test_the_customer_reads_the_same_without_what_is_inside_the_provider(bank: Office) -> None:
    barbara = await browser_of(bank, "B1", "en")
    page = await barbara.open(WARSAW)

    assert "10,800.00 PLN a month" in page.text
    assert "On-site reaction: 4 business hours" in page.text
    assert "Raise a change" in page.links
    for hidden in ("What it rests on", "Field service Warsaw", "Service desk,", "Temporal"):
        assert hidden not in page.text, hidden


@pytest.mark.parametrize("address", ["", "/expect", "/rendering", "/change", "/dispute", "?version=1.0"])
@pytest.mark.parametrize("person", ["K1", "U1"])
async def test_an_agreement_does_not_exist_for_those_it_is_none_of_the_business_of(bank: Office, person: str, address: str) -> None:
    assert (await (await browser_of(bank, person)).open(WARSAW + address)).status == 404


async def test_a_supplier_reads_their_contract_and_who_rests_on_it_is_told_inside_only(bank: Office) -> None:
    supplier = await (await browser_of(bank, "U1")).open("/pages/agreements/UC-2026-0001")
    inside = await (await browser_of(bank, "S1")).open("/pages/agreements/UC-2026-0001")

    assert "Praca: TechTeren: następny dzień roboczy do 15:00" in supplier.text
    assert ("SLA/2026/0003" in supplier.text, "SLA/2026/0003" in inside.text) == (False, True)
    assert "Czego możesz oczekiwać" not in supplier.links


async def test_versions_stand_side_by_side_with_what_changed(database: Database, bank: Office) -> None:
    dearer = {"effective_from": "2026-04-15", "price": {"monthly": "12120", "option": "Gold"}}
    documents = [changed(each, **dearer) if each.document == "warsaw" else each for each in linked()]
    made = registration("case-2", *documents, signed_at=datetime(2026, 4, 10, tzinfo=UTC))
    amends = {each.document: number for each, number in zip(documents, NUMBERS, strict=True)}
    await AgreementRegistry(database).register(made.model_copy(update={"amends": amends}))
    maria = await browser_of(bank, "M1")
    page, older = await maria.open(WARSAW), await maria.open(f"{WARSAW}?version=1.0")

    assert "12 120,00 PLN" in page.text
    assert "Cena › Miesięcznie" in page.text
    assert "<del>10800</del>" in page.html.replace(".00", "")
    assert "<ins>12120</ins>" in page.html.replace(".00", "")
    assert "To jest wersja 1.0; obowiązuje wersja 2.0." in older.text
    assert "10 800,00 PLN" in older.text
    assert (await maria.open(f"{WARSAW}?version=7.0")).status == 404


async def test_the_alignment_of_an_agreement_in_force_is_told_inside(bank: Office) -> None:
    inside = await bank.get("S1", "/registry/SLA-2026-0002/alignment")
    others = [(await bank.get(person, f"/registry/{number}/alignment")).status_code for person, number in OUTSIDE]

    assert [(each["code"], each["slack_minutes"]) for each in inside.json()["findings"]] == [("IN_TIME", 30)]
    assert others == [403, 403, 401, 404, 404]


OUTSIDE = [("B1", "SLA-2026-0002"), ("U1", "SLA-2026-0002"), (None, "SLA-2026-0002"), ("S1", "OLA-2026-0001"), ("S1", "SLA-2026-0001")]


async def test_ready_terms_are_read_as_far_as_they_go(database: Database, bank: Office) -> None:
    await AgreementRegistry(database).import_terms(example("it-incidents"), "X1", SIGNED)
    page = await (await browser_of(bank, "M1", "en")).open("/pages/agreements/SLA-2026-0004")

    assert page.status == 200
    assert "Ready terms were imported by Ksawery Administrator." in page.text
    assert "Nothing in this agreement is counted by periods." in page.text
    assert "Read the whole agreement" not in page.links


async def test_the_whole_text_is_a_page_and_a_file(bank: Office) -> None:
    barbara = await browser_of(bank, "B1")
    page = await barbara.open(f"{WARSAW}/rendering")
    file = await barbara.http.get(f"{WARSAW}/rendering?form=pdf")

    assert "Umowa SLA z klientem zewnętrznym" in page.text
    assert file.content.startswith(b"%PDF")


async def test_what_people_wrote_into_an_agreement_is_text(database: Database, bank: Office) -> None:
    terms = [{"term": "trap", "text": "<script>alert(1)</script>"}]
    document = changed(bank_draft().named("bank"), document="trap", title="<img src=x onerror=alert(1)>", terms=terms)
    [made] = await AgreementRegistry(database).register(registration("case-trap", document))
    maria = await browser_of(bank, "M1")

    for address in ("/pages/agreements", f"/pages/agreements/{made.registry_no.replace('/', '-')}"):
        page = await maria.open(address)
        assert (page.status, "<script" in page.html, "<img" in page.html) == (200, False, False)
    assert "&lt;script&gt;" in page.html


# ---- what can be expected -------------------------------------------------------------------------------------------


async def test_a_user_in_hajnowka_reads_next_business_day_and_one_in_warsaw_four_hours(bank: Office) -> None:
    branch = await browser_of(bank, "B1", "en")
    hajnowka = await branch.open("/pages/agreements/SLA-2026-0001/expect?site=hajnowka")
    warsaw = await branch.open("/pages/agreements/SLA-2026-0001/expect?site=warsaw")

    assert "On-site reaction: next business day by 17:00" in hajnowka.text
    assert "4 business hours" not in hajnowka.text
    assert "On-site reaction: 4 business hours, Monday to Friday 8–17 (not on public holidays)" in warsaw.text
    assert "next business day" not in warsaw.text
    assert "Reported now: by Tue 5 May 2026, 17:00 at the latest." in hajnowka.text
    assert "Reported now: by Mon 4 May 2026, 13:00 at the latest." in warsaw.text
    assert "One contact for all services: the service desk." in hajnowka.text
    assert "5 % of the monthly fee is given back" in hajnowka.text


async def test_without_a_place_all_of_them_are_told_and_a_region_narrows(bank: Office) -> None:
    polish = await browser_of(bank, "B1")
    every = await polish.open("/pages/agreements/SLA-2026-0001/expect")
    remote = await polish.open("/pages/agreements/SLA-2026-0001/expect?region=REMOTE")
    nowhere = await polish.open("/pages/agreements/SLA-2026-0001/expect?region=MOON")
    own = await polish.open(f"{PODLASIE}/expect")

    for said in ("następny dzień roboczy do 17:00", "4 godziny robocze", "Zegar stoi, gdy czekamy na Państwa odpowiedź"):
        assert said in every.text, said
    assert ("następny dzień roboczy" in remote.text, "4 godziny" in remote.text) == (True, False)
    assert "Żadna umowa niczego tu nie obiecuje." in nowhere.text
    assert ("następny dzień roboczy" in own.text, "4 godziny" in own.text) == (True, False)
    assert (await polish.open("/pages/agreements/SLA-2026-0001/expect?site=moon")).status == 404


async def test_a_support_promises_nothing_to_users(bank: Office) -> None:
    assert (await (await browser_of(bank, "S1")).open("/pages/agreements/OLA-2026-0001/expect")).status == 404


# ---- what people ask for --------------------------------------------------------------------------------------------


async def test_a_change_is_raised_on_a_page_and_bad_input_is_told_at_its_field(bank: Office) -> None:
    barbara = await browser_of(bank, "B1")
    form = (await barbara.open(f"{WARSAW}/change")).form("/change")

    short = await barbara.send(form, trigger="WORKING_HOURS", text="<b>no")
    done = await barbara.send(short.form("/change"), trigger="WORKING_HOURS", text="Open on Saturdays from 9 to 13 as well.")
    [change] = (await bank.get("M1", "/registry/SLA-2026-0002/follow-ups")).json()

    assert (short.status, short.form("/change").fields["text"][0].strip()) == (422, "<b>no")
    assert "&lt;b&gt;no" in short.html
    assert "Zgłoszono zmianę" in done.text
    assert change["kind"] == "CHANGE"


async def test_who_may_not_raise_a_change_has_no_button_and_is_refused(bank: Office) -> None:
    olga = await browser_of(bank, "O1")

    assert "Zgłoś zmianę" not in (await olga.open(WARSAW)).links
    assert (await olga.open(f"{WARSAW}/change")).status == 403


async def test_a_measurement_of_availability_is_disputed_on_a_page(database: Database, bank: Office) -> None:
    document = changed(
        bank_draft().named("warsaw"),
        document="network",
        parent=None,
        services=["NET"],
        targets=[],
        links=[],
        self_provided=["up"],
        availability=[{"target": "up", "percent": "99.5"}],
        credits=[],
    )
    await AgreementRegistry(database).register(registration("case-net", document))
    barbara = await browser_of(bank, "B1", "en")
    page = await barbara.open("/pages/agreements/SLA-2026-0004")
    form = (await barbara.open(page.links["Dispute a measurement"])).form("/dispute")
    told = {"target": "up", "kind": "DOWN", "why": "the network of the head office was down"}

    backwards = await barbara.send(form, start="2026-05-03T10:00", end="2026-05-03T09:00", **told)
    done = await barbara.send(form, start="2026-05-03T08:00", end="2026-05-03T09:00", **told)

    assert "The service is up for at least 99.5 % of the time in a month, day and night." in page.text
    assert form.fields["period"] == ["2026-05"]
    assert (backwards.status, "must lie after start" in backwards.text) == (422, True)
    assert "dispute of the measurement is open" in done.text
    assert "Disputed" in done.text or "Dispute" in done.text
