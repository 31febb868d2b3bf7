"""A real Tryton beside a whole installation: the module of the examples posts deals, and notes on them say where agreements stand.

It takes minutes to set up, so it is run where somebody has one: `SERVANDA_TRYTON` names a virtual environment with trytond,
sale_opportunity and `examples/connectors/tryton`, and in it `crm.sqlite`, made by
`trytond-admin -d crm -u sale_opportunity servanda --activate-dependencies` with the password `admin`.
"""

import os
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES
from tests.connectors.both_sides import address_of, connected, until
from tests.connectors.trytons import SECRET, tryton
from tests.processes import Installation


@pytest.mark.slow
@pytest.mark.skipif("SERVANDA_TRYTON" not in os.environ, reason="SERVANDA_TRYTON names no Tryton")
def test_a_deal_opens_a_case_and_a_note_says_where_it_stands(tmp_path: Path) -> None:
    ours = Installation(tmp_path)
    (tmp_path / "tryton").mkdir()
    with tryton(Path(os.environ["SERVANDA_TRYTON"]), tmp_path / "tryton", address_of(ours, "crm")) as crm:
        entry = {
            "name": "crm",
            "maker": "tryton",
            "secrets": ["${TRYTON_SECRET}"],
            "mapping": str(EXAMPLES / "connectors" / "tryton.yaml"),
            "rest": {"url": crm.url, "token": "${TRYTON_TOKEN}"},
        }
        with connected(ours, entry, {"TRYTON_SECRET": SECRET, "TRYTON_TOKEN": crm.token}):
            deal = crm.lead("Bank Narew S.A.", "printers for every branch")
            crm.becomes(deal, "opportunity")
            until(lambda: "Servanda: the agreement is AGENT_SELECTION" in crm.notes(deal))

            assert crm.notes(deal) == ["Servanda: the agreement is AGENT_SELECTION"]
