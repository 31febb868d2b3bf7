"""Laws of cases in words: no keys where people read."""

from api.pages.case_words import PageLink, case_title, in_words, nudges_told, to_read
from api.pages.words import page_words

EN, PL = page_words("en"), page_words("pl")


def test_a_follow_up_is_called_by_its_kind_agreement_and_occasion() -> None:
    assert case_title("credit:SLA-2026-0010:response:2026-10", EN) == "Service credit · SLA/2026/0010 · response · 2026-10"
    assert case_title("sip:SLA-2026-0010:response:2026-10", PL) == "Plan doskonalenia (SIP) · SLA/2026/0010 · response · 2026-10"
    assert case_title("case-4711", EN) == "case-4711"


def test_reminders_are_told_with_the_names_of_task_and_person() -> None:
    told = nudges_told("remind APPROVE_CREDIT:0:FINANCE; escalate SIGN:2:B1#2", EN, {"B1": "Barbara"}.__getitem__)

    assert told == "Reminder: Approve the service credit (Finance); Escalation: Sign the agreement (Barbara)"
    assert nudges_told("because of the flood", PL, str) == "because of the flood"


def test_of_a_note_to_billing_people_read_when_and_how_much() -> None:
    note = {"key": "k", "case_id": "c", "at": "2026-11-03T09:00:00Z", "amount": "540.00", "currency": "PLN", "registry_no": "SLA/2026/0010"}
    [told] = in_words({"notes": [note]}, EN)["notes"]

    assert (set(told), told["amount"]) == ({"at", "amount"}, "540.00 PLN")


def test_what_is_read_before_a_review_is_a_link_in_words() -> None:
    assert to_read("/registry/SLA-2026-0011/reports/2026-10", EN) == PageLink(
        "Report 2026-10 of SLA/2026/0011", "/pages/agreements/SLA-2026-0011/reports/2026-10"
    )
    assert to_read("/registry/SLA-2026-0011/slam", PL).leads_to == "/pages/agreements/SLA-2026-0011"
    assert to_read("https://elsewhere.test", EN) == PageLink("https://elsewhere.test", None)


def test_why_a_review_is_held_is_told_in_words() -> None:
    assert in_words({"reasons": ["CHRONIC"]}, EN)["reasons"] == "A target missed again and again"
