"""Spreadsheets for partners without a system of their own: a file out, a file in, each over the public graph.

In the name of a partner's system, with its rights and no others. What goes out are statuses and the organisation's own
identifiers, and no person (R26); what comes in is looked at first, row by row, and can be sent again.
Docs: docs/exchange.md.
"""
