"""What the templates of the back office ask for."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def exports(context: Any, opts: Any) -> list[tuple[str, str]]:
    """Titles and addresses of the list as a file."""
    from bigledger.backoffice.lists import exports as files

    return files(context["request"], opts)


@register.simple_tag
def sums(changelist: Any) -> Any:
    """What the list adds up to, by currency."""
    from bigledger.backoffice.lists import sums as summed

    return summed(changelist)


@register.simple_tag(takes_context=True)
def operations(context: Any, opts: Any, original: Any = None) -> list[tuple[str, str]]:
    """Titles and addresses of what can be done with the object, or without one, to make one."""
    # The admin's classes render a widget while they are imported, for which Django imports every library of tags.
    from bigledger.backoffice.operations import links

    return links(context["request"], opts.model, original)
