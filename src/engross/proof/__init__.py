"""Proof: what leaves the house is read back by an independent reader and compared with the letter."""
