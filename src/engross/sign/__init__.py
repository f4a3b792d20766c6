"""Signing official PDFs: keys, PAdES signatures, staging, the frozen edition and its signed manifest."""

from engross.sign.renewal import renew
from engross.sign.signing import Progress, Request, policy_of, profile_of, sign

__all__ = ["Progress", "Request", "policy_of", "profile_of", "renew", "sign"]
