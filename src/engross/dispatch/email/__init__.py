"""E-mail: the message for each mission, its way to the server, and what comes back."""
