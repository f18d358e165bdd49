"""The change feed: what happened, for each organisation that is told of it, in one order that never changes.

An event is written with the change that it tells of (`vereda.outbox`), by many transactions at once that wait for nobody. One
process at a time then gives each its place in the feed of everybody told (`numbering`): places are 1, 2, 3, without a gap, in
the order in which they can be read, so that a reader who goes on from the last one it saw misses nothing, ever. What an event
says is decided when it is read (`reading`): whoever may not know of it any more finds its place, and nothing in it.
docs/decisions/0043, docs/events.md.
"""
