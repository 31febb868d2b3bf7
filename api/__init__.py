"""What the CRM, people and machines ask of Servanda over HTTP."""
