"""Follow-ups: cases that come out of watching an agreement in force."""
