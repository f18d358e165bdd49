"""The audit: what was done and what was shown, append-only, in one tree of hashes for each service (R27).

An entry is written in the transaction of what it tells of (`trail`), put into the tree by a round a second later
(`sealing`), and covered by a signed checkpoint that partners keep (`checkpoints`). `verifying` finds what was changed,
removed, added or put elsewhere since. Why it is built so: docs/decisions/0027; how a partner checks it: docs/audit.md.
"""
