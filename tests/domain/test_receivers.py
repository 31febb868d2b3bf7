"""Who is told: of the right party only, deputies too, and never nobody."""

from datetime import date

from domain.catalogue import Catalogue
from domain.effects import Notice
from domain.people import Side
from domain.receivers import Parties, receivers_of
from tests.api.people import other_bank

DAY = date(2026, 3, 17)
BANK = Parties(customer="Bank Narew S.A.")


def notice(*recipients: str, **more: object) -> Notice:
    return Notice.model_validate({"key": "k", "recipients": recipients, "subject": "s", "body": "b", "phrase": "report", **more})


def told(given: Notice, parties: Parties = BANK, catalogue: Catalogue | None = None) -> dict[str, tuple[str, ...]]:
    found = receivers_of(given, catalogue or other_bank(), DAY, parties)
    return {each.person.person: each.unreached for each in found.people}


def changed(person: str, **more: object) -> Catalogue:
    value = other_bank().model_dump(mode="json", by_alias=True)
    for each in value["people"]:
        if each["person"] == person:
            each.update(more)
    return Catalogue.model_validate(value)


def test_a_customer_hears_of_its_own_matters_only() -> None:
    assert told(notice("CUSTOMER_REP")) == {"B1": ()}
    assert told(notice("CUSTOMER_REP"), Parties(customer="Bank Wkra S.A.")) == {"K1": ()}


def test_where_the_customer_is_unknown_no_customer_is_told_but_the_manager_with_a_remark() -> None:
    assert told(notice("CUSTOMER_REP"), Parties()) == {"M1": ("CUSTOMER_REP",)}


def test_a_supplier_hears_of_its_own_contract_only() -> None:
    assert told(notice("SUPPLIER_REP"), Parties(supplier="TechTeren")) == {"U1": ()}
    assert told(notice("SUPPLIER_REP"), BANK) == {"M1": ("SUPPLIER_REP",)}


def test_a_role_that_several_sides_have_is_that_of_the_tasks_side() -> None:
    assert told(notice("SIGNATORY", side=Side.CUSTOMER)) == {"B3": (), "B4": ()}
    assert told(notice("SIGNATORY", side=Side.PROVIDER)) == {"Z1": ()}
    assert told(notice("SIGNATORY")) == {"Z1": ()}, "no side named: never another party's"


def test_a_person_of_another_customer_is_not_told_by_name_either() -> None:
    assert told(notice("K1")) == {"M1": ("K1",)}


def test_a_deputy_is_told_too_while_the_stretch_lasts() -> None:
    catalogue = changed("C1", delegations=[{"deputy": "C2", "first_on": "2026-03-17", "last_on": "2026-03-17"}])
    found = receivers_of(notice("CRM_STAFF"), catalogue, DAY, BANK).people

    assert [(each.person.person, each.on_behalf_of) for each in found] == [("C1", ()), ("C2", ("Celina Relacka",))]
    assert len(receivers_of(notice("CRM_STAFF"), catalogue, date(2026, 3, 18), BANK).people) == 1


def test_who_is_told_in_their_own_name_hears_it_once_and_for_themselves() -> None:
    catalogue = changed("C1", delegations=[{"deputy": "C2", "first_on": "2026-03-17", "last_on": "2026-03-17"}])
    found = receivers_of(notice("CRM_STAFF", "CRM_MANAGER"), catalogue, DAY, BANK).people

    assert [(each.person.person, each.on_behalf_of) for each in found] == [("C1", ()), ("C2", ())]


def test_who_left_is_not_told_and_their_matter_goes_to_the_manager() -> None:
    assert told(notice("CRM_STAFF"), catalogue=changed("C1", active=False)) == {"M1": ("CRM_STAFF",)}
    assert told(notice("C1"), catalogue=changed("C1", active=False)) == {"M1": ("C1",)}


def test_what_not_even_a_manager_stands_behind_is_said_so() -> None:
    found = receivers_of(notice("FINANCE", "ON_CALL"), changed("M1", active=False), DAY, BANK)

    assert ([each.person.person for each in found.people], found.unreached) == (["F1"], ("ON_CALL",))


def test_the_manager_of_whom_a_task_waits_for_is_told() -> None:
    assert told(notice("MANAGER", values={"assignee": "L1"})) == {"M1": ()}
    assert told(notice("MANAGER", values={"assignee": "CRM_STAFF"})) == {"C2": ()}


def test_the_owner_of_a_ticket_is_told_else_the_team_lead() -> None:
    lead = changed("O1", roles=["TEAM_OWNER", "TEAM_LEAD"])

    assert told(notice("OWNER"), Parties(customer="Bank Narew S.A.", owner="L1")) == {"L1": ()}
    assert told(notice("OWNER", "TEAM_LEAD"), catalogue=lead) == {"O1": ()}
    assert told(notice("OWNER")) == {"M1": ("OWNER",)}


def test_of_several_team_owners_the_one_of_the_team_that_promises_is_told() -> None:
    assert told(notice("TEAM_OWNER"), Parties(team="Service desk")) == {"O1": ()}
    assert told(notice("TEAM_OWNER"), Parties()) == {"O1": (), "O2": ()}


def test_a_survey_is_answered_by_nobody_else() -> None:
    away = changed("B1", delegations=[{"deputy": "B2", "first_on": "2026-03-17", "last_on": "2026-03-17"}])

    assert told(notice("B1", phrase="survey"), catalogue=away) == {"B1": ()}
    found = receivers_of(notice("ewa.k", phrase="survey"), other_bank(), DAY, BANK)
    assert (found.people, found.unreached) == ((), ("ewa.k",))
