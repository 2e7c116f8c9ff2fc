"""The registry of business rules is whole: a test breaks every rule, and then nothing has changed.

`tests/<app>/breaks.py` says what breaks each of them.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from django.test import Client

from bigledger.docs.openapi import document
from bigledger.errors import BusinessRuleViolation, Detail, ValidationFailed, combined
from bigledger.rules import RULES_PATH, Rule, placeholders, register, rules, shown, wordings
from tests.architecture.test_sizes import SOURCES
from tests.breaking import Prepare, contents
from tests.conftest import Answer, Caller
from tests.contract.fields import fields_of_others
from tests.plugins import modules

ROOT = Path(__file__).parent.parent.parent
WORDINGS = [wording for rule in rules() for wording in wordings(rule)]
BREAKS: dict[Rule, Prepare] = {
    wording: prepare for module in modules("breaks") for wording, prepare in module.BREAKS.items()
}


def test_every_wording_of_every_rule_is_broken_by_something() -> None:
    assert [wording.message for wording in WORDINGS if wording not in BREAKS] == []


@pytest.mark.parametrize("rule", WORDINGS, ids=lambda rule: f"{rule.name}: {shown(rule.message)[:40]}")
def test_it_is_broken_and_nothing_changes(acme: Caller, monkeypatch: pytest.MonkeyPatch, rule: Rule) -> None:
    ask = BREAKS[rule](acme, monkeypatch)
    before = contents(acme)

    try:
        details = _details_of(ask())
    except BusinessRuleViolation as fault:
        assert rule.elsewhere
        details = [detail.as_dict(fault.detail_code) for detail in fault.details]

    assert contents(acme) == before
    assert {(detail["rule"], detail["code"]) for detail in details} == {(rule.name, "rule_broken")}
    for detail in details:
        assert _pattern(rule).fullmatch(detail["message"]), detail["message"]


def test_a_change_would_be_seen(acme: Caller) -> None:
    before = contents(acme)
    acme.post("/v1/customers", {"name": "Buyer"})

    changed = {table for table, digest in contents(acme).items() if digest != before[table]}
    assert {"customers_customer", "events_pending"} <= changed


def _details_of(answer: Answer) -> list[dict[str, str]]:
    """The details of a refusal, which the operation that was asked foretells."""
    assert (answer.status, answer.error["code"]) == (422, "BUSINESS_RULE_VIOLATION"), answer.text
    assert answer.unforetold_rules == set()
    assert fields_of_others(answer) == []
    return cast(list[dict[str, str]], answer.error["details"])


def _pattern(rule: Rule) -> re.Pattern[str]:
    """What a message of the rule looks like, with something for each placeholder."""
    return re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(shown(rule.message))), re.DOTALL)


def test_every_rule_says_where_it_is_broken() -> None:
    named = {
        name
        for methods in document()["paths"].values()
        for operation in methods.values()
        for name in operation.get("x-rules", ())
    }
    assert {rule.name for rule in rules()} == named | {rule.name for rule in rules() if rule.elsewhere}


def test_every_rule_is_told_in_sentences() -> None:
    for wording in WORDINGS:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", wording.name)
        for text in (wording.message, wording.remedy, wording.elsewhere or "None."):
            assert text.endswith(".")


def test_a_rule_is_registered_once() -> None:
    with pytest.raises(ValueError, match="rule account_in_use is registered twice"):
        register("account_in_use", "Again.", "Never.")


def test_what_is_not_registered_cannot_be_raised() -> None:
    with pytest.raises(TypeError, match="'free' is not a registered rule"):
        Detail("Anything.", rule=cast(Any, "free"))
    with pytest.raises(AttributeError):
        BusinessRuleViolation.of(cast(Any, "free"))


def test_a_message_takes_its_placeholders_and_no_others() -> None:
    rule = WORDINGS[0]
    assert placeholders(rule.message)
    for values in ({}, {**dict.fromkeys(placeholders(rule.message), 1), "more": 1}):
        with pytest.raises(TypeError, match=f"rule {rule.name} takes"):
            BusinessRuleViolation.of(rule, **cast(Any, values))


def test_a_broken_rule_keeps_its_word_among_other_faults() -> None:
    rule = next(rule for rule in WORDINGS if not placeholders(rule.message))
    error = combined([ValidationFailed.at("name", "Bad.", "invalid"), BusinessRuleViolation.of(rule)])

    assert [detail.as_dict(error.detail_code)["code"] for detail in error.details] == ["invalid", "rule_broken"]


def _raised() -> Iterator[tuple[str, ast.Call, Rule]]:
    """Each call of `BusinessRuleViolation.of` and `Detail.of`, and the declared rule that it names."""
    for path in (path for path in SOURCES if "tests" not in path.parts and "bench" not in path.parts):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            match node:
                case ast.Call(ast.Attribute(ast.Name("BusinessRuleViolation" | "Detail"), "of"), [first, *_]):
                    if path.name == "errors.py":
                        continue
                    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield place, node, eval(ast.unparse(first), vars(module))  # noqa: S307 - our own source


def test_every_raise_names_a_declared_rule_and_all_its_placeholders() -> None:
    raised = list(_raised())

    assert {rule.name for _, _, rule in raised} == {rule.name for rule in rules()}
    for place, call, rule in raised:
        given = {keyword.arg for keyword in call.keywords}
        assert given == placeholders(rule.message), f"{place} fills {given} of {rule.message}"


def test_a_violation_is_made_in_no_other_way() -> None:
    """Its constructor is for several details of one rule; each of them is made by `Detail.of`."""
    strings = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.keyword) and node.arg == "rule" and isinstance(node.value, ast.Constant)
    ]
    assert strings == []


def test_the_contract_lists_the_rules() -> None:
    error = document()["components"]["schemas"]["Error"]["properties"]["error"]
    detail = error["properties"]["details"]["items"]["properties"]
    assert detail["rule"]["enum"] == [rule.name for rule in rules()]


def test_the_page_has_an_anchor_for_every_rule() -> None:
    page = Client().get(RULES_PATH)

    assert page.status_code == 200
    assert [rule.name for rule in rules() if f'id="{rule.name}"' not in page.content.decode()] == []


def test_the_page_of_errors_leads_to_it() -> None:
    assert f'href="{RULES_PATH}"' in Client().get("/docs/api/errors").content.decode()
