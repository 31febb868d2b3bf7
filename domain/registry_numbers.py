"""The two spellings of a registry number: `SLA/2026/0001` in the registry, `SLA-2026-0001` in addresses, ids and on clocks."""


def in_addresses(registry_no: str) -> str:
    """A number as addresses, ids and clocks have it."""
    return registry_no.replace("/", "-")


def in_registry(written: str) -> str:
    """A number as the registry has it, however it was written."""
    return written.replace("-", "/")
