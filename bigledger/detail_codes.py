"""The closed list of `details[].code`, which name the kind of fault of a field.

The type is checked by mypy, so a word that is not listed here cannot be written. What REST framework and Django call
the same faults is translated in one place (`word`).
"""

from typing import Final, Literal

DetailCode = Literal[
    "required",
    "null",
    "blank",
    "unknown_field",
    "unknown_parameter",
    "repeated",
    "not_a_string",
    "not_a_number",
    "not_a_boolean",
    "not_a_list",
    "not_an_object",
    "not_a_date",
    "invalid",
    "invalid_characters",
    "not_a_choice",
    "too_long",
    "too_short",
    "too_many",
    "too_few",
    "too_small",
    "too_large",
    "out_of_range",
    "too_many_digits",
    "unbalanced",
    "not_found",
    "taken",
    "rule_broken",
    "missing_scope",
    "limit_exceeded",
]

MEANINGS: Final[dict[DetailCode, str]] = {
    "required": "The field is missing.",
    "null": "The field must not be null.",
    "blank": "The text is empty.",
    "unknown_field": "There is no field with this name.",
    "unknown_parameter": "There is no query parameter with this name.",
    "repeated": "The same thing is given more than once.",
    "not_a_string": "The value must be a string.",
    "not_a_number": "The value must be a number.",
    "not_a_boolean": "The value must be true or false.",
    "not_a_list": "The value must be a list.",
    "not_an_object": "The value must be an object.",
    "not_a_date": "The value must be a date or a date-time.",
    "invalid": "The value does not have the form that the message describes.",
    "invalid_characters": "The text contains characters that are not allowed.",
    "not_a_choice": "The value must be one of those listed in the message.",
    "too_long": "The text is too long.",
    "too_short": "The text is too short.",
    "too_many": "The list has too many elements.",
    "too_few": "The list has too few elements.",
    "too_small": "The number or date is below the minimum.",
    "too_large": "The number, date or file exceeds the maximum.",
    "out_of_range": "The number or date is outside the range given in the message.",
    "too_many_digits": "The number has too many digits after the decimal point.",
    "unbalanced": "The debits do not equal the credits.",
    "not_found": "The field refers to something that does not exist.",
    "taken": "Something else already has this value.",
    "rule_broken": "A business rule forbids this; `rule` names it.",
    "missing_scope": "The credential lacks a scope; `scope` names it.",
    "limit_exceeded": "A limit was exceeded; `limit` names it.",
}
# Names of REST framework's, of Django's validators and of our fields' own messages.
_SYNONYMS: Final[dict[str, DetailCode]] = {
    "invalid_choice": "not_a_choice",
    "max_length": "too_long",
    "max_string_length": "too_large",
    "min_length": "too_short",
    "max_value": "too_large",
    "min_value": "too_small",
    "empty": "too_few",
    "not_a_dict": "not_an_object",
    "null_characters_not_allowed": "invalid_characters",
    "surrogate_characters_not_allowed": "invalid_characters",
    "name": "invalid",
    "key": "invalid",
    "value": "invalid",
    "many": "too_many",
    "positive": "out_of_range",
    "range": "out_of_range",
    "past": "too_small",
    "digits": "too_many_digits",
    "moment": "not_a_date",
    "currency": "invalid",
    "reference": "invalid",
    "email": "invalid",
    "terms": "invalid",
    "country": "invalid",
    "zone": "invalid",
    "network": "invalid",
    "uri": "invalid",
    "no_name": "invalid",
}


def word(code: str) -> DetailCode | None:
    """The listed word for what REST framework, Django or a field calls the fault; None when nobody said which."""
    if code in MEANINGS:
        return code
    return _SYNONYMS.get(code)
