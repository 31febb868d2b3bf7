"""Measured side by side: Servanda against other libraries, and against the bare tools it stands on. `make bench`."""
