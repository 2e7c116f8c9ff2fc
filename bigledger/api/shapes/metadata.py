"""The field for what integrations keep with an object."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from bigledger import exact_json, texts
from bigledger.api.shapes.values import DescribedField
from bigledger.tenants.metadata import MAX_KEY_LENGTH, MAX_KEYS, MAX_VALUE_LENGTH, in_stored_order


class MetadataField(DescribedField, serializers.Field[dict[str, str], Any, dict[str, str], Any]):
    """Texts by name; what is given takes the place of what was there. `is_text`: in a form, as the text of a JSON
    object."""

    default_error_messages = {
        "not_an_object": "Must be an object of texts.",
        "too_many": f"Must have at most {MAX_KEYS} keys.",
    }

    def __init__(self, *, is_text: bool = False, **kwargs: Any) -> None:
        self.is_text = is_text
        super().__init__(required=False, **kwargs)

    def schema(self) -> dict[str, Any]:
        if self.is_text:
            return {"type": "string", "description": "A JSON object of texts"}
        value = {"type": "string", "maxLength": MAX_VALUE_LENGTH}
        return {"type": "object", "maxProperties": MAX_KEYS, "additionalProperties": value}

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if self.is_text:
            data = self._parsed(data)
        if not isinstance(data, dict):
            self.fail("not_an_object")
        if len(data) > MAX_KEYS:
            self.fail("too_many")
        faults: dict[str, Any] = {}
        found: dict[str, str] = {}
        for key, value in data.items():
            try:
                found[checked_key(key)] = _checked_value(value)
            except texts.BadText as fault:
                faults[key[:MAX_KEY_LENGTH]] = [serializers.ErrorDetail(str(fault), fault.code)]
        if faults:
            raise serializers.ValidationError(faults)
        return in_stored_order(found)

    def _parsed(self, data: Any) -> Any:
        try:
            return exact_json.decode_request(data.encode()) if isinstance(data, str) else data
        except (exact_json.MalformedJson, exact_json.RepeatedKeys, UnicodeEncodeError):
            return None


def checked_key(key: str) -> str:
    """Raises BadText for what is no key: one line of 1 to 40 characters, without square brackets."""
    found = texts.clean(key, longest=MAX_KEY_LENGTH)
    if not 1 <= len(found) <= MAX_KEY_LENGTH or found.isspace():
        raise texts.BadText(f"A key is one line of 1 to {MAX_KEY_LENGTH} characters.", "too_long" if found else "blank")
    if "[" in found or "]" in found:  # `metadata[key]` names it in a list
        raise texts.BadText("A key has no square brackets.")
    return found


def _checked_value(value: Any) -> str:
    if not isinstance(value, str):
        raise texts.BadText("Must be a string.", "not_a_string")
    found = texts.clean(value, lines=texts.LINES_OF_A_DESCRIPTION, longest=MAX_VALUE_LENGTH) if value else ""
    if len(found) > MAX_VALUE_LENGTH:
        raise texts.BadText(f"Ensure this value has no more than {MAX_VALUE_LENGTH} characters.", "too_long")
    return found
