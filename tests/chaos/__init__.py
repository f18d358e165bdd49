"""Nothing that was acknowledged is lost, whatever dies: random lives of referrals, while processes are killed and connections cut.

`make chaos` runs it for minutes; the suite runs a short form of it.
"""
