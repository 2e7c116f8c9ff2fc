"""The mails that invite somebody to a tenant's books, and that let them choose another password."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.utils.timezone import now

from bigledger.access.admin_tenant import BACK_OFFICE_ROLES
from bigledger.access.models import Invitation, User
from bigledger.access.secrets import decrypt
from bigledger.mail.letters import Button, Letter, one_line
from bigledger.mail.models import Mail
from bigledger.mail.registry import MailKind, register
from bigledger.tenants.context import current_tenant

INVITATION_DAYS = 7
# A name is whatever its tenant likes, and this mail goes to whomever it likes: there is no room for a letter in it.
_NAME_LENGTH = 60


def place_of(role: str) -> str:
    """What somebody with this role is given, in a sentence."""
    if role in BACK_OFFICE_ROLES:
        return "You will work in the back office, on the web."
    return "You will see the dashboard, on the web, and may read the books with programs of your own."


def _is_open(mail: Mail) -> bool:
    """False once it was accepted, withdrawn or replaced, or has expired."""
    return Invitation.objects.filter(pk=mail.about_id, accepted_at=None, expires_at__gt=now()).exists()


def _letter(mail: Mail) -> Letter:
    invitation = Invitation.objects.select_related("invited_by").get(pk=mail.about_id)
    name = one_line(current_tenant().name, _NAME_LENGTH)
    inviter = invitation.invited_by.email
    article = "an" if invitation.role[0] in "aeiou" else "a"
    token = decrypt(mail.encrypted_secret or b"")
    return Letter(
        subject=f"Join {name} on BigLedger",
        greeting="Hello,",
        paragraphs=[
            f"{inviter} has invited you to join {name} on BigLedger as {article} {invitation.role}.",
            place_of(invitation.role),
        ],
        button=Button(f"Join {name}", f"{settings.PUBLIC_URL}/invitations/{token}"),
        afterwards=[
            f"The link works once and expires after {INVITATION_DAYS} days.",
            "If you do not know the sender, you can ignore this mail.",
        ],
    )


INVITATION_MAIL = register(
    MailKind(
        "invitation",
        "The invitation to become a member, with the link to accept it",
        about=Invitation.id_prefix,
        still_due=_is_open,
        write=_letter,
        from_tenant=False,
    )
)


def _still_opens(mail: Mail) -> bool:
    """False once the password was changed or the person has signed in, and after an hour."""
    user = User.objects.filter(pk=mail.about_id, is_active=True).first()
    token = decrypt(mail.encrypted_secret or b"")
    return user is not None and default_token_generator.check_token(user, token)


def _reset_letter(mail: Mail) -> Letter:
    token = decrypt(mail.encrypted_secret or b"")
    return Letter(
        subject="Choose a new password for BigLedger",
        greeting="Hello,",
        paragraphs=["Somebody, probably you, has asked for a new password for this address."],
        button=Button("Choose a new password", f"{settings.PUBLIC_URL}/sign-in/reset/{mail.about_id}/{token}"),
        afterwards=[
            "The link works once, within an hour.",
            "If you did not ask for it, you can ignore this mail: your password stays as it is.",
        ],
    )


PASSWORD_RESET_MAIL = register(
    MailKind(
        "password_reset",
        "The link with which somebody who forgot their password chooses another",
        about=User.id_prefix,
        still_due=_still_opens,
        write=_reset_letter,
        from_tenant=False,
        is_capped=False,
    )
)
