"""How large a problem may be for a dense algorithm: every threshold between whole matrices and products with vectors.

Numbers are counts of coordinates d, or of the numbers in a state where that is said. They are measured, not derived: below them the dense
algorithm took less time on two cores (2026); nothing but time and memory depends on them.
"""

SECOND_DEGREE_IN_PYTHON = 8
"""Up to this d degree 2 of a principal flow is summed in Python for a verdict: d³ coefficients of some 50 µs at each point."""
WHOLE_MAP = 40
"""Numbers in a state up to which DΦᵏ, k·d Hessian–vector products, and all its eigenvectors are faster than a Krylov space."""
ALL_EIGENVECTORS = 100
"""Up to this d all eigenvectors of the Hessian cost less than a Krylov space, and all eigenvalues are looked at."""
WHOLE_HESSIAN = 200
"""Up to this d the Hessian and its largest eigenvalues by LAPACK cost less than Lanczos' method."""
WHOLE_STEP = 700
"""Numbers in a state up to which all eigenvalues of a step are computed to say why a run stopped: a second for each look."""
KRYLOV = 300
"""Largest dimension of a Krylov space."""
EIGENVECTORS_INSTEAD = 1000
"""Up to this d all eigenvectors of the Hessian are taken where a Krylov space of that dimension is not enough: some 10 s an evaluation."""
ONE_THREAD = 10_000
"""Numbers in a state up to which a flow runs with one thread of BLAS, whose matrices of a Krylov space are as narrow as ever."""
WHOLE_CHAINS = 300
"""Up to this d all chains of a smooth start are summed by one linear system with r·d unknowns."""
WHOLE_SPREAD = 1000
"""Up to this d rod flow keeps all of its spread Σ: 8 MB, sixteen times in DOP853."""
WHOLE_STAGES = 5000
"""Unknowns, stages × d, up to which an implicit step is solved: a dense matrix of 200 MB."""
KEPT_RESULTS = 256
"""Methods of which each derived function, such as the symbol of the principal flow, is kept for the next call; older ones are forgotten."""
