"""The sales side over REST, and the public page of an invoice."""
