"""Where a page shows what the API answers at an address: reports and mails name the API's."""

import re

_PAGES = (
    (re.compile(r"^/registry/([^/?]+)/results/([^/?]+)/tickets(\?.*)?$"), r"/pages/agreements/\1/judged/\2\3"),
    (re.compile(r"^/registry/([^/?]+)/reports/([^/?]+)$"), r"/pages/agreements/\1/reports/\2"),
    (re.compile(r"^/registry/([^/?]+)(?:/slam)?$"), r"/pages/agreements/\1"),
    (re.compile(r"^/(tickets|cases)/([^?]+)$"), r"/pages/\1/\2"),
)


def page_address(address: str) -> str:
    """The page for an address of the API; the address itself where there is no page."""
    for form, page in _PAGES:
        if form.match(address):
            return form.sub(page, address)
    return address
