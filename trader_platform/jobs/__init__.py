"""What runs by the clock or by a ring: open a transaction, call a service, commit."""
