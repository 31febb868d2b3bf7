"""One file per command of `servanda`: parse, call, print."""
