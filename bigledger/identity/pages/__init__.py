"""The pages of signing in and of joining a tenant."""
