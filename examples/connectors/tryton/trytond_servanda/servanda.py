# SPDX-License-Identifier: GPL-3.0-or-later
"""Posts opportunities when they were written and the transaction is through.

Where to and with which secret stands in the configuration file of trytond:

    [servanda]
    url = https://servanda.example.com/connectors/crm/events
    secret = …
"""

import hmac
import json
import logging
import time
import urllib.request
import uuid
from datetime import UTC, datetime

from trytond.config import config
from trytond.model import Model
from trytond.pool import PoolMeta
from trytond.transaction import Transaction

_log = logging.getLogger(__name__)


class Trigger(metaclass=PoolMeta):
    __name__ = "ir.trigger"

    @classmethod
    def __setup__(cls):
        super().__setup__()
        cls.action.selection.append(("servanda.webhook|fire", "Tell Servanda"))


class Webhook(Model):
    "Servanda Webhook"

    __name__ = "servanda.webhook"

    @classmethod
    def fire(cls, records, trigger):
        for record in records:
            body = json.dumps(_message(record)).encode()
            Transaction().atexit(_post, body)


def _message(record):
    party, employee = record.party, record.employee
    return {
        "id": uuid.uuid4().hex,
        "at": datetime.now(UTC).isoformat(),
        "model": record.__name__,
        "record": {
            "id": record.id,
            "number": record.number,
            "state": record.state,
            "description": record.description,
            "reference": record.reference,
            "comment": record.comment,
            "party": {"name": party.name, "code": party.code} if party else None,
            "employee": {"name": employee.rec_name} if employee else None,
        },
    }


def _post(body):
    at = str(int(time.time()))
    mac = hmac.digest(config.get("servanda", "secret").encode(), at.encode() + b"." + body, "sha256").hex()
    headers = {"Content-Type": "application/json", "X-Tryton-Signature": f"t={at},v1={mac}"}
    request = urllib.request.Request(config.get("servanda", "url"), body, headers)
    try:
        with urllib.request.urlopen(request, timeout=5):
            pass
    except OSError as failure:
        _log.error("Servanda did not take what was told: %s", failure)
