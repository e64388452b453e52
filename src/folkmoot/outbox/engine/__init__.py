"""The engine: finds what is due, sends it once, finds out what became of it.

``claim`` takes deliveries by lease and fence, ``send`` hands them to their connector, ``outcomes`` writes what became
of them, ``sweep`` looks after what was left behind, ``loop`` turns it all twice a second in every worker.
"""
