"""Schedules: their plan, what is posted of them, and what becomes of the rest."""
