"""Other languages of the network, each a client of the public graph: see `vereda.facade`."""
