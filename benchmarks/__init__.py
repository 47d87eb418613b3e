"""Measures the service beside its peers on one machine; `make bench` runs it, nothing imports it."""
