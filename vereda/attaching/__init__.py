"""Documents that people send: of few kinds, in parts, sealed, looked at and scanned before anybody reads them.

    kinds.py      what is taken, told by its content, and within which bounds
    images.py     an image without what a camera wrote about it
    parts.py      a document's sealed parts in a service's own table: stored, put together, cleaned
    scanning.py   looking for malware

Who may send and read which document, and under whose key it is sealed, is each service's own. Why in parts:
docs/decisions/0023.
"""
