"""How Sphinx builds these pages: ``make docs``. Nothing is fetched while it runs."""

import importlib.util
import re
import shutil
from pathlib import Path

from docutils import nodes

import modeq

project = "modeq"
author = "The modeq developers"
copyright = author  # noqa: A001 - Sphinx looks for this name
version = release = modeq.__version__

extensions = [
    "myst_nb",  # pages in Markdown, and executed notebooks
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]

# Pages -----------------------------------------------------------------------------------------------------------------
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # docs/execute_notebooks.py has run them, once, and written what they show to docs/notebooks
nb_merge_streams = True

# Reference -------------------------------------------------------------------------------------------------------------
autosummary_generate = True
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
autodoc_type_aliases = {"Packing": "modeq.losses.Packing", "SeriesEquation": "modeq.series.SeriesEquation"}
default_role = "literal"  # `h` in a docstring is code
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(np|numpy|npt|scipy|sympy|sp|networkx|nx|matplotlib|os|collections|fractions|pathlib|types|pandas|xarray)(\..*)?"),
    (r"py:class", "Array|ArrayLike|Axes|Box|Equation|Figure|NDArray|Runs|Samples|Source|Variable"),
    (r"py:class", r"integer -- return .*"),  # the docstrings of tuples, which named tuples inherit
    (r"py:class", r"modeq\.(exact|arithmetic)\.\w+"),
    (r"py:class", r"modeq(\.\w+){3}"),  # in signatures: types that users need not know, and type variables
]

# Look ------------------------------------------------------------------------------------------------------------------
html_theme = "furo"
html_title = f"modeq {release}"
html_static_path = ["_static"]
html_css_files = ["modeq.css"]
html_copy_source = False
copybutton_exclude = ".linenos, .gp, .go"  # copy what was typed, neither prompts nor answers
templates_path = ["_templates"]

# Formulas: MathJax, one file with its fonts, from the package that carries it.
mathjax_path = "tex-svg.js"
mathjax3_config = {"svg": {"fontCache": "global"}}


def copy_mathjax(app):
    """Copy MathJax into the pages."""
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
    target = Path(app.outdir) / "_static"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(package / "static" / "mathjax" / mathjax_path, target / mathjax_path)


def escape_bars(app, what, name, obj, options, lines):
    """Let |x| be an absolute value in docstrings: reStructuredText would look for a substitution named x."""
    in_example = False
    for i, line in enumerate(lines):
        in_example = line.lstrip().startswith(">>>") or (in_example and bool(line.strip()))
        if not in_example:
            parts = line.split("``")  # every second one is code
            lines[i] = "``".join(part.replace("|", r"\|") if j % 2 == 0 else part for j, part in enumerate(parts))


SHORTER = {
    r"~?[\w.]*_Buffer \| .*?_NestedSequence\[complex \| bytes \| str\]": "ArrayLike",
    r"~?[\w.]*ndarray\[tuple\[~?[\w.]*Any, \.\.\.\], ~?[\w.]*dtype\[[\w.~]+\]\]": "Array",
    r"<factory>|<function \w+>|<object object at \w+>": "...",
}


def shorten_signature(app, what, name, obj, options, signature, returns):
    """Say Array and ArrayLike, as the source does, instead of what NumPy means by them."""
    for long, short in SHORTER.items():
        signature = signature and re.sub(long, short, signature)
        returns = returns and re.sub(long, short, returns)
    return signature, returns


def strip_examples(app, doctree):
    """Drop the empty line at the end of examples, which doctest needs and readers do not."""
    for block in doctree.findall(nodes.literal_block):
        text = block.astext().rstrip("\n")
        block.children = [nodes.Text(text)]
        block.rawsource = text


def setup(app):
    """Tell Sphinx what to do besides."""
    app.connect("builder-inited", copy_mathjax)
    app.connect("autodoc-process-docstring", escape_bars)
    app.connect("doctree-read", strip_examples)
    app.connect("autodoc-process-signature", shorten_signature)
