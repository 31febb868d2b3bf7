"""How every command refuses."""

import pytest

from cli import run


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line a command says when it refuses."""
    assert run(list(arguments)) == 2
    shown = capsys.readouterr()

    assert shown.out == ""
    assert shown.err.count("\n") == 1, shown.err
    assert shown.err.startswith("error: ")
    return shown.err
