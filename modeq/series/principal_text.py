"""How principal flows are written down, in λ and u, the eigenpairs of the Hessian."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sympy

from ..exact import Scalar
from ..trees.rooted import RootedTree
from .latex import expression_latex, sum_latex
from .text import scalar_text, sum_text
from .transfer import Z1, Z2, Z

Terms = Sequence[tuple[RootedTree, Scalar]]


def principal_text(degree: int, symbol: sympy.Expr, quadratic: sympy.Expr, completion: Terms) -> str:
    """Write a flow with α = `symbol` and c = `quadratic`, 0 for degree 1, and the trees that complete it."""
    # One symbol for the product keeps SymPy from rearranging; its brackets go where they are not needed.
    alpha = re.sub(r"(?<!/)\(hλ\)(?![⁰¹²³⁴⁵⁶⁷⁸⁹])", "hλ", scalar_text(symbol.xreplace({Z: sympy.Symbol("(hλ)")})))
    line = f"θ' = Σ {alpha} (uᵀ∇E) u"
    if degree > 1:
        line += " - h²/2 Σ c(hλ; hλ₁, hλ₂) ∇³E[u,u₁,u₂] (u₁ᵀ∇E) (u₂ᵀ∇E) u"
    if degree > 2:
        line += " + h³/6 Σ c⋆(hλ; hλ₁, hλ₂, hλ₃) ∇⁴E[u,u₁,u₂,u₃] (u₁ᵀ∇E) (u₂ᵀ∇E) (u₃ᵀ∇E) u"
        line += " - h⁴/2 Σ c∘(hλ; hλ₀; hλ₁, hλ₂; hλ₃) ∇³E[u,u₀,u₃] ∇³E[u₀,u₁,u₂] (u₁ᵀ∇E) (u₂ᵀ∇E) (u₃ᵀ∇E) u"
    line += sum_text(completion, continued=True)
    if degree == 1:
        return line
    return f"{line}\nc(z; z₁, z₂) = {scalar_text(quadratic)}".replace("z1", "z₁").replace("z2", "z₂")


def principal_latex(degree: int, symbol: sympy.Expr, quadratic: sympy.Expr, completion: Terms) -> str:
    """Do what `principal_text` does in LaTeX, with λ_i and u_i."""
    alpha = expression_latex(symbol.subs(Z, sympy.Symbol("h") * sympy.Symbol("lambda_i")))
    line = rf"\dot{{\theta}} = \sum_i {alpha}\,(u_i^T \nabla E)\,u_i"
    if degree > 1:
        line += rf" - \frac{{h^2}}{{2}} \sum_{{ijk}} c({_arguments('i;jk')})\,\nabla^3 E[u_i,u_j,u_k]\,{_factors('jk')}\,u_i"
    if degree > 2:
        star, nested = _arguments("i;jkl"), _arguments("i;m;jk;l")
        line += rf" + \frac{{h^3}}{{6}} \sum_{{ijkl}} c_\star({star})\,\nabla^4 E[u_i,u_j,u_k,u_l]\,{_factors('jkl')}\,u_i"
        inside = r"\nabla^3 E[u_i,u_m,u_l]\,\nabla^3 E[u_m,u_j,u_k]"
        line += rf" - \frac{{h^4}}{{2}} \sum_{{ijklm}} c_\circ({nested})\,{inside}\,{_factors('jkl')}\,u_i"
    line += sum_latex(completion, continued=True)
    if degree == 1:
        return line
    where = expression_latex(quadratic.subs({Z1: sympy.Symbol("z_1"), Z2: sympy.Symbol("z_2")}))
    return rf"{line}, \qquad c(z; z_1, z_2) = {where}"


def _arguments(indices: str) -> str:
    return "; ".join(", ".join(rf"h\lambda_{index}" for index in group) for group in indices.split(";"))


def _factors(indices: str) -> str:
    return r"\,".join(rf"(u_{index}^T \nabla E)" for index in indices)
