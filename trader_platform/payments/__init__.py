"""Money that came in, and the receipts that prove it. Knows no charge."""
