"""Web pages for people: a receipt that anyone may check. Reads by queries, writes by services."""
