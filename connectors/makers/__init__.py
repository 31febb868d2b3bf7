"""The systems we can be connected to, one file each."""

from collections.abc import Mapping

from connectors.incoming import Maker
from connectors.makers.bottlecrm import BOTTLECRM
from connectors.makers.freshdesk import FRESHDESK
from connectors.makers.hubspot import HUBSPOT
from connectors.makers.jira import JIRA
from connectors.makers.request_tracker import REQUEST_TRACKER
from connectors.makers.salesforce import SALESFORCE
from connectors.makers.servicenow import SERVICENOW
from connectors.makers.tryton import TRYTON
from connectors.makers.zendesk import ZENDESK

MAKERS: Mapping[str, Maker] = {
    "bottlecrm": BOTTLECRM,
    "freshdesk": FRESHDESK,
    "hubspot": HUBSPOT,
    "jira": JIRA,
    "request-tracker": REQUEST_TRACKER,
    "salesforce": SALESFORCE,
    "servicenow": SERVICENOW,
    "tryton": TRYTON,
    "zendesk": ZENDESK,
}
"""By the name that a connectors file gives them."""
