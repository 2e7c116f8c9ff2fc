"""What every form of ours has in common, on pages and in the admin."""

from __future__ import annotations

from django import forms

from bigledger import texts


class ShownTexts:
    """Treats text in a form as the API does: converts it to NFC and refuses text that cannot be shown.

    Put it before Django's own class in the bases. A password is left unchanged.
    """

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc] # Django's BaseForm has it
        form: forms.BaseForm = self  # type: ignore[assignment]
        for name, value in list(form.cleaned_data.items()):
            field = form.fields[name]
            if not isinstance(value, str) or isinstance(field.widget, forms.PasswordInput):
                continue
            lines = texts.LINES_OF_A_DESCRIPTION if isinstance(field.widget, forms.Textarea) else 1
            try:
                form.cleaned_data[name] = texts.clean(value, lines=lines)
            except texts.BadText as fault:
                form.add_error(name, str(fault))
