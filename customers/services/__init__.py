"""The operations on customers: the only writers of them."""
