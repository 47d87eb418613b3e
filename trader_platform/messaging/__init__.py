"""Texts in and out as rows: contacts, what came in, the outbox, reports. Knows no gateway."""
