"""What people see in a browser: no script, nothing from elsewhere."""
