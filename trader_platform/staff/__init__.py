"""People who work for a council: roles and markets by date, badges, PINs."""
