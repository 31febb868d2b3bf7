"""Everything outside: one file or folder per system, each behind a small interface of `domain/ports.py`."""
