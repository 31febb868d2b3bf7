"""Holding a value against a JSON Schema as pydantic writes them, and finding what the schema does not know."""

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def misfits(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """What of a value its schema does not allow, or does not name."""
    if "$ref" in schema:
        yield from misfits(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, where)
    elif "anyOf" in schema:
        found = [list(misfits(value, each, root, where)) for each in schema["anyOf"]]
        yield from min(found, key=len)
    elif not isinstance(value, _TYPES[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean"):
        yield f"{where}: {value!r} is no {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    elif isinstance(value, dict):
        yield from (f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value)
        known = schema.get("properties", {})
        yield from (f"{where}: {name} is unknown" for name in value if name not in known)
        for name in value.keys() & known.keys():
            yield from misfits(value[name], known[name], root, f"{where}.{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from misfits(each, schema["items"], root, f"{where}[{number}]")
