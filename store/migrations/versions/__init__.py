"""The steps, in order of their numbers; a published one never changes."""
