"""Where an equation meets a field; `flows` implements it.

``bind(equation, field)`` gives the flow, ``bind(modified_loss, loss, h)`` a loss, ``loss_expression(modified_loss, loss)`` its formula.
"""

from __future__ import annotations

from ..extension_points import ExtensionPoint

bind = ExtensionPoint("bind", "{} cannot be bound to a loss or vector field")
loss_expression = ExtensionPoint("loss_expression", "{} is no modified loss and has no formula on a loss")
