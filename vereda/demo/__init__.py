"""The demo network: invented from the first name to the last, the same on every machine.

`network` says what there is; each service's own `demo` module writes its part; `loading` runs them, only ever into
empty databases; `story` tells what the network is for, against the running system.
"""
