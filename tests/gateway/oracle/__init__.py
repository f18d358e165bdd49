"""Random federated graphs, random operations, and one question: is the federated answer what one service would give?

A graph is drawn in steps, each in its module: `sketch` (types and fields, without subgraphs), `placing` (the split),
`extras` (`@requires`, `@provides`, `@override`), `mending` (what must be so that every field can be answered), and
`drawing`, which has them in a row. `composing` prints it as a supergraph. `cases` adds a world and operations,
`answering` asks the real engine and says what must hold. `planted` are bugs that all this must find.

A counterexample is printed as a supergraph, what the world is like, and the operations. To look at one again:

    case = draw_case(Dice.seeded(17))  # or hypothesis's own, from its printed text
    assert_answered(case.world, case.asked[0])
"""
