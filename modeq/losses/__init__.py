from .field import Loss as Loss
from .field import VectorField as VectorField
