"""The commands of `trader-platform`, one module an area."""
