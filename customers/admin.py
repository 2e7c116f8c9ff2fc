"""Customers in the back office: to look at; what changes them is a service."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from customers.models import Address, Contact, Customer


class ReadOnly:
    """Staff look here and work through the API: an admin form would write past the services."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AddressInline(ReadOnly, TabularInline):
    model = Address
    exclude = ("tenant",)


class ContactInline(ReadOnly, TabularInline):
    model = Contact
    exclude = ("tenant",)


@admin.register(Customer)
class CustomerAdmin(ReadOnly, ModelAdmin):
    list_display = ("number", "name", "email", "currency", "balance", "credit_limit", "status")
    list_filter = ("status", "currency")
    search_fields = ("number", "name", "email")
    inlines = (AddressInline, ContactInline)
