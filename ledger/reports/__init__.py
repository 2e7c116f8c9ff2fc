"""Reports. Each reads kept balances, so its cost does not grow with history."""
