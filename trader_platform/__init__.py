"""The marketplace and market-fee system: domain, dashboard, API and jobs."""
