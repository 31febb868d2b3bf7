"""`servanda connector`: are the files of connectors right, and what do they make of a record?"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commands.output import print_json, say
from connectors.documents import FaultyDocument, read_yaml
from connectors.incoming import Posting
from connectors.installed import read_connectors, schema_of
from connectors.record_mappings import read_record_mapping
from connectors.record_stories import tell
from domain.errors import BadInput
from settings import load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True)

_FORMS = ("mapping", "connectors")


class _AnySecret(dict[str, str]):
    """Whatever variable is asked for is there: whether a file is right does not depend on who looks."""

    def __missing__(self, name: str) -> str:
        return f"{name} of another machine"

    def get(self, name: str, default: str | None = None) -> str:  # type: ignore[override]
        del default
        return self[name]


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="mapping files, or connectors files with the mappings they name")],
) -> None:
    """Say file, line and rule of each fault; exit code 1 if there is one.

    Example: servanda connector check examples/connectors/connectors.yaml
    """
    faulty = False
    for path in files:
        try:
            say(f"{path}: {_what_is_right(path)}")
        except FaultyDocument as wrong:
            faulty = True
            say(str(wrong))
    if faulty:
        raise typer.Exit(1)


def _what_is_right(path: Path) -> str:
    value = read_yaml(path).value
    if isinstance(value, dict) and "connectors" in value:
        found = read_connectors(path, _AnySecret()).values()
        return "; ".join(f"{each.name} takes {each.maker_name} as {each.mapping.source}" for each in found)
    mapping = read_record_mapping(path)
    parts = [name for name in ("tickets", "deals", "endings") if getattr(mapping, name) is not None]
    return f"reads {', '.join(parts)} of {mapping.source}"


@app.command("try")
def try_record(
    mapping: Annotated[Path, typer.Argument(metavar="MAPPING", help="mapping file")],
    record: Annotated[Path, typer.Argument(metavar="RECORD", help="a record as JSON, as the maker posted it")],
) -> None:
    """Print the events that a mapping makes of a record about a ticket or deal nobody knows yet; nothing is sent.

    Example: servanda connector try examples/connectors/jira.yaml examples/connectors/records/jira.json
    """
    told = tell(read_record_mapping(mapping), Posting("try", _record(record), datetime.now(UTC)), ())
    print_json({"events": told.events, "note": told.why})


def _record(path: Path) -> dict[str, object]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise BadInput(f"{path}: {wrong}") from wrong
    if not isinstance(value, dict):
        raise BadInput(f"{path}: a record is a JSON object")
    return value


@app.command("list")
def list_connectors(as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False) -> None:
    """The connectors of this installation, with the addresses their systems post to.

    Example: servanda connector list
    """
    settings = load_settings()
    rows = [
        {
            "name": each.name,
            "maker": each.maker_name,
            "source": each.mapping.source,
            "url": f"{settings.links_to}/connectors/{each.name}/events",
            "writes_back": each.rest is not None,
        }
        for each in settings.connectors.values()
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        say(f"{row['name']:<20} {row['maker']:<16} {row['source']:<16} {row['url']}{'  written back to' if row['writes_back'] else ''}")
    if not rows:
        say("no connectors: SERVANDA_CONNECTORS_FILE names none")


@app.command()
def schema(
    form: Annotated[str, typer.Option(help="mapping or connectors")] = "mapping",
) -> None:
    """Print the JSON Schema of a mapping file, or of the connectors file.

    Example: servanda connector schema --form mapping
    """
    if form not in _FORMS:
        raise BadInput(f"--form: {form!r} is not one of {', '.join(_FORMS)}")
    print_json(schema_of(form))
