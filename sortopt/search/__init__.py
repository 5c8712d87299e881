"""Search for shortest kernels: exhaustive with proof, and anytime for more keys.

`problem` says what is looked for; `universe`, `canon` and `bounds` are its tables; `frontier`
expands them level by level; `exhaustive` answers "what is the shortest?".  The modules whose names
begin with an underscore hold compiled code only.
"""
