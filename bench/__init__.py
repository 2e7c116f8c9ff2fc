"""How fast the books are, as a share of what the same PostgreSQL server does with hand-written SQL: `make bench`."""
