"""Kind: what a page does not show, asked out of it by filters, orders and keys of its address."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import ForeignKey
from django.test import Client
from django.urls import reverse

from bigledger.access.models import User
from tests.backoffice.test_admin import books, staff  # noqa: F401 - a fixture
from tests.conftest import Caller

LOOKUPS = ("", "__exact", "__iexact", "__startswith", "__contains", "__regex", "__gt", "__isnull", "__in", "__year")
PAGES = list(admin.site._registry)


def listing(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def paths(model: Any) -> set[str]:
    """Its columns, and those of what it refers to, two steps far."""
    found = set()
    for field in model._meta.get_fields():
        found.add(field.name)
        if field.is_relation and field.related_model:
            for other in field.related_model._meta.get_fields():
                found.add(f"{field.name}__{other.name}")
                if isinstance(other, ForeignKey) and other.related_model:
                    found |= {
                        f"{field.name}__{other.name}__{column.name}" for column in other.related_model._meta.fields
                    }
    return found


def offered(page: Any) -> set[str]:
    filters = {one if isinstance(one, str) else one[0] for one in page.list_filter}
    return {*filters, *([page.date_hierarchy] if page.date_hierarchy else [])}


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_only_listed_filters_are_taken(model: Any) -> None:
    """Every column and every way to compare: the rule itself, which Django asks about each parameter."""
    page = admin.site._registry[model]
    tried = 0
    for name in paths(model) | {"password", "user__password", "pk"}:
        for lookup in LOOKUPS:
            tried += 1
            allowed = name in offered(page) and lookup in ("", "__exact", "__gt", "__isnull", "__in", "__year")
            assert page.lookup_allowed(f"{name}{lookup}", "x") is allowed, f"{name}{lookup}"
    assert tried > 50


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_a_page_asked_otherwise_is_refused(books: Caller, model: Any) -> None:  # noqa: F811
    client = staff(books)
    # Those of each page that hold secrets, and one by way of a person.
    names = {name for name in paths(model) if any(word in name for word in ("password", "digest", "secret", "key"))}
    for name in [*sorted(names)[:12], "id__lt", "nonsense"]:
        page = client.get(listing(model), {f"{name}__startswith": "p"})
        assert page.status_code == 400, name


def test_a_hash_cannot_be_asked_out(books: Caller) -> None:  # noqa: F811
    client = staff(books)
    owner = User.objects.get(pk=books.principal.user_id)
    owner.set_password("sturdy kettle 42")
    owner.save()
    client.force_login(owner)
    for guess in (owner.password[:12], "pbkdf2_wrong"):
        page = client.get("/admin/access/user/", {"email__exact": owner.email, "password__startswith": guess})
        assert page.status_code == 400


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_orders_keys_and_popups_open_nothing(books: Caller, model: Any) -> None:  # noqa: F811
    client = staff(books)
    page = listing(model)
    plain = client.get(page)
    for order in ("-1", "99", "password", "1.2.99", "user__password", "1e9", ""):
        answer = client.get(page, {"o": order})
        assert (answer.status_code, len(answer.content)) != (500, 0)
        assert answer.status_code == plain.status_code == 200
    for field in ("password", "digest", "encrypted", "user__password", "email", "nonsense"):
        assert client.get(page, {"_to_field": field}).status_code == 400, field
    assert client.get(page, {"_popup": "1"}).status_code == 200


def test_autocompletion_shows_only_what_the_page_shows(books: Caller, globex: Caller) -> None:  # noqa: F811
    client = staff(books)
    asked = {"app_label": "ledger", "model_name": "account", "field_name": "parent"}

    found = client.get(reverse("admin:autocomplete"), asked | {"term": "cash"})
    assert found.status_code == 200
    assert {row["text"] for row in found.json()["results"]} == {"1000 Cash"}
    people = client.get(
        reverse("admin:autocomplete"),
        {"app_label": "access", "model_name": "apikey", "field_name": "user", "term": "owner"},
    )
    assert [row["text"] for row in people.json()["results"]] == ["owner@acme.example"]
    for wrong in (
        {"app_label": "access", "model_name": "user", "field_name": "password"},
        {"app_label": "nonsense", "model_name": "x", "field_name": "y"},
    ):
        answer = client.get(reverse("admin:autocomplete"), wrong | {"term": "o"})
        assert answer.status_code in (400, 403), wrong
        assert "globex" not in answer.content.decode().lower()


@pytest.mark.parametrize("page", ["x", "-1", "0", "99999", "\u0661", ""])
def test_the_search_takes_any_page_number(books: Caller, page: str) -> None:  # noqa: F811
    assert staff(books).get("/admin/search/", {"s": "acc", "page": page}).status_code == 200


def test_a_person_without_a_tenant_gets_no_filter_either(db_access: None) -> None:
    assert Client().get("/admin/access/user/", {"password__startswith": "p"}).status_code == 302
