"""Proofs of quality: drafted from closed months, approved by two people, published for anybody, never changed."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from connectors.proof_signing import read_statement
from domain.canonical import digest_of
from domain.follow_ups.follow_up import FollowUpKind
from domain.follow_ups.renewal import Renewal
from domain.proof_checks import proof_checks
from store.audit import AuditTrail
from store.database import Database
from store.entries import entries
from store.follow_ups import FollowUpStore
from store.registry import AgreementRegistry
from tests.api.browsers import Browser
from tests.api.people import Office, request
from tests.api.printing_year import ASKED, JANUARY, agreement, close, printing_year, published
from tests.domain.drafts import changed
from tests.domain.follow_up_stories import dispute, fields
from tests.domain.proofs import BANKS, target
from tests.store.test_registry import registration

NOW = datetime.fromisoformat(JANUARY)
NUMBER = "SLA/2025/0001"


@pytest.fixture
async def year(database: Database) -> AsyncIterator[Office]:
    async with printing_year(database) as people:
        yield people


async def refused(people: Office, person: str = "M1", **asked: Any) -> tuple[int, str]:
    answer = await people.send(person, "/quality-proofs", **{**ASKED, **asked})
    return answer.status_code, answer.json()["code"]


async def test_twelve_months_are_97_1_per_cent_with_11_green_and_1_amber(year: Office) -> None:
    draft = (await year.send("M1", "/quality-proofs", **ASKED)).json()
    total = draft["content"]["total"]

    assert (total["attainment"], total["months"], draft["content"]["customers"]) == ("97.1 %", {"GREEN": 11, "AMBER": 1}, 3)
    assert (draft["state"], draft["waits_for"], draft["address"]) == ("DRAFT", ["SLM_MANAGER", "CRM"], None)
    assert [name for name in (*BANKS, "SLA/20", "SLA-20") if name in str(draft["content"])] == []


CHOSEN: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"leave_out": ["2026-03"]}, (422, "CHERRY_PICKING")),
    ({"leave_out": [BANKS[0]]}, (422, "CHERRY_PICKING")),
    ({"from": "2026-04"}, (422, "CHERRY_PICKING")),
    ({"to": "2026-09"}, (422, "CHERRY_PICKING")),
    ({"from": "2026-09"}, (422, "TOO_SHORT")),
    ({"from": "2025-09"}, (422, "NOT_PROMISED")),
    ({"to": "2027-01"}, (409, "PERIOD_NOT_OVER")),
    ({"to": "2026-13"}, (422, "INVALID_REQUEST")),
    ({"but": "March"}, (422, "INVALID_REQUEST")),
    ({"service": "none"}, (404, "NOT_FOUND")),
]


async def test_march_cannot_be_left_out_in_any_way(year: Office) -> None:
    assert [(asked, await refused(year, **asked)) for asked, _ in CHOSEN] == CHOSEN


async def test_two_customers_are_not_anonymous(database: Database) -> None:
    async with printing_year(database, BANKS[:2]) as people:
        assert await refused(people) == (422, "NOT_ANONYMOUS")


async def test_an_agreement_on_legal_hold_in_dispute_or_not_closed_is_waited_for(database: Database) -> None:
    async with printing_year(database) as people:
        held = update(entries).where(entries.c.customer == BANKS[1])
        async with database.writing() as connection:
            await connection.execute(held.values(legal_hold=True))
        on_hold = await refused(people)
        async with database.writing() as connection:
            await connection.execute(held.values(legal_hold=False, effective_from=date(2025, 12, 1)))
        begun_earlier = await refused(people, **{"from": "2025-12", "to": "2026-11"})

        await FollowUpStore(database).open(dispute().but(registry_no=NUMBER).begun())
        disputed = await refused(people)

    assert (on_hold, begun_earlier, disputed) == ((409, "ON_LEGAL_HOLD"), (409, "NOT_CLOSED"), (409, "IN_DISPUTE"))


async def test_an_agreement_that_ended_on_the_way_is_in_the_proof_and_a_longer_one_too(database: Database) -> None:
    async with printing_year(database) as people:
        async with database.writing() as connection:
            ended = {"effective_until": date(2026, 11, 1), "state": "TERMINATED"}
            await connection.execute(update(entries).where(entries.c.customer == BANKS[0]).values(**ended))
        draft = (await people.send("M1", "/quality-proofs", **ASKED)).json()

    assert draft["content"]["customers"] == 3
    assert [cell["first_month"] for cell in draft["content"]["cells"] if cell["last_month"] != cell["first_month"]] == ["2026-10"]


async def test_a_month_that_a_change_of_versions_split_counts_with_both_its_parts(database: Database) -> None:
    async with printing_year(database) as people:
        later = changed(agreement(BANKS[0]), effective_from="2026-06-15", title="Managed printing, agreed anew")
        anew = registration("case-2", later, signed_at=datetime(2026, 5, 20, tzinfo=UTC))
        await AgreementRegistry(database).register(anew.model_copy(update={"amends": {later.document: NUMBER}}))
        missing = await people.send("M1", "/quality-proofs", **ASKED)
        for part, figures in (("2026-06@1.0", target(1, 20)), ("2026-06@2.0", target(0, 8))):
            await close(database, NUMBER, part, [figures], NOW - timedelta(days=1))
        found = await people.send("M1", "/quality-proofs", **ASKED)

    assert (missing.json()["code"], f"{NUMBER} 2026-06@1.0" in missing.json()["detail"]) == ("NOT_CLOSED", True)
    assert (found.status_code, found.json()["content"]["total"]["attainment"]) == (201, "97.1 %")


async def test_two_people_approve_the_hash_and_then_it_is_published(year: Office) -> None:
    draft = (await year.send("M1", "/quality-proofs", **ASKED)).json()
    address = f"/quality-proofs/{draft['proof']}"
    wrong = await year.send("M1", f"{address}/approve", hash="0" * 64)
    first = await year.send("C2", f"{address}/approve", hash=draft["hash"])
    hidden = await year.get(None, f"/proofs/{draft['proof']}")
    again = await year.send("C1", f"{address}/approve", hash=draft["hash"])
    second = await year.send("M1", f"{address}/approve", hash=draft["hash"])
    late = await year.send("M1", f"{address}/approve", hash=draft["hash"])

    assert (wrong.status_code, wrong.json()["code"]) == (409, "STALE_DOCUMENT")
    assert (first.json()["state"], first.json()["waits_for"], hidden.status_code) == ("DRAFT", ["SLM_MANAGER"], 404)
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_DECIDED")
    assert (second.json()["state"], second.json()["address"]) == ("PUBLISHED", f"http://test/proofs/{draft['proof']}")
    assert (late.status_code, late.json()["code"]) == (409, "NOT_A_DRAFT")


async def test_one_person_of_both_sides_approves_once(database: Database) -> None:
    async with printing_year(database) as people:
        directory = people.api.app.state.parts.directory
        catalogue = await directory.now()
        everybody = [each.model_dump(mode="json") for each in catalogue.people]
        both = [each | {"roles": ["SLM_MANAGER", "CRM_STAFF"]} if each["person"] == "M1" else each for each in everybody]
        await directory.load(catalogue.model_copy(update={"people": both}), "test", NOW)
        draft = (await people.send("M1", "/quality-proofs", **ASKED)).json()
        address = f"/quality-proofs/{draft['proof']}/approve"
        first, second = [await people.send("M1", address, hash=draft["hash"]) for _ in range(2)]

    assert (first.status_code, second.status_code, second.json()["code"]) == (200, 422, "SEPARATION_OF_DUTIES")


async def test_the_slm_manager_drafts(year: Office) -> None:
    tried = {person: (await year.send(person, "/quality-proofs", **ASKED)).status_code for person in ("L1", "D1", "X1", "C1", "B1", "M1")}

    assert tried == {"L1": 403, "D1": 403, "X1": 403, "C1": 403, "B1": 403, "M1": 201}


async def test_the_same_key_drafts_once_and_only_the_same(year: Office) -> None:
    first, again = [(await year.send("M1", "/quality-proofs", "k", **ASKED)).json() for _ in range(2)]
    other = await year.send("M1", "/quality-proofs", "k", **{**ASKED, "to": "2026-11"})
    listed = (await year.get("C1", "/quality-proofs", service="MPS")).json()

    assert first == again
    assert (other.status_code, other.json()["code"]) == (409, "KEY_USED")
    assert [each["proof"] for each in listed] == [first["proof"]]


async def test_late_facts_make_a_draft_stale_and_show_beside_what_is_published(database: Database) -> None:
    async with printing_year(database) as people:
        done = await published(people)
        draft = (await people.send("M1", "/quality-proofs", **ASKED)).json()
        await close(database, NUMBER, "2026-12", [target(3)], NOW + timedelta(seconds=1))
        people.api.app.state.parts.now.shift -= timedelta(minutes=1)
        stale = await people.send("M1", f"/quality-proofs/{draft['proof']}/approve", hash=draft["hash"])
        known = (await people.get("M1", f"/quality-proofs/{done['proof']}")).json()
        told = (await people.get(None, f"/proofs/{done['proof']}.json")).json()

    assert (stale.status_code, stale.json()["code"]) == (409, "FIGURES_CHANGED")
    assert (known["state"], known["changed_since"], done["changed_since"]) == ("PUBLISHED", "FIGURES_CHANGED", None)
    assert told["content"] == done["content"], "what is published never changes"


async def test_nothing_is_published_without_a_key(database: Database) -> None:
    async with printing_year(database) as people:
        people.api.app.state.parts.proof_desk._keys = ()
        draft = (await people.send("M1", "/quality-proofs", **ASKED)).json()
        address = f"/quality-proofs/{draft['proof']}/approve"
        await people.send("M1", address, hash=draft["hash"])
        second = await people.send("C1", address, hash=draft["hash"])

    assert (second.status_code, second.json()["code"]) == (409, "NO_PROOF_KEY")


async def test_the_renewal_pack_has_the_chart_of_twelve_months_and_the_proof(database: Database) -> None:
    """R-153; the customer of the agreement reads it too, as it names nobody."""
    async with printing_year(database) as people:
        known = fields(FollowUpKind.RENEWAL, "2027-01-04T09:00", "2027-12-31", "") | {"registry_no": NUMBER}
        chart = "/registry/SLA-2025-0001/slam"
        case = Renewal(**known, ends_at=NOW + timedelta(days=300), renewed_until=date(2028, 12, 31), pack=(chart,))
        await FollowUpStore(database).open(case.begun())
        before = (await people.get("M1", f"/cases/{case.case_id}")).json()["case"]["pack"]
        done = await published(people)
        after = [(await people.get(person, f"/cases/{case.case_id}")).json()["case"]["pack"] for person in ("M1", "B1")]
        months = (await people.get("B1", chart)).json()["months"]
        await people.send("M1", f"/quality-proofs/{done['proof']}/withdraw", reason="A service was measured wrongly")
        withdrawn = (await people.get("M1", f"/cases/{case.case_id}")).json()["case"]["pack"]

    assert (before, withdrawn) == ([chart], [chart])
    assert after == [[chart, f"/proofs/{done['proof']}"]] * 2
    assert (len(months), months[0], months[-1]) == (12, "2026-01", "2026-12")


async def test_a_proof_is_added_to_an_offer_of_its_service(database: Database) -> None:
    """R-153: a button on the page of the case."""
    async with printing_year(database) as people:
        asked = await people.api.post(request("CRM-9", customer=BANKS[0], services=["MPS"]))
        case_id = asked.json()["results"][0]["case_id"]
        draft = (await people.send("M1", "/quality-proofs", **ASKED)).json()
        early = await people.send("M1", f"/quality-proofs/{draft['proof']}/offer", case_id=case_id)
        done = await published(people)
        celina, barbara = Browser(people), Browser(people)
        await celina.sign_in("C1")
        await barbara.sign_in("B1")
        added = await celina.send((await celina.open(f"/pages/cases/{case_id}")).form("/offer"))
        again = await people.send("M1", f"/quality-proofs/{done['proof']}/offer", case_id=case_id)
        seen = await barbara.open(f"/pages/cases/{case_id}")
        await people.send("M1", f"/quality-proofs/{done['proof']}/withdraw", reason="A service was measured wrongly")
        gone = await barbara.open(f"/pages/cases/{case_id}")

    address = f"/proofs/{done['proof']}"
    assert (early.status_code, early.json()["code"]) == (409, "NOT_PUBLISHED")
    assert (added.answer.url.path, again.json()["proofs"]) == (f"/pages/cases/{case_id}", [address])
    assert [[each for each in page.all_links if each.startswith(address)] for page in (seen, gone)] == [[f"{address}?language=pl"], []]
    assert [form for form in seen.forms if form.action.endswith("/offer")] == [], "customers add nothing"


# ---- in public ------------------------------------------------------------------------------------------------------


async def test_anybody_reads_a_published_proof_and_can_check_it(year: Office) -> None:
    done = await published(year)
    told = (await year.get(None, f"/proofs/{done['proof']}.json")).json()
    keys = (await year.get(None, "/proofs/key.json")).json()

    assert all(check.holds for check in proof_checks(told["content"], told["hash"]))
    assert told["hash"] == digest_of(told["content"]) == done["hash"]
    assert read_statement(keys, told["signature"]) == {"proof": done["proof"], "hash": told["hash"], "published_at": told["published_at"]}
    assert [set(each) for each in keys["keys"]] == [{"kty", "crv", "x", "kid", "alg", "use"}], "never the private half"


async def test_the_page_tells_it_in_both_languages_without_a_script(year: Office) -> None:
    done = await published(year)
    for language, said in (("pl", "97,1 % zegarów"), ("en", "97.1 % of the clocks")):
        answer = await year.get(None, f"/proofs/{done['proof']}", language=language)
        by_browser = await year.api.http.get(f"/proofs/{done['proof']}", headers={"accept-language": f"{language}-XX,{language};q=0.9"})

        assert (answer.status_code, by_browser.text) == (200, answer.text)
        assert said in answer.text
        assert done["hash"] in answer.text
        assert answer.text.count("<svg") == 1
        assert "<script" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert [bank for bank in BANKS if bank in answer.text] == []


async def test_the_file_to_print_has_its_address_and_its_hash_on_it(year: Office) -> None:
    done = await published(year)
    answer = await year.get(None, f"/proofs/{done['proof']}.pdf", language="pl")

    assert (answer.status_code, answer.headers["content-type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")


async def test_what_is_not_published_is_not_there(year: Office) -> None:
    draft = (await year.send("M1", "/quality-proofs", **ASKED)).json()
    for proof in (draft["proof"], "proof-0"):
        assert [(await year.get(None, f"/proofs/{proof}{suffix}")).status_code for suffix in ("", ".json", ".pdf")] == [404] * 3


async def test_a_withdrawn_proof_says_so_and_why_and_shows_no_figures(year: Office) -> None:
    done = await published(year)
    address = f"/proofs/{done['proof']}"
    nobody = await year.send("L1", f"/quality-proofs/{done['proof']}/withdraw", reason="I do not like it any more")
    taken = await year.send("C1", f"/quality-proofs/{done['proof']}/withdraw", reason="A service was measured wrongly")
    again = await year.send("C1", f"/quality-proofs/{done['proof']}/withdraw", reason="A service was measured wrongly")
    page, told, file = [await year.get(None, f"{address}{suffix}") for suffix in ("", ".json", ".pdf")]

    assert (nobody.status_code, taken.json()["state"], again.json()["code"]) == (403, "WITHDRAWN", "ALREADY_DECIDED")
    assert "A service was measured wrongly" in page.text
    assert "97.1" not in page.text
    assert (told.json()["content"], told.json()["withdrawn_because"]) == (None, "A service was measured wrongly")
    assert (file.status_code, file.json()["code"]) == (409, "WITHDRAWN")


async def test_who_looks_too_often_is_slowed_down_and_may_still_sign_in(database: Database) -> None:
    async with printing_year(database, sign_in_rate=5) as people:
        looks = [(await people.get(None, "/proofs/proof-0")).status_code for _ in range(7)]
        signing_in = await people.api.http.get("/sign-in")

    assert looks == [404] * 5 + [429] * 2
    assert signing_in.status_code == 200


async def test_the_trail_says_who_did_what(database: Database) -> None:
    async with printing_year(database) as people:
        done = await published(people)
        await people.send("M1", f"/quality-proofs/{done['proof']}/withdraw", reason="The year was not what it seemed")
    trail = AuditTrail(database)
    events = [row.event for row in await trail.of(f"quality-proof:{done['proof']}")]

    assert [(each["action"], each["actor"], each["to_state"]) for each in events] == [
        ("draft", "M1", "DRAFT"),
        ("approve", "M1", "DRAFT"),
        ("approve", "C1", "PUBLISHED"),
        ("withdraw", "M1", "WITHDRAWN"),
    ]
    assert {each["document_hash"] for each in events} == {done["hash"]}
    assert await trail.broken_at(f"quality-proof:{done['proof']}") is None


# ---- pages ----------------------------------------------------------------------------------------------------------


async def test_a_proof_is_made_by_forms(year: Office) -> None:
    maria, celina = Browser(year), Browser(year)
    await maria.sign_in("M1")
    await celina.sign_in("C1")
    form = (await maria.open("/pages/quality-proofs")).form("/quality-proofs")
    wrong = await maria.send(form, service="MPS", **{"from": "2026-04", "to": "2026-12"})
    page = await maria.send(wrong.form("/quality-proofs"), **{"from": "2026-01"})
    address = str(page.answer.url.path)
    await maria.send(page.form("/approve"))
    done = await celina.send((await celina.open(address)).form("/approve"))
    taken = await celina.send(done.form("/withdraw"), reason="Pomiar jednej usługi był błędny")

    assert (wrong.status, "2026-01" in wrong.text) == (422, True)
    assert "97,1 %" in page.text
    assert "opublikowany" in done.text
    assert "http://test/proofs/proof-" in done.text
    assert "wycofany" in taken.text
    assert "97,1 %" in (await maria.open("/pages/quality-proofs")).text


async def test_the_pages_are_for_the_providers_people(year: Office) -> None:
    barbara = Browser(year)
    await barbara.sign_in("B1")

    assert (await barbara.open("/pages/quality-proofs")).status == 403
