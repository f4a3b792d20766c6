"""Sending: what goes to whom by which way, the one road from a verified edition to a server, and what people and notices say afterwards.

`items` says what there is to send, `sending` sends it through a `channel.Way`, `records` and `email.notices` keep what is known later.
"""
