"""What repeats: the calendar of templates, making what is due, and recurring journal entries."""
