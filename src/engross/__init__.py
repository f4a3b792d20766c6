"""Letters that many organisations sign and that leave in several languages: from content to signed, faxed and mailed copies."""

__version__ = "0.1.0"
