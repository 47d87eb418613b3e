"""People behind phones: callers, traders, consent, leaving."""
