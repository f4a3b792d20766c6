"""Signing official PDFs: keys, PAdES signatures, staging, the frozen edition and its signed manifest."""

from engross.sign.listing import LedgerName, Listing
from engross.sign.renewal import renew
from engross.sign.signing import Progress, Request, policy_of, profile_of, sign

__all__ = ["LedgerName", "Listing", "Progress", "Request", "policy_of", "profile_of", "renew", "sign"]
