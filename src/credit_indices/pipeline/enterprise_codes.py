"""Unified social credit codes (GB 32100-2015) and the pseudonyms of enterprises.

A code has 18 characters of an alphabet of 31 (digits and capital letters without I, O, S, V and Z):
registration authority, category, six digits of the administrative division, nine characters of the
organisation, and a check character.
"""

import hashlib
import hmac
import os
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
KEY_VARIABLE = "CREDIT_INDICES_PSEUDONYM_KEY"
MINIMUM_KEY_LENGTH = 16
"""Characters. A shorter key can be guessed, which would identify enterprises."""

PUBLIC_KEY = "credit-indices: the public key of the synthetic enterprises"


class PseudonymKeyError(Exception):
    """The key is missing or too short; the message is for the user."""


def check_character(body: str) -> str:
    """Return the check character of a code's first 17 characters.

    Source: GB 32100-2015, section 5: with the characters' values c_i in 0..30, the weights
    3^(i-1) mod 31 and the weight 1 for the check character the code sums to a multiple of 31.

    Raises:
        ValueError: if a character is not of the alphabet, or there are not 17.

    """
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def has_pseudonym_key() -> bool:
    """Whether the environment holds a key for pseudonyms."""
    return bool(os.environ.get(KEY_VARIABLE))


def require_long_key() -> None:
    """Raise PseudonymKeyError if the key in the environment is short enough to be guessed.

    Blanks at its ends do not count. A missing key is no fault here: the project's synthetic
    enterprises need none.
    """
    length = len(os.environ.get(KEY_VARIABLE, "").strip())
    if has_pseudonym_key() and length < MINIMUM_KEY_LENGTH:
        raise PseudonymKeyError(
            f"{KEY_VARIABLE} is too short: it has {length} character(s) and needs at least "
            f"{MINIMUM_KEY_LENGTH}, because a shorter key can be guessed, which would identify the "
            "enterprises. "
            "Generate a random one and keep it: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )


def pseudonym(enterprise_id: str, origin: str) -> str:
    """Return the key that replaces the id of an enterprise or an event in all public tables.

    HMAC-SHA256 of the id, the first 24 hexadecimal digits (96 bits: among 10^8 enterprises two
    share one with a probability of about 6e-14). The secret is read from the environment at every
    call, so that no SQL, log or file contains it. Without it, only the project's synthetic
    enterprises get a key, a public one.

    Args:
        enterprise_id: The enterprise's id; of an event, its id after the word "event ".
        origin: 'seed' for the project's synthetic enterprises, 'file' for a user's.

    Raises:
        PseudonymKeyError: if the key is too short, or none is set and the enterprise is a user's.

    """
    require_long_key()
    secret = os.environ.get(KEY_VARIABLE)
    if not secret:
        if origin != "seed":
            raise PseudonymKeyError(f"{KEY_VARIABLE} is not set")
        secret = PUBLIC_KEY
    return hmac.new(secret.encode(), enterprise_id.encode(), hashlib.sha256).hexdigest()[:24]


def comparable(text: str) -> str:
    """Normalise a text for comparing names and ids: without case, width and separators."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())
