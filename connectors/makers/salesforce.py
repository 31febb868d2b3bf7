"""Salesforce: outbound messages, SOAP with up to 100 notifications, each repeated for a day until it is acknowledged.

Source: Salesforce's SOAP API guide, "Outbound messaging". Nothing is signed: the secret stands in the address (`?key=…`), which TLS
hides. A notification's id is the same in every repetition; it says how the object is now, not how it was then.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from connectors.incoming import MAX_POSTINGS, Answer, Incoming, Maker, Posting, UnreadablePosting
from connectors.proofs import check_token

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ACK = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    b"</soapenv:Body></soapenv:Envelope>"
)


def _verify(incoming: Incoming, secrets: Sequence[str], now: datetime) -> None:
    del now  # nothing says when it was sent; a repetition has the same ids
    check_token(secrets, incoming.query.get("key", ""))


def _postings(incoming: Incoming) -> list[Posting]:
    try:
        root = fromstring(incoming.body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as wrong:
        raise UnreadablePosting("the body is no XML that is taken here") from wrong
    found = root.findall(f".//{_OUTBOUND}Notification")
    if not 0 < len(found) <= MAX_POSTINGS:
        raise UnreadablePosting("the body holds no notifications, or too many")
    organization = (root.findtext(f".//{_OUTBOUND}OrganizationId") or "").strip()
    return [_posting(each, organization) for each in found]


def _posting(notification: "Element", organization: str) -> Posting:
    key = (notification.findtext(f"{_OUTBOUND}Id") or "").strip()
    sobject = notification.find(f"{_OUTBOUND}sObject")
    if not key or len(key) > 100 or sobject is None:
        raise UnreadablePosting("a notification has no Id or no sObject")
    kind = sobject.get(_TYPE, "").rpartition(":")[2]
    return Posting(key, {"organization": organization, "type": kind, "fields": _fields(sobject)})


def _fields(element: "Element") -> Mapping[str, Any]:
    """The fields of an object by their names without namespace; a related object is one more mapping."""
    return {each.tag.rpartition("}")[2]: _fields_below(each) for each in element}


def _fields_below(element: "Element") -> Any:
    # What is related to a case is one or two steps away; deeper things are no fields a workflow can choose.
    return {each.tag.rpartition("}")[2]: (each.text or "").strip() for each in element} if len(element) else (element.text or "").strip()


SALESFORCE = Maker(verify=_verify, postings=_postings, answer=Answer(200, "text/xml; charset=utf-8", _ACK))
