"""Text that cannot be shown comes in nowhere: every text field of every input, every form, every search."""

from __future__ import annotations

import importlib
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.test import RequestFactory
from django.urls import get_resolver
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from bigledger import texts
from bigledger.access.forms import ShownTexts
from bigledger.access.services import create_tenant
from bigledger.api.shapes import Shape, TextField
from bigledger.errors import ValidationFailed
from tests.conftest import Caller
from tests.plugins import OURS

_ = get_resolver().url_patterns  # which imports every view, and with it every shape
UNSHOWN = {
    "line break": "a\nb", "carriage return": "a\rb", "line separator": "a\u2028b", "next line": "a\x85b",
    "tab": "a\tb", "BEL": "a\x07b", "U+0001": "a\x01b", "DEL": "a\x7fb", "C1": "a\x9bb", "NUL": "a\x00b",
    "only U+200B": "\u200b", "only a Hangul filler": "\u3164", "only marks": "\u0301\u0302",
    "byte order mark": "a\ufeffb",
    "override": "a\u202eb", "isolate": "a\u2066b", "no character": "a\uffffb", "surrogate": "a\ud800b",
    "a pile of marks": "a" + "\u0301" * 11,
}  # fmt: skip
LINE_BREAKS = ("line break", "carriage return")
NFD, NFC = "Cafe\u0301", "Caf\u00e9"


def _descendants(kind: type[Any]) -> Iterator[type[Any]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


def _text_fields(field: Any, path: str) -> Iterator[tuple[str, TextField]]:
    if isinstance(field, TextField):
        yield path, field
    elif isinstance(field, serializers.ListField | serializers.ListSerializer):
        yield from _text_fields(field.child, f"{path}[0]")
    elif isinstance(field, serializers.Serializer):
        for name, inner in field.fields.items():
            yield from _text_fields(inner, f"{path}.{name}")


FIELDS = {
    path: field
    for shape in {child for child in _descendants(Shape) if child.__module__.startswith(OURS)}
    for path, field in _text_fields(shape(), shape.__name__)
}
SHOWN = {path: field for path, field in FIELDS.items() if not field.verbatim}


def test_the_sweep_has_something_to_sweep() -> None:
    assert len(SHOWN) > 60
    secrets = {path.rsplit(".", 1)[1] for path in set(FIELDS) - set(SHOWN)}
    assert secrets == {"password", "token", "refresh"}, "only a secret is kept as it came"


@pytest.mark.parametrize("path", sorted(SHOWN))
def test_no_field_accepts_text_that_cannot_be_shown(path: str) -> None:
    field = SHOWN[path]
    for name, text in UNSHOWN.items():
        if field.lines > 1 and name == "line break":
            continue
        with pytest.raises((serializers.ValidationError, forms.ValidationError)):
            field.run_validation(text)
            pytest.fail(f"{path} took {name}")


@pytest.mark.parametrize("path", sorted(path for path, field in SHOWN.items() if field.lines > 1))
def test_a_text_of_several_lines_has_an_end(path: str) -> None:
    field = SHOWN[path]
    assert field.run_validation("a\r\nb") == "a\nb"
    assert field.run_validation("a\n" * (field.lines - 1) + "b")
    with pytest.raises(serializers.ValidationError):
        field.run_validation("a\n" * field.lines + "b")


@pytest.mark.parametrize("path", sorted(SHOWN))
def test_text_is_stored_in_nfc(path: str) -> None:
    field = SHOWN[path]
    try:
        kept = field.run_validation(NFD)
    except (serializers.ValidationError, forms.ValidationError):
        return  # a currency, an address: it takes no such word in either form
    assert kept == NFC


@given(st.text(max_size=60))
def test_cleaning_is_done_once_and_for_all(text: str) -> None:
    try:
        kept = texts.clean(text)
    except texts.BadText:
        return
    assert texts.clean(kept) == kept == unicodedata.normalize("NFC", kept)


def test_every_form_of_ours_cleans_its_texts(acme: Caller) -> None:
    for module in ("bigledger.identity.forms", "bigledger.identity.admin", "ledger.admin", "webhooks.admin"):
        importlib.import_module(module)
    found = {form for form in _descendants(forms.BaseForm) if form.__module__.startswith(OURS)}
    assert len(found) > 8
    assert [form for form in found if not issubclass(form, ShownTexts)] == []
    writable = [entry for entry in admin.site._registry.values() if type(entry).__module__.startswith(OURS)]
    request = RequestFactory().get("/")
    request.acting = acme.principal  # type: ignore[attr-defined]
    for entry in writable:
        if entry.has_add_permission(request) or entry.has_change_permission(request):
            assert issubclass(entry.get_form(request), ShownTexts), entry


class _Form(ShownTexts, forms.Form):
    name = forms.CharField()
    password = forms.CharField(widget=forms.PasswordInput, required=False, strip=False)


@pytest.mark.parametrize("text", [*(text for name, text in UNSHOWN.items() if name != "NUL")], ids=ascii)
def test_a_form_refuses_it_at_its_field(text: str) -> None:
    form = _Form({"name": text, "password": text})
    assert not form.is_valid()
    assert "name" in form.errors
    if "\ud800" not in text:
        assert "password" not in form.errors
    kept = _Form({"name": NFD})
    assert kept.is_valid() and kept.cleaned_data["name"] == NFC


@pytest.mark.parametrize("name", sorted(set(UNSHOWN) - {"surrogate"}))
def test_neither_a_name_nor_a_search_nor_a_filter_takes_it(acme: Caller, name: str) -> None:
    text = UNSHOWN[name]
    before = acme.get("/v1/customers").body["meta"]["total"]
    for body in ({"name": text}, {"name": "Buyer", "custom_fields": {"colour": text + "\x07"}}):
        assert acme.post("/v1/customers", body).status == 400
    assert acme.patch("/v1/tenant", {"name": text}).fields == ["name"]
    if name != "only marks":  # which are seen behind a letter
        assert acme.post("/v1/invitations", {"email": f"a@b.example{text}", "role": "viewer"}).status == 400
    assert acme.post("/v1/oauth-applications", {"name": text}).fields == ["name"]
    for parameter in ("search", "name"):
        answer = acme.client.get("/v1/customers", {parameter: text}, HTTP_AUTHORIZATION=f"Bearer {acme.api_key}")
        assert answer.status_code == 400
    assert acme.get("/v1/customers").body["meta"]["total"] == before
    with pytest.raises(ValidationFailed):
        create_tenant(name=text, plan="free", owner_email="text@example.com")


def test_a_word_is_found_however_it_was_typed(acme: Caller) -> None:
    first = acme.post("/v1/customers", {"name": NFD}).body
    second = acme.post("/v1/customers", {"name": NFC}).body
    assert first["name"] == second["name"] == NFC
    for typed in (NFD, NFC):
        for parameter in ("search", "name", "name[contains]"):
            answer = acme.client.get("/v1/customers", {parameter: typed}, HTTP_AUTHORIZATION=f"Bearer {acme.api_key}")
            assert {row["id"] for row in answer.json()["data"]} == {first["id"], second["id"]}
