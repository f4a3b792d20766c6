"""Faxes: handed to a HylaFAX server or a mail-to-fax gateway, or fed by hand; and what is known of their arrival."""
