"""The processes. They read like the process description; arithmetic is in `domain/`, effects are in `activities/`."""
