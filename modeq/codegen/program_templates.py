"""The frames of `loss` and `taylor`: lines such as ``<leading>`` stand for the statements of a program, see `program_text`."""

LOSS = """def loss(y, par, out):
    o = read_layout(par)
    data = read_data(par, y)
    zero = o[0] - o[0]
    one = zero + np.uint64(1)
    <loads>
    w = np.empty(int(o[0]), y.dtype)
    <leading>
    <collect>
    <result>"""

# One function and not several: LLVM optimises all that a compiled function calls anew, with every layer of calls.
TAYLOR = """(y, given, par, at, F, work, known, rows):
    o = read_layout(par)
    data = read_data(par, y)
    zero = o[0] - o[0]
    one = zero + np.uint64(1)
    <loads>
    d, total = len(y), int(o[0])
    points, order = F.shape[:2]
    slot = order * total
    linked = par[at + 2] != 0.0
    if not known:
        w = work[:total]
        <leading>
        out = F[0, 0]
        <collect>
        negate(out)
        share_leading(work, slot, total, F)
    for path in range(1 if linked else points):
        for degree in range(1, order):
            k = np.uint64(degree)
            at_k = k * o[0]
            for q in range(0 if linked else path, points if linked else path + 1):
                w = work[q * slot : (q + 1) * slot] if linked else work[:slot]
                if linked and is_known(work, slot, total, par, at, q, degree, order, points, len(given)):
                    continue
                if not set_coefficient(w[degree * total : degree * total + d], given, par, at, F, q, degree):
                    continue
                <extend>
                out = F[q, degree]
                <collect_next>
                negate(out)
    combine(par, at, F, rows)"""

# Values at y once, then the tangents of each direction.
PRODUCTS = """(y, directions, par, at, products, work):
    o = read_layout(par)
    data = read_data(par, y)
    zero = o[0] - o[0]
    one = zero + np.uint64(1)
    <loads>
    w = work
    <leading>
    at_k = o[0]
    for q in range(len(directions)):
        copy(directions[q], zero, w, at_k, o1)
        <extend>
        out = products[q]
        <collect_next>"""

# The same for NumPy, from Taylor arithmetic of all paths at once.
PRODUCTS_IN_PYTHON = """def products(y, directions, par, at, products, work):
    given = np.zeros((len(directions), 2, len(y)), y.dtype)
    given[:, 1] = directions
    F = np.zeros_like(given)
    taylor(y, given, par, at, F, work[: 2 * len(work) // 3], False, F[:0])
    np.negative(F[:, 1], out=products)"""

# All paths at once, where NumPy's calls cost more than what they do: rows of w are paths.
TAYLOR_AT_ONCE = """def taylor(y, given, par, at, F, work, known, rows):
    o = read_layout(par)
    data = read_data(par, y)
    zero, one = 0, 1
    <loads>
    d, total = len(y), o[0]
    points, order = F.shape[:2]
    if not known:
        w = work[:total]
        <leading>
        out = F[0, 0]
        <collect>
        negate(out)
        F[1:, 0] = F[0, 0]
    w = None
    for some in blocks(points, total * order * F.itemsize, len(given)):
        w = Paths.over(work, total, order, len(F[some]), w)
        for degree in range(1, order):
            k, at_k = degree, degree * total
            path = path_coefficients(given[some], par, at, F[some], k)
            <load>
            <extend>
            out = F[some, k]
            <collect_next>
            negate(out)
    if w is not None:
        w.put_back()
    combine(par, at, F, rows)"""
