"""Tokens of people on one machine: made once for everybody in the catalogue, kept in the data folder, read by its owner only."""

import stat
from datetime import UTC, datetime
from pathlib import Path

from settings import Settings
from store.database import Database
from store.directory import Directory

FILE = "tokens"


async def keep_tokens(settings: Settings, database: Database) -> dict[str, str]:
    """A token for each person of the catalogue, as this data folder keeps them; those that are new are added.

    Returns:
        Tokens by person; none where no catalogue was loaded.
    """
    directory, path = Directory(database), settings.data_dir / FILE
    async with database.reading() as connection:
        catalogue = await directory.newest(connection)
        if catalogue is None:
            return {}
        # Tokens of another database, or revoked ones, are made anew.
        kept = {person: token for person, token in _read(path).items() if await directory.person_of(connection, token) == person}
    people = [each for each in catalogue.people if each.active]
    for each in people:
        if each.person not in kept:
            kept[each.person] = await directory.new_token(each.person, datetime.now(UTC))
    _write(path, [f"{each.person} {kept[each.person]}  # {each.name}, {' '.join(each.roles)}" for each in people])
    return kept


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return {parts[0]: parts[1] for parts in lines if len(parts) > 1}


def _write(path: Path, lines: list[str]) -> None:
    path.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
    head = "# A line for each person: key, then token (for signing in, or Authorization: Bearer TOKEN). Keep this file to yourself."
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
