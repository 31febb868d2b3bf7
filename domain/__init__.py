"""The rules, pure: arguments in, values out. Nothing here does I/O or reads a clock."""

import zoneinfo

# Two machines with different system time-zone files would compute different due times; the pinned `tzdata` wheel wins.
zoneinfo.reset_tzpath(to=())
