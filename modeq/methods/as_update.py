"""General linear methods written as smooth updates, for what only these have."""

from __future__ import annotations

from .general_linear import GeneralLinearMethod
from .program import Builder
from .smooth_update import AT_REST, SmoothUpdate


def as_update(method: GeneralLinearMethod) -> SmoothUpdate | None:
    """Return an explicit method as an update of θ and its memory, which is kept as the method is written: h^(−scaling) times the states.

    None where the first state is not θ with a memory that rests at 0, where memories feed each other in a circle, or where the memory
    needs a division by h.

    >>> from modeq.methods import HeavyBall
    >>> as_update(HeavyBall(0.9)).memory
    ('y2',)
    """
    count, V = method.states, method.V
    at_rest = (1, *[0] * (count - 1))
    circular = any(V[q][r] != 0 for q in range(1, count) for r in range(q + 1, count))
    if not method.is_explicit or tuple(method.invariants[0]) != at_rest or tuple(method.output) != at_rest or circular:
        return None
    builder, powers = Builder(), method.scaling
    states = [builder.intern("state", (), q) for q in range(count)]
    h, slopes = builder.intern("h"), list[int]()

    def combination(weights: tuple[tuple[object, ...], tuple[object, ...]], unit: int) -> int | None:
        """Σ w h^(p − unit) m + Σ w h^(1 − unit) f."""
        total = builder.number(0)
        terms = [*zip(weights[0], powers, states, strict=True), *((w, 1, f) for w, f in zip(weights[1], slopes, strict=False))]
        for weight, power, place in terms:
            if weight == 0:
                continue
            if power < unit:
                return None
            factor = builder.number(weight)
            for _ in range(power - unit):
                factor = builder.multiply(h, factor)
            total = builder.add(total, builder.multiply(factor, place))
        return total

    for colour, row in zip(method.colours, zip(method.U, method.A, strict=True), strict=True):
        point = combination(row, 0)
        assert point is not None  # no power is negative
        slopes.append(builder.make("field", (point,), colour))
    new = [combination(row, unit) for row, unit in zip(zip(V, method.B, strict=True), powers, strict=True)]
    if any(place is None for place in new):
        return None
    program = builder.program([place for place in new if place is not None])
    return SmoothUpdate(method.name, method.state_names[1:], program, (AT_REST,) * (count - 1))
