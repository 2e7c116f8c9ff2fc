"""Members and credentials in GraphQL: reads alone. What makes a credential shows a secret, and stays with REST."""

from __future__ import annotations

from bigledger.graphql.declared import Declaration, Node, Single
from bigledger.identity.bodies import TenantBody, tenant_body
from bigledger.identity.resources import (
    API_KEYS,
    INVITATIONS,
    KIOSK_LINKS,
    MEMBERS,
    OAUTH_APPLICATIONS,
    SIGNING_SECRETS,
)
from bigledger.tenants.context import current_tenant

FIELDS: tuple[Declaration, ...] = (
    Node(API_KEYS),
    Node(SIGNING_SECRETS),
    Node(KIOSK_LINKS),
    Node(OAUTH_APPLICATIONS, "OauthApplication"),
    Node(MEMBERS),
    Node(INVITATIONS),
    Single("tenant", TenantBody, "tenant", lambda: tenant_body(current_tenant())),
)
