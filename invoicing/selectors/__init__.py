"""Reads of the sales side that are more than a filter: from rows to bodies, without a query per row."""
