"""The events of members and credentials. Their payload is the object's body, never a secret."""

from bigledger.events.registry import register

API_KEY_CREATED = register("api_key.created", "api_key", "API key created")
API_KEY_REVOKED = register("api_key.revoked", "api_key", "API key revoked")
SIGNING_SECRET_CREATED = register("signing_secret.created", "signing_secret", "Signing secret issued")
SIGNING_SECRET_REVOKED = register("signing_secret.revoked", "signing_secret", "Signing secret revoked")
KIOSK_LINK_CREATED = register("kiosk_link.created", "kiosk_link", "Kiosk link created")
KIOSK_LINK_REVOKED = register("kiosk_link.revoked", "kiosk_link", "Kiosk link revoked")
APPLICATION_CREATED = register("oauth_application.created", "oauth_application", "OAuth application registered")
APPLICATION_UPDATED = register("oauth_application.updated", "oauth_application", "OAuth application changed")
APPLICATION_DELETED = register("oauth_application.deleted", "oauth_application", "OAuth application deleted")
MEMBER_INVITED = register("member.invited", "invitation", "Invitation to become a member sent")
INVITATION_WITHDRAWN = register("member.invitation_withdrawn", "invitation", "Invitation withdrawn")
MEMBER_ADDED = register("member.added", "member", "Invitation accepted, member added")
MEMBER_UPDATED = register("member.updated", "member", "Role of the member changed")
MEMBER_SECOND_FACTOR_RESET = register("member.second_factor_reset", "member", "Second factor of the member reset")
MEMBER_REMOVED = register("member.removed", "member", "Member removed")
TENANT_UPDATED = register("tenant.updated", "tenant", "Settings of the tenant changed")
