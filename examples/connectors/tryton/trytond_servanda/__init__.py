# SPDX-License-Identifier: GPL-3.0-or-later
"""Registers the module's models."""

from trytond.pool import Pool

from . import servanda

__all__ = ["register"]


def register():
    Pool.register(servanda.Trigger, servanda.Webhook, module="servanda", type_="model")
