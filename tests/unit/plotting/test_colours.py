"""Colours and titles of flows."""

from modeq.plotting.colours import flow_styles, flow_title


def test_usual_flows_always_look_the_same():
    alone = flow_styles(["principal"])
    together = flow_styles(["5", "gradient", "principal", "principal+3"])
    assert alone["principal"] == together["principal"]


def test_different_flows_look_different():
    labels = ["gradient", "igr", "3", "principal", "4", "5", "principal+3"]
    assert len(set(flow_styles(labels).values())) == len(labels)


def test_titles_are_words():
    assert [flow_title(label) for label in ("gradient", "igr", "principal", "3", "principal+3")] == [
        "gradient flow",
        "IGR flow",
        "principal flow",
        "order 3",
        "principal+3",
    ]


def test_all_names_of_a_flow_look_the_same():
    for names in (["igr", 2, "2", "order 2"], [1, "gradient", "order 1"], [3, "order 3"], ["principal2", "principal flow of degree 2"]):
        assert len({flow_styles([name])[name] for name in names}) == 1


def test_usual_flows_differ_on_grey_paper_too():
    """Dashes tell lines apart, markers points, without any colour."""
    labels = ["gradient", "igr", "3", "4", "principal", "principal2", "principal3", "two-step", "rod", "central"]
    labels += ["principal+3", "principal2+5", "map", "map2", "two-step2", "6"]
    styles = flow_styles(labels).values()
    assert len({style.dash for style in styles}) == len({style.marker for style in styles}) == len(labels)
