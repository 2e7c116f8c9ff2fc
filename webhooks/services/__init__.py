"""The writers: people change endpoints and send deliveries again; the delivery workers fan out and record outcomes."""
