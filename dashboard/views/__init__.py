"""What answers over HTTP: the API and the pages."""
