"""Where a page shows what the API answers at an address, or what a trail is about: reports and mails name the API's addresses."""

import re
from urllib.parse import quote

from domain.follow_ups.follow_up import FollowUpKind

_PAGES = (
    (re.compile(r"^/registry/([^/?]+)/results/([^/?]+)/tickets(\?.*)?$"), r"/pages/agreements/\1/judged/\2\3"),
    (re.compile(r"^/registry/([^/?]+)/reports/([^/?]+)$"), r"/pages/agreements/\1/reports/\2"),
    (re.compile(r"^/registry/([^/?]+)/results\?period=([^&]+)$"), r"/pages/agreements/\1/reports/\2"),
    (re.compile(r"^/registry/([^/?]+)(?:/slam)?$"), r"/pages/agreements/\1"),
    (re.compile(r"^/(tickets|cases)/([^?]+)$"), r"/pages/\1/\2"),
)


def page_address(address: str) -> str:
    """The page for an address of the API; the address itself where there is no page."""
    for form, page in _PAGES:
        if form.match(address):
            return form.sub(page, address)
    return address


_OF_TRAILS = {
    "agreement-case": "/pages/cases/{}",
    "support-case": "/pages/cases/{}",
    "agreement": "/pages/agreements/{}",
    "ticket": "/pages/tickets/{}",
    "replan": "/pages/replans/{}",
    "calendar": "/pages/calendars/{}",
}
_OF_FOLLOW_UPS = {*(kind.value.lower() for kind in FollowUpKind), "sip"}


def page_of_trail(subject: str) -> str | None:
    """The page of what an audit trail is about; None where there is none."""
    kind, _, name = subject.partition(":")
    if kind in _OF_FOLLOW_UPS:
        return f"/pages/cases/{quote(subject)}"
    if kind == "ticket":
        name = name.replace(":", "/", 1)
    return _OF_TRAILS[kind].format(quote(name)) if kind in _OF_TRAILS else None
