"""Setting documents: Typst in a process of its own, the vendored fonts, and the look that all templates share."""
