"""Second factors get a table of our own, with their keys encrypted; the tables of
third parties that nothing reads or writes are kept from the application."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bigledger.access.models.second_factor
from bigledger.access.secrets import encrypt
from bigledger.tenants.isolation import role_names

_OLD = "otp_totp_totpdevice"


def take_over(apps, schema_editor):
    """The rows of django-otp's own table, which held the keys in clear; then it goes."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if _OLD not in connection.introspection.table_names(cursor):
            return
        cursor.execute(
            "SELECT user_id, name, confirmed, throttling_failure_timestamp, throttling_failure_count, created_at,"
            " last_used_at, key, drift, last_t FROM otp_totp_totpdevice ORDER BY id"
        )
        for *same, key, drift, last_step in cursor.fetchall():
            cursor.execute(
                "INSERT INTO access_authenticator (user_id, name, confirmed, throttling_failure_timestamp,"
                " throttling_failure_count, created_at, last_used_at, encrypted_key, drift, last_step)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [*same, encrypt(key), drift, last_step],
            )
        cursor.execute(f"DROP TABLE {_OLD}")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'otp_totp'")


def close_unused(apps, schema_editor):
    """Tables of third parties that nothing here reads or writes."""
    for table in ("django_admin_log", "oauth2_provider_devicegrant"):
        schema_editor.execute(f"REVOKE ALL ON {table} FROM {{app}}, {{worker}}".format(**role_names()))


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("oauth2_provider", "0013_alter_application_authorization_grant_type_device"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authenticator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="The human-readable name of this device.", max_length=64)),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                (
                    "throttling_failure_timestamp",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="A timestamp of the last failed verification attempt. Null if last attempt succeeded.",
                        null=True,
                    ),
                ),
                (
                    "throttling_failure_count",
                    models.PositiveIntegerField(default=0, help_text="Number of successive failed attempts."),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        help_text="The date and time when this device was initially created in the system.",
                        null=True,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True, help_text="The most recent date and time this device was used.", null=True
                    ),
                ),
                ("encrypted_key", models.BinaryField(default=bigledger.access.models.second_factor.new_key)),
                ("drift", models.SmallIntegerField(default=0)),
                ("last_step", models.BigIntegerField(default=-1)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "authenticator",
                "abstract": False,
            },
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.RunPython(close_unused, migrations.RunPython.noop),
    ]
