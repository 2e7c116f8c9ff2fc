"""The frame of the Django admin for back-office staff: the current tenant and the navigation.

Each app registers its own resources in its `admin.py`. Staff see and change only what the tenant they have
chosen holds: the same row-level security as for the API, without an exemption.
"""
