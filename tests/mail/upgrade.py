"""Run by `test_upgrade.py` on a database of its own: the schema before this app, rows in it, and the way up."""

from __future__ import annotations

import json
import sys
import uuid

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django first
from django.db import connections  # noqa: E402

_TENANT, _USER = uuid.UUID(int=1), uuid.UUID(int=2)
_ROWS = """
INSERT INTO tenants_tenant (id, name, plan, base_currency, time_zone) VALUES ('{t}', 'T', 'free', 'USD', 'UTC');
INSERT INTO access_user (id, password, is_superuser, email, name, is_active, is_staff)
VALUES ('{u}', '', false, 'owner@t.example', '', true, false);
INSERT INTO access_membership (id, tenant_id, user_id, role) VALUES (gen_random_uuid(), '{t}', '{u}', 'owner');
INSERT INTO customers_customer (id, tenant_id, number, name, email, phone, website, tax_id, currency, payment_terms,
    balance, status, custom_fields)
VALUES ('{u}', '{t}', '1', 'C', '', '', '', '', 'USD', 'net_30', 0, 'active', '{{}}');
INSERT INTO invoicing_invoice (id, tenant_id, number, customer_id, status, currency, invoice_date, due_date,
    payment_terms, notes, subtotal, discount_total, tax_total, total, amount_paid, amount_credited,
    amount_written_off, amount_due, hosted_token, void_reason, created_by_id)
VALUES ('{t}', '{t}', 'INV-1', '{u}', 'draft', 'USD', now(), now(), 'net_30',
    '', 0, 0, 0, 0, 0, 0, 0, 0, 'x', '', '{u}');
INSERT INTO invoicing_invoicemail (id, tenant_id, invoice_id, "to", cc, message, attempts, next_attempt_at,
    delivered_at)
VALUES ('{one}', '{t}', '{t}', '{{a@x.example}}', '{{b@x.example}}', 'Hi', 3, '2024-01-01Z', NULL),
       ('{two}', '{t}', '{t}', '{{a@x.example}}', '{{}}', '', 1, '2024-01-01Z', '2024-01-02Z'),
       ('{three}', '{t}', '{t}', '{{a@x.example}}', '{{}}', '', 12, '2024-01-01Z', NULL);
INSERT INTO webhooks_webhookendpoint (id, tenant_id, url, events, description, is_active, encrypted_secret, cursor,
    consecutive_failures, disabled_at, disabled_reason, owners_told_at)
VALUES ('{one}', '{t}', 'https://x.example/', '{{*}}', '', false, '', 0, 9, now(), 'No request succeeded', NULL),
       ('{two}', '{t}', 'https://x.example/', '{{*}}', '', false, '', 0, 9, now(), 'No request succeeded', now());
"""
_FOUND = """
SELECT id, kind, about_id, "to", cc, context ->> 'message', state, attempts, next_attempt_at = '2024-01-01Z', sent_at
FROM mail_mail ORDER BY kind DESC, id
"""

for app in ("access", "invoicing", "webhooks"):
    call_command("migrate", app, "0001", verbosity=0)
identifiers = {name: uuid.UUID(int=number) for number, name in enumerate(("one", "two", "three"), 11)}
with connections["owner"].cursor() as cursor:
    cursor.execute(_ROWS.format(t=_TENANT, u=_USER, **identifiers))
call_command("migrate", verbosity=0)
with connections["owner"].cursor() as cursor:
    cursor.execute(_FOUND)
    json.dump(cursor.fetchall(), sys.stdout, default=str)
