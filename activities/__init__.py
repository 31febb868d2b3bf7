"""One step each; any of them may run twice."""
