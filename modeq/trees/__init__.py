"""Rooted trees with coloured nodes: combinatorics only."""

from .drawing import from_networkx as from_networkx
from .drawing import to_networkx as to_networkx
from .free import centred as centred
from .free import free_symmetry as free_symmetry
from .free import rootings as rootings
from .rooted import RootedTree as RootedTree
from .rooted import as_tree as as_tree
from .rooted import chain as chain
from .subtrees import partitions as partitions
from .subtrees import root_subtrees as root_subtrees
from .table import TreeTable as TreeTable
from .table import rooted_trees as rooted_trees
from .table import tree_table as tree_table

__all__ = [
    "RootedTree",
    "TreeTable",
    "as_tree",
    "centred",
    "chain",
    "free_symmetry",
    "from_networkx",
    "partitions",
    "root_subtrees",
    "rooted_trees",
    "rootings",
    "to_networkx",
    "tree_table",
]
