"""One module a gateway: its wire format in the docstring, mapping only, no decision."""
