"""Reports of receivables and tax. Each figure carries the link to what is behind it."""
