"""The operations of order to cash: the only writers of its tables."""
