"""Everything the domain can refuse, in one tree.

    ServandaError
    ├── BadInput                    what was handed in is wrong and is named
    │   ├── InvalidCalendar         a calendar definition contradicts itself
    │   ├── InvalidTerms            an agreement promises something that cannot be measured
    │   ├── InvalidDuration         text that is no length of time
    │   └── NaiveTime               an instant without a time zone
    ├── CalendarNeverOpens          no opening left within the horizon
    ├── NoBusinessDay               business days were asked of a calendar that has no common day length
    ├── PauseReasonNotAllowed       no running clock of the ticket may pause for that reason
    ├── NotFound                    nothing here has that name
    ├── Forbidden                   the person may not do that
    └── Conflict                    not in this state, not on this document, or decided already
        ├── NotAmendable            no version can follow the agreement's, or not on that day
        └── OverlappingAgreement    another agreement promises the same there

A breach, a pause, a late event are outcomes, not errors.
"""


class ServandaError(Exception):
    """Base of all errors; `code` is stable and may be shown to machines."""

    code = "ERROR"


class BadInput(ServandaError):
    """What was handed in is wrong; the message says what and where."""

    code = "BAD_INPUT"

    def __init__(self, message: str, code: str | None = None) -> None:
        """Say what is wrong; a `code` of its own where machines must tell it from others."""
        super().__init__(message)
        if code is not None:
            self.code = code


class InvalidCalendar(BadInput):
    """A calendar definition contradicts itself."""

    code = "INVALID_CALENDAR"


class InvalidTerms(BadInput):
    """An agreement promises something that cannot be measured."""

    code = "INVALID_TERMS"


class InvalidDuration(BadInput):
    """Text that is no length of time."""

    code = "INVALID_DURATION"


class NaiveTime(BadInput):
    """An instant without a time zone: it could mean 25 different moments."""

    code = "NAIVE_TIME"


class CalendarNeverOpens(ServandaError):
    """The calendar has no opening left within the horizon."""

    code = "CALENDAR_NEVER_OPENS"


class NoBusinessDay(ServandaError):
    """Business days were asked of a calendar whose open days differ in length and that states none."""

    code = "NO_BUSINESS_DAY"


class PauseReasonNotAllowed(ServandaError):
    """No running clock of the ticket may pause for that reason."""

    code = "PAUSE_REASON_NOT_ALLOWED"


class NotFound(ServandaError):
    """Nothing here has that name."""

    code = "NOT_FOUND"


class Forbidden(ServandaError):
    """The person may not do that."""

    code = "FORBIDDEN"


class TerminateViaCrm(Forbidden):
    """Watching an agreement ends with the agreement, and that ends through the CRM (R-089)."""

    code = "TERMINATE_VIA_CRM"

    def __init__(self, message: str, crm_case: str | None = None) -> None:
        """Say so, and name the CRM's case if it is known."""
        super().__init__(message)
        self.crm_case = crm_case


class Conflict(ServandaError):
    """It cannot be done as things stand; `allowed` says what could."""

    code = "CONFLICT"

    def __init__(self, code: str, message: str, allowed: tuple[str, ...] = ()) -> None:
        """Say why not, by a stable code and in words, and what would be possible."""
        super().__init__(message)
        self.code = code
        self.allowed = allowed


class NotAmendable(Conflict):
    """No other version can follow the one the agreement has, or not on that day."""

    def __init__(self, message: str) -> None:
        """Say why."""
        super().__init__("NOT_AMENDABLE", message)


class OverlappingAgreement(Conflict):
    """Another agreement promises the same service to the same customer there (R-022)."""

    def __init__(self, message: str) -> None:
        """Say which."""
        super().__init__("OVERLAPPING_AGREEMENT", message)
