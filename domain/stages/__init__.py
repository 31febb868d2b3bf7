"""The stages of an agreement case, one module each: what can be done there, and what it leads to."""
