"""Who did what, to what, and what it was before: one row per write that a person caused."""
