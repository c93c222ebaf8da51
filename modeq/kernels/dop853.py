"""The Runge–Kutta pair DOP853 of Dormand and Prince, for many paths in one compiled loop.

Coefficients, error estimate by two embedded formulas and the interpolant of order 7 are those of Hairer, Nørsett, Wanner, *Solving
Ordinary Differential Equations I* (2nd edition, 1993), section II.5 and the code DOP853 of its appendix; first step and step size
control are those of SciPy's class of the same name, so both take the same steps.

The code generator copies these functions behind the module of a flow, whose ``kernel(t, y, par, out)`` is an argument here and a
global there, and so is ``dimension()``, the number m of entries of a state, with which loops become straight code. ``K`` holds the
field at the stages, shape (16, m): 12 of a step, one at its end, three for the interpolant.
"""

from __future__ import annotations

import numpy as np

from .injected import Injected


def first_step(
    kernel: Injected,
    dimension: Injected,
    y: np.ndarray,
    end: float,
    rtol: float,
    atol: float,
    par: np.ndarray,
    K: np.ndarray,
    point: np.ndarray,
) -> float:
    """Return the size of the first step, section II.4 of the book; K[0] is the field at the start."""
    m = dimension()
    d0 = 0.0
    d1 = 0.0
    for i in range(m):
        scale = atol + abs(y[i]) * rtol
        d0 += (abs(y[i]) / scale) ** 2
        d1 += (abs(K[0, i]) / scale) ** 2
    d0 = np.sqrt(d0 / m)
    d1 = np.sqrt(d1 / m)
    h = 1e-6
    if d0 >= 1e-5 and d1 >= 1e-5:
        h = 0.01 * d0 / d1
    h = min(h, end)
    for i in range(m):
        point[i] = y[i] + h * K[0, i]
    kernel(h, point, par, K[1])
    d2 = 0.0
    for i in range(m):
        d2 += (abs(K[1, i] - K[0, i]) / (atol + abs(y[i]) * rtol)) ** 2
    d2 = np.sqrt(d2 / m) / h
    if d1 <= 1e-15 and d2 <= 1e-15:
        second = max(1e-6, h * 1e-3)
    else:
        second = (0.01 / max(d1, d2)) ** 0.125
    return min(100.0 * h, second, end)


def try_step(
    kernel: Injected,
    dimension: Injected,
    t: float,
    y: np.ndarray,
    h: float,
    rtol: float,
    atol: float,
    par: np.ndarray,
    K: np.ndarray,
    new: np.ndarray,
    point: np.ndarray,
) -> float:
    """Put the state after a step into `new` and the field there into K[12]; return the error in units of the tolerance."""
    m = dimension()
    for i in range(m):
        point[i] = y[i] + h * (0.05260015195876773 * K[0, i])
    kernel(t + 0.05260015195876773 * h, point, par, K[1])
    for i in range(m):
        point[i] = y[i] + h * (0.0197250569845379 * K[0, i] + 0.0591751709536137 * K[1, i])
    kernel(t + 0.0789002279381516 * h, point, par, K[2])
    for i in range(m):
        point[i] = y[i] + h * (0.02958758547680685 * K[0, i] + 0.08876275643042054 * K[2, i])
    kernel(t + 0.1183503419072274 * h, point, par, K[3])
    for i in range(m):
        point[i] = y[i] + h * (0.2413651341592667 * K[0, i] - 0.8845494793282861 * K[2, i] + 0.924834003261792 * K[3, i])
    kernel(t + 0.2816496580927726 * h, point, par, K[4])
    for i in range(m):
        point[i] = y[i] + h * (0.037037037037037035 * K[0, i] + 0.17082860872947386 * K[3, i] + 0.12546768756682242 * K[4, i])
    kernel(t + 0.3333333333333333 * h, point, par, K[5])
    for i in range(m):
        point[i] = y[i] + h * (
            0.037109375 * K[0, i] + 0.17025221101954405 * K[3, i] + 0.06021653898045596 * K[4, i] - 0.017578125 * K[5, i]
        )
    kernel(t + 0.25 * h, point, par, K[6])
    for i in range(m):
        point[i] = y[i] + h * (
            0.03709200011850479 * K[0, i]
            + 0.17038392571223998 * K[3, i]
            + 0.10726203044637328 * K[4, i]
            - 0.015319437748624402 * K[5, i]
            + 0.008273789163814023 * K[6, i]
        )
    kernel(t + 0.3076923076923077 * h, point, par, K[7])
    for i in range(m):
        point[i] = y[i] + h * (
            0.6241109587160757 * K[0, i]
            - 3.3608926294469414 * K[3, i]
            - 0.868219346841726 * K[4, i]
            + 27.59209969944671 * K[5, i]
            + 20.154067550477894 * K[6, i]
            - 43.48988418106996 * K[7, i]
        )
    kernel(t + 0.6512820512820513 * h, point, par, K[8])
    for i in range(m):
        point[i] = y[i] + h * (
            0.47766253643826434 * K[0, i]
            - 2.4881146199716677 * K[3, i]
            - 0.590290826836843 * K[4, i]
            + 21.230051448181193 * K[5, i]
            + 15.279233632882423 * K[6, i]
            - 33.28821096898486 * K[7, i]
            - 0.020331201708508627 * K[8, i]
        )
    kernel(t + 0.6 * h, point, par, K[9])
    for i in range(m):
        point[i] = y[i] + h * (
            -0.9371424300859873 * K[0, i]
            + 5.186372428844064 * K[3, i]
            + 1.0914373489967295 * K[4, i]
            - 8.149787010746927 * K[5, i]
            - 18.52006565999696 * K[6, i]
            + 22.739487099350505 * K[7, i]
            + 2.4936055526796523 * K[8, i]
            - 3.0467644718982196 * K[9, i]
        )
    kernel(t + 0.8571428571428571 * h, point, par, K[10])
    for i in range(m):
        point[i] = y[i] + h * (
            2.273310147516538 * K[0, i]
            - 10.53449546673725 * K[3, i]
            - 2.0008720582248625 * K[4, i]
            - 17.9589318631188 * K[5, i]
            + 27.94888452941996 * K[6, i]
            - 2.8589982771350235 * K[7, i]
            - 8.87285693353063 * K[8, i]
            + 12.360567175794303 * K[9, i]
            + 0.6433927460157636 * K[10, i]
        )
    kernel(t + 1.0 * h, point, par, K[11])
    for i in range(m):
        new[i] = y[i] + h * (
            0.054293734116568765 * K[0, i]
            + 4.450312892752409 * K[5, i]
            + 1.8915178993145003 * K[6, i]
            - 5.801203960010585 * K[7, i]
            + 0.3111643669578199 * K[8, i]
            - 0.1521609496625161 * K[9, i]
            + 0.20136540080403034 * K[10, i]
            + 0.04471061572777259 * K[11, i]
        )
    kernel(t + h, new, par, K[12])
    fifth = 0.0
    third = 0.0
    for i in range(m):
        scale = atol + max(abs(y[i]), abs(new[i])) * rtol
        error = (
            0.01312004499419488 * K[0, i]
            - 1.2251564463762044 * K[5, i]
            - 0.4957589496572502 * K[6, i]
            + 1.6643771824549864 * K[7, i]
            - 0.35032884874997366 * K[8, i]
            + 0.3341791187130175 * K[9, i]
            + 0.08192320648511571 * K[10, i]
            - 0.022355307863886294 * K[11, i]
        )
        fifth += (abs(error) / scale) ** 2
        error = (
            -0.18980075407240762 * K[0, i]
            + 4.450312892752409 * K[5, i]
            + 1.8915178993145003 * K[6, i]
            - 5.801203960010585 * K[7, i]
            - 0.4226823213237919 * K[8, i]
            - 0.1521609496625161 * K[9, i]
            + 0.20136540080403034 * K[10, i]
            + 0.02265179219836082 * K[11, i]
        )
        third += (abs(error) / scale) ** 2
    if fifth == 0.0 and third == 0.0:
        return 0.0
    return abs(h) * fifth / np.sqrt((fifth + 0.01 * third) * m)


def interpolant(
    kernel: Injected,
    dimension: Injected,
    t: float,
    y: np.ndarray,
    h: float,
    par: np.ndarray,
    K: np.ndarray,
    new: np.ndarray,
    point: np.ndarray,
    F: np.ndarray,
) -> None:
    """Fill the coefficients of the interpolant, shape (7, m), for the step from `y` to `new`."""
    m = dimension()
    for i in range(m):
        point[i] = y[i] + h * (
            0.056167502283047954 * K[0, i]
            + 0.25350021021662483 * K[6, i]
            - 0.2462390374708025 * K[7, i]
            - 0.12419142326381637 * K[8, i]
            + 0.15329179827876568 * K[9, i]
            + 0.00820105229563469 * K[10, i]
            + 0.007567897660545699 * K[11, i]
            - 0.008298 * K[12, i]
        )
    kernel(t + 0.1 * h, point, par, K[13])
    for i in range(m):
        point[i] = y[i] + h * (
            0.03183464816350214 * K[0, i]
            + 0.028300909672366776 * K[5, i]
            + 0.053541988307438566 * K[6, i]
            - 0.05492374857139099 * K[7, i]
            - 0.00010834732869724932 * K[10, i]
            + 0.0003825710908356584 * K[11, i]
            - 0.00034046500868740456 * K[12, i]
            + 0.1413124436746325 * K[13, i]
        )
    kernel(t + 0.2 * h, point, par, K[14])
    for i in range(m):
        point[i] = y[i] + h * (
            -0.42889630158379194 * K[0, i]
            - 4.697621415361164 * K[5, i]
            + 7.683421196062599 * K[6, i]
            + 4.06898981839711 * K[7, i]
            + 0.3567271874552811 * K[8, i]
            - 0.0013990241651590145 * K[12, i]
            + 2.9475147891527724 * K[13, i]
            - 9.15095847217987 * K[14, i]
        )
    kernel(t + 0.7777777777777778 * h, point, par, K[15])
    for i in range(m):
        change = new[i] - y[i]
        F[0, i] = change
        F[1, i] = h * K[0, i] - change
        F[2, i] = 2.0 * change - h * (K[12, i] + K[0, i])
        F[3, i] = h * (
            -8.428938276109013 * K[0, i]
            + 0.5667149535193777 * K[5, i]
            - 3.0689499459498917 * K[6, i]
            + 2.38466765651207 * K[7, i]
            + 2.117034582445028 * K[8, i]
            - 0.871391583777973 * K[9, i]
            + 2.2404374302607883 * K[10, i]
            + 0.6315787787694688 * K[11, i]
            - 0.08899033645133331 * K[12, i]
            + 18.148505520854727 * K[13, i]
            - 9.194632392478356 * K[14, i]
            - 4.436036387594894 * K[15, i]
        )
        F[4, i] = h * (
            10.427508642579134 * K[0, i]
            + 242.28349177525817 * K[5, i]
            + 165.20045171727028 * K[6, i]
            - 374.5467547226902 * K[7, i]
            - 22.113666853125306 * K[8, i]
            + 7.733432668472264 * K[9, i]
            - 30.674084731089398 * K[10, i]
            - 9.332130526430229 * K[11, i]
            + 15.697238121770845 * K[12, i]
            - 31.139403219565178 * K[13, i]
            - 9.35292435884448 * K[14, i]
            + 35.81684148639408 * K[15, i]
        )
        F[5, i] = h * (
            19.985053242002433 * K[0, i]
            - 387.0373087493518 * K[5, i]
            - 189.17813819516758 * K[6, i]
            + 527.8081592054236 * K[7, i]
            - 11.57390253995963 * K[8, i]
            + 6.8812326946963 * K[9, i]
            - 1.0006050966910838 * K[10, i]
            + 0.7777137798053443 * K[11, i]
            - 2.778205752353508 * K[12, i]
            - 60.19669523126412 * K[13, i]
            + 84.32040550667716 * K[14, i]
            + 11.99229113618279 * K[15, i]
        )
        F[6, i] = h * (
            -25.69393346270375 * K[0, i]
            - 154.18974869023643 * K[5, i]
            - 231.5293791760455 * K[6, i]
            + 357.6391179106141 * K[7, i]
            + 93.40532418362432 * K[8, i]
            - 37.45832313645163 * K[9, i]
            + 104.0996495089623 * K[10, i]
            + 29.8402934266605 * K[11, i]
            - 43.53345659001114 * K[12, i]
            + 96.32455395918828 * K[13, i]
            - 39.17726167561544 * K[14, i]
            - 149.72683625798564 * K[15, i]
        )


def run_path(
    kernel: Injected,
    dimension: Injected,
    start: np.ndarray,
    h: float,
    par: np.ndarray,
    rtol: float,
    atol: float,
    limit: int,
    path: np.ndarray,
    last: np.ndarray,
    counts: np.ndarray,
) -> int:
    """Fill the states at t = h, 2h, … into path[1:]; return why it ended.

    0 at the end; 1 the step underflowed; 2 the field is not finite at the start; 3 more than `limit` evaluations; 4 a hundredth of a
    step took 3000 evaluations. `counts` gets the rows that are filled and the evaluations, `last` the state that was reached.
    """
    m = dimension()
    count = path.shape[0] - 1
    end = h * count
    K = np.zeros((16, m), start.dtype)
    F = np.zeros((7, m), start.dtype)
    y = start.copy()
    new = start.copy()
    point = start.copy()
    last[:] = y
    path[0] = y
    counts[0] = 1
    counts[1] = 1
    if count == 0:
        return 0
    kernel(0.0, y, par, K[0])
    for i in range(m):
        if not np.isfinite(K[0, i]):
            return 2
    step = first_step(kernel, dimension, y, end, rtol, atol, par, K, point)
    t = 0.0
    evaluations = 2
    filled = 1
    mark = 0.0
    since = 0
    size = np.abs(y).max()
    while t < end:
        smallest = 10.0 * (np.nextafter(t, np.inf) - t)
        step = max(step, smallest)
        rejected = False
        while True:
            if step < smallest:
                return 1
            if evaluations + 15 > limit:
                return 3
            after = min(t + step, end)
            step = after - t
            error = try_step(kernel, dimension, t, y, step, rtol, atol, par, K, new, point)
            evaluations += 12
            counts[1] = evaluations
            if error < 1.0:
                break
            factor = 0.2
            if np.isfinite(error):
                factor = max(0.2, 0.9 * error**-0.125)
            step *= factor
            rejected = True
        if h * filled <= after * (1.0 + 1e-14):
            interpolant(kernel, dimension, t, y, step, par, K, new, point, F)
            evaluations += 3
            counts[1] = evaluations
            while filled <= count and h * filled <= after * (1.0 + 1e-14):
                x = (h * filled - t) / step
                for i in range(m):
                    value = F[6, i] * x
                    value = (value + F[5, i]) * (1.0 - x)
                    value = (value + F[4, i]) * x
                    value = (value + F[3, i]) * (1.0 - x)
                    value = (value + F[2, i]) * x
                    value = (value + F[1, i]) * (1.0 - x)
                    path[filled, i] = y[i] + (value + F[0, i]) * x
                filled += 1
                counts[0] = filled
        factor = 10.0
        if error > 0.0:
            factor = min(10.0, 0.9 * error**-0.125)
        if rejected:
            factor = min(1.0, factor)
        t = after
        step *= factor
        for i in range(m):
            y[i] = new[i]
            last[i] = new[i]
            K[0, i] = K[12, i]
        if evaluations - since > 3000:
            largest = np.abs(y).max()
            if t - mark < 0.01 * h and not largest > 2.0 * size:
                return 4
            mark = t
            size = largest
            since = evaluations
    return 0


def run_paths(
    kernel: Injected,
    dimension: Injected,
    starts: np.ndarray,
    h: float,
    par: np.ndarray,
    rtol: float,
    atol: float,
    limit: int,
    paths: np.ndarray,
    last: np.ndarray,
    counts: np.ndarray,
    ends: np.ndarray,
    first: np.ndarray,
) -> None:
    """Run all paths from number first[0] on, which it moves on, so that it is known where an error came up."""
    while first[0] < len(starts):
        k = first[0]
        ends[k] = run_path(kernel, dimension, starts[k], h, par, rtol, atol, limit, paths[k], last[k], counts[k])
        first[0] = k + 1
