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
