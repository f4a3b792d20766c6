"""The delivery report as PDF: plain values of what was recorded in, bytes out. It knows no ledger, no catalogue and no server.

`model` has the values, `outside` makes strings from outside fit to print, `pictures` the first pages, `page` the whole.
"""
