"""PostgreSQL: the embedded server of one machine, and how this program speaks to any server."""
