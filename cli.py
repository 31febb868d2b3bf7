"""`servanda …`: every command in one place, loaded when it is used."""

import gc
import importlib
import os
import sys
from collections.abc import Sequence

import typer

from domain.errors import ServandaError

COMMANDS: dict[str, str] = {
    "demo": "Start everything, play a story on it, stay up until Ctrl-C.",
    "up": "Start engine, worker and API on this machine; stay up until Ctrl-C.",
    "worker": "Run workflows and activities against any engine and database.",
    "api": "Serve the API against any engine and database.",
    "migrate": "Bring the database to the form this release expects.",
    "doctor": "What is missing or misconfigured, in plain words.",
    "agreement": "Agreements as files: check them, align them with their supports, read them, publish them.",
    "catalogue": "Services, customers, offers and people; tokens.",
    "service-token": "Tokens for programs, each with what it may do and until when.",
    "person": "What is stored of somebody: find it, export it, erase it.",
    "retention": "Periods of data about people: show them, carry them out.",
    "deliveries": "Notices that did not arrive: list them, send them again.",
    "audit": "Prove that nothing in the audit trail was changed; follow it line by line.",
    "proof": "Check a published proof of quality: hash, sums, colours, signature.",
    "clock": "A ticket's clocks, read from files.",
    "replay": "Tickets of a help desk's log: fold them here, or post them to the API.",
    "backtest": "Had these terms been in force: proposals measured on recorded tickets.",
    "connector": "Connected CRMs and help desks: are their files right, what do they make of a record?",
    "reconcile": "A connected help desk's tickets beside ours: what differs, and what to do about it.",
    "replan": "Open tickets of an agreement to another version of it: what it would bring, and do it.",
    "calendar": "Business time: when is it due, how much has passed, is the calendar right?",
}
"""Name and first line of help of each command; `commands/NAME.py` holds it as `app`, with `_` for `-`."""


def run(arguments: Sequence[str]) -> int:
    """Run a command; errors are one line on standard error and an exit code that is not zero.

    Only the command that is asked for is loaded: the engine's and the database's libraries take seconds to import.
    """
    name, rest = (arguments[0], list(arguments[1:])) if arguments else ("--help", [])
    if name in {"--help", "-h", "help"}:
        sys.stdout.write(_overview())
        return 0
    if name not in COMMANDS:
        sys.stderr.write(f"error: there is no command {name!r}; servanda --help lists them\n")
        return 2
    app: typer.Typer = importlib.import_module(f"commands.{name.replace('-', '_')}").app
    app.pretty_exceptions_enable = False  # a traceback is for us, in its plain form
    if not rest and (len(app.registered_commands) > 1 or app.registered_callback):
        rest = ["--help"]
    return _invoke(app, name, rest)


def _invoke(app: typer.Typer, name: str, arguments: list[str]) -> int:
    try:
        result = app(arguments, prog_name=f"servanda {name}", standalone_mode=False)
    except typer.Exit as ended:
        return ended.exit_code
    except typer.TyperException as wrong:
        sys.stderr.write(f"error: {getattr(wrong, 'format_message', wrong.__str__)()}\n")
        return 2
    except ServandaError as wrong:
        sys.stderr.write(f"error: {wrong}\n")
        return 2
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("stopped\n")
        return 130
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  (the reader is gone; nothing is left to flush to)
        return 141
    return result if isinstance(result, int) else 0


def _overview() -> str:
    lines = [f"  {name:<13} {text}" for name, text in COMMANDS.items()]
    return "\n".join(
        [
            "Usage: servanda COMMAND [OPTIONS]",
            "",
            "Agreements, and the clocks of their tickets, on one durable engine.",
            "",
            *lines,
            "",
            "servanda COMMAND --help shows its options and an example.",
            "",
        ]
    )


def main() -> None:
    """Entry point of `servanda`."""
    # Importing makes half a million values that stay: looking through them for rings every few hundred is a sixth of a start.
    gc.set_threshold(20_000, 20, 50)
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    if "temporalio" in sys.modules:
        # The engine's client may abort while a short process shuts down (temporalio/sdk-python issue 300); all work is
        # done and flushed here, so leave without the interpreter's own ending.
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
