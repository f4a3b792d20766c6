"""Signing official PDFs: keys, PAdES signatures, staging, the frozen edition and its signed manifest."""
