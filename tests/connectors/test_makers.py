"""Each maker's proof of origin: what it signs is taken, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.incoming import Incoming, UnreadablePosting
from connectors.makers import MAKERS
from connectors.signatures import BadSignature, StaleTimestamp
from tests.connectors.posts import NOON, SECRET, SIGN, TICKETS, TIMED, address_of, outbound_message, post

OTHER = "another-secret-of-somebody-else"
_MAKERS = pytest.mark.parametrize("maker", sorted(SIGN))


def record_of(maker: str) -> object:
    sample = TICKETS.get(maker)
    return sample.record("5", "10:30", sample.open) if sample is not None else {"id": "t-1", "at": "2026-03-17T10:30:00Z"}


def test_every_maker_has_its_posts_in_these_tests() -> None:
    assert SIGN.keys() == MAKERS.keys()


@_MAKERS
def test_what_a_maker_signs_is_taken_with_the_new_secret_and_the_old(maker: str) -> None:
    for secret in (SECRET, OTHER):
        MAKERS[maker].verify(post(maker, record_of(maker), secret=secret).incoming, [SECRET, OTHER], NOON + timedelta(minutes=4))


@_MAKERS
def test_what_somebody_else_signs_is_refused(maker: str) -> None:
    with pytest.raises(BadSignature):
        MAKERS[maker].verify(post(maker, record_of(maker), secret=OTHER).incoming, [SECRET], NOON)


@_MAKERS
def test_without_its_proof_nothing_is_taken(maker: str) -> None:
    bare = post(maker, record_of(maker)).incoming._replace(headers={}, query={})

    with pytest.raises(BadSignature):
        MAKERS[maker].verify(bare, [SECRET], NOON)


@pytest.mark.parametrize("maker", sorted(SIGN.keys() - {"freshdesk", "salesforce"}))
def test_a_body_that_was_changed_on_the_way_is_refused(maker: str) -> None:
    sent = post(maker, record_of(maker)).incoming

    with pytest.raises(BadSignature):
        MAKERS[maker].verify(sent._replace(body=sent.body.replace(b"10", b"11", 1) + b" "), [SECRET], NOON)


@pytest.mark.parametrize("maker", sorted(TIMED))
@pytest.mark.parametrize("minutes", [-6, 6])
def test_what_was_signed_long_ago_or_ahead_is_refused(maker: str, minutes: int) -> None:
    with pytest.raises(StaleTimestamp):
        MAKERS[maker].verify(post(maker, record_of(maker)).incoming, [SECRET], NOON + timedelta(minutes=minutes))


@pytest.mark.parametrize("maker", sorted(TIMED))
def test_a_time_that_nobody_signed_is_refused(maker: str) -> None:
    sent = post(maker, record_of(maker)).incoming
    seconds, later = str(int(NOON.timestamp())), str(int(NOON.timestamp()) + 3600)
    stated = NOON.strftime("%Y-%m-%dT%H"), (NOON + timedelta(hours=1)).strftime("%Y-%m-%dT%H")
    moved = {name: value.replace(seconds, later).replace(*stated) for name, value in sent.headers.items()}

    assert moved != sent.headers
    with pytest.raises(BadSignature):
        MAKERS[maker].verify(sent._replace(headers=moved), [SECRET], NOON + timedelta(hours=1))


def test_hubspot_signs_the_address_it_posts_to() -> None:
    sent = post("hubspot", record_of("hubspot")).incoming

    with pytest.raises(BadSignature):
        MAKERS["hubspot"].verify(sent._replace(url=address_of("other")), [SECRET], NOON)


@_MAKERS
@given(header=st.text(st.characters(codec="latin-1"), max_size=60), query=st.text(max_size=40))
def test_whatever_stands_in_the_headers_is_a_refusal_and_no_failure(maker: str, header: str, query: str) -> None:
    sent = post(maker, record_of(maker)).incoming
    spoiled = sent._replace(headers=dict.fromkeys(sent.headers, header), query={"key": query})

    with pytest.raises((BadSignature, StaleTimestamp)):
        MAKERS[maker].verify(spoiled, [SECRET], NOON)


@_MAKERS
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]x", b"12", b'"text"', b"\xff\xfe", b"[" * 100_000, b"<a><b></a>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']
)
def test_a_body_of_another_form_is_named_and_no_failure(maker: str, body: bytes) -> None:
    headers = post("zendesk", {}).headers  # its time is read with the body
    with pytest.raises(UnreadablePosting):
        MAKERS[maker].postings(Incoming("POST", address_of(maker), headers, {}, body))


@_MAKERS
def test_the_same_posting_has_the_same_key_and_another_one_another(maker: str) -> None:
    sample = TICKETS.get(maker)
    other = sample.record("6", "10:31", sample.open) if sample is not None else {"id": "t-2"}
    once, again, another = (MAKERS[maker].postings(post(maker, each).incoming) for each in (record_of(maker), record_of(maker), other))

    assert [each.key for each in once] == [each.key for each in again]
    assert once[0].key != another[0].key
    assert 0 < len(once[0].key) <= 100


def test_hubspots_changes_have_keys_of_their_own_although_its_event_ids_repeat() -> None:
    change = TICKETS["hubspot"].record("5", "10:30", "1")
    found = MAKERS["hubspot"].postings(post("hubspot", [change, change | {"objectId": 1149}, change | {"attemptNumber": 1}]).incoming)

    assert len({each.key for each in found}) == 2
    assert found[0].key == found[2].key
    assert found[0].at == datetime(2026, 3, 17, 10, 30, tzinfo=UTC)


def test_salesforce_hands_over_a_hundred_notifications_with_the_fields_chosen() -> None:
    notes = [{"Id": f"04l{number}", "type": "Case", "fields": {"CaseNumber": number, "Status": "New"}} for number in range(100)]
    found = MAKERS["salesforce"].postings(Incoming("POST", address_of("salesforce"), {}, {}, outbound_message(notes)))

    assert [each.key for each in found] == [note["Id"] for note in notes]
    assert found[7].record["fields"] == {"CaseNumber": "7", "Status": "New"}


def test_two_equal_bodies_of_a_zendesk_trigger_are_two_changes_when_sent_at_two_instants() -> None:
    body = {"ticket": {"id": "1", "status": "Open"}}
    keys = [MAKERS["zendesk"].postings(post("zendesk", body, at).incoming)[0].key for at in (NOON, NOON, NOON + timedelta(seconds=1))]

    assert keys[0] == keys[1] != keys[2]
