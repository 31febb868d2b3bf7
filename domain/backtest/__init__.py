"""Had these terms been in force: proposals measured on recorded tickets, with the fold that runs their clocks. Pure."""
