"""Credentials say who was shown their secret and what they may do at most; sign-ins are kept and can end."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import bigledger.ids
import bigledger.tenants.models
from bigledger.tenants.isolation import IsolateTenant

# Whoever had a signing secret could claim any scope with it, and keeps that.
_BACKFILL = """
UPDATE access_apikey SET created_by_id = user_id;
UPDATE access_signingsecret SET created_by_id = user_id, scopes = '{read,write,admin}';
UPDATE access_application SET secret_shown_to_id = user_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
# Their arguments or results change; `sql/*.sql` makes them anew.
_CHANGED = """
DROP FUNCTION access_signing_secrets(uuid);
DROP FUNCTION access_authenticate_member(uuid, uuid, text);
"""


def _person(*, null: bool) -> models.ForeignKey:
    return models.ForeignKey(
        null=null, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


_MADE_BY = [("apikey", "created_by"), ("signingsecret", "created_by"), ("application", "secret_shown_to")]


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_second_factor"),
    ]

    operations = [
        *[migrations.AddField(model, name, _person(null=True)) for model, name in _MADE_BY],
        migrations.AddField(
            "signingsecret",
            "scopes",
            django.contrib.postgres.fields.ArrayField(models.CharField(max_length=60), default=list, size=None),
        ),
        migrations.AddField(
            "signingsecret",
            "allowed_networks",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=43), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField("signingsecret", "expires_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(_BACKFILL, migrations.RunSQL.noop),
        *[migrations.AlterField(model, name, _person(null=False)) for model, name in _MADE_BY],
        migrations.AddField(
            "refreshtoken", "code_checksum", models.CharField(blank=True, db_default="", max_length=64)
        ),
        migrations.AddIndex(
            "refreshtoken", models.Index(fields=["tenant", "code_checksum"], name="access_refresh_code")
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bigledger.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_default=bigledger.tenants.models.CurrentTenant(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
                ("user", _person(null=False)),
                ("refresh_id", models.CharField(max_length=32)),
                ("previous_id", models.CharField(blank=True, max_length=32)),
                ("refreshed_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={"abstract": False},
        ),
        IsolateTenant("SignIn"),
        migrations.RunSQL(_CHANGED, migrations.RunSQL.noop),
    ]
