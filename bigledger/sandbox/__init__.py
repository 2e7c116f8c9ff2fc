"""The sandbox: demo books, and what lets an integrator try things out. Refused in other environments."""
