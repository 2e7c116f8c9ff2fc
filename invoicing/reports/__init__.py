"""Reports of receivables and tax. Each figure has a link to the documents that make it up."""
