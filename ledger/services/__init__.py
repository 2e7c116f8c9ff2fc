"""The only writers of the books."""
