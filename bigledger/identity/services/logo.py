"""The logo of a tenant: an image that somebody uploaded, made anew so that nothing but the picture is kept."""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

from bigledger.errors import ValidationFailed
from bigledger.tenants.models import Logo

MAX_LOGO_BYTES = 1024 * 1024
MAX_SIDE_PIXELS = 2000
# What documents need at 300 dots an inch: 50 mm by 20 mm.
_KEPT_PIXELS = (600, 240)
_FORMATS = ("PNG", "JPEG")


def keep_logo(content: bytes) -> Logo:
    """Stores the picture as PNG of at most 600 by 240 pixels. Raises ValidationFailed at `logo`.

    Size and side are checked before the picture is decoded. Metadata is left out.
    """
    if not content or len(content) > MAX_LOGO_BYTES:
        raise ValidationFailed.at("logo", f"Must have at most {MAX_LOGO_BYTES // 1024} KB.", "too_large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow warns of a picture that is a bomb
            picture = Image.open(io.BytesIO(content), formats=_FORMATS)
            if max(picture.size) > MAX_SIDE_PIXELS:
                raise ValidationFailed.at("logo", f"Must have at most {MAX_SIDE_PIXELS} pixels a side.", "too_large")
            picture.load()
            made = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError):
        raise ValidationFailed.at("logo", "Must be a PNG or JPEG image.", "unsupported_type") from None
    made.thumbnail(_KEPT_PIXELS, Image.Resampling.LANCZOS)
    kept = io.BytesIO()
    made.save(kept, "PNG", optimize=True)
    return Logo.objects.create(content=kept.getvalue(), width=made.width, height=made.height)
