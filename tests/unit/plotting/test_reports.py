"""Reports in notebooks, several in one picture, and animations."""

import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import modeq as mq

REPORT = mq.compare(mq.GradientDescent(), mq.losses.double_well(), [1.4], h=0.1, steps=4, flows=["igr"])


def test_a_notebook_shows_table_and_picture():
    html = REPORT._repr_html_()
    assert "<td>igr</td>" in html
    assert 'src="data:image/png;base64,' in html


def test_a_report_without_matplotlib_is_a_table(monkeypatch):
    def missing(*arguments):
        raise ImportError("plots need matplotlib")

    monkeypatch.setattr("modeq.plotting.comparison.new_figure", missing)
    html = REPORT._repr_html_()
    assert "<td>igr</td>" in html
    assert "<img" not in html


def test_names_are_escaped_in_html():
    E = mq.Loss.from_sympy("x**2/2", ["x"], name="<script>")
    assert "<script>" not in mq.iterate(mq.GradientDescent(), E, [1.0], h=0.1, steps=1)._repr_html_()


def test_several_reports_share_one_picture_and_one_legend():
    figure = mq.plotting.plot_comparisons([REPORT, REPORT])
    assert [ax.get_ylabel() for ax in figure.axes] == [ax.get_ylabel() for ax in REPORT.plot().axes] * 2
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["gradient descent", "IGR flow"]


def test_no_report_is_refused():
    with pytest.raises(ValueError, match="no report"):
        mq.plotting.plot_comparisons([])


def test_saved_pictures_have_the_resolution_of_the_style_sheet(tmp_path):
    with mpl.rc_context({"savefig.dpi": 30}):
        figure = REPORT.plot(tmp_path / "small.png")
    with Image.open(tmp_path / "small.png") as picture:
        assert picture.width == pytest.approx(30 * figure.get_size_inches()[0], abs=1)


def test_an_animation_is_a_gif_of_growing_lines(tmp_path):
    animation = REPORT.animate(tmp_path / "run.gif", frames=3, seconds=0.6)
    assert (tmp_path / "run.gif").read_bytes() == animation.gif
    with Image.open(io.BytesIO(animation.gif)) as picture:
        assert (picture.n_frames, picture.info["duration"]) == (3, 200)
        frames = []
        for n in range(3):
            picture.seek(n)
            frames.append(np.asarray(picture.convert("L")).astype(int))
    below = slice(60, None)  # the title, which counts steps, is above
    assert (frames[0][below] != frames[2][below]).any()
    assert "data:image/gif;base64," in animation._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "message"), [({"frames": 1}, "≥ 2"), ({"seconds": 0}, "> 0"), ({"path": "run.mp4"}, r"something\.gif")]
)
def test_an_animation_refuses_what_it_cannot_do(arguments, message):
    with pytest.raises(ValueError, match=message):
        REPORT.animate(**arguments)


def test_a_flow_shows_its_equation_and_picture():
    flow = mq.modified_equation(mq.GradientDescent(), 2).on(mq.losses.double_well())
    html = flow._repr_html_()
    assert "∇²E∇E" in html
    assert 'src="data:image/png;base64,' in html


def test_a_flow_whose_equation_has_no_picture_shows_its_text():
    html = mq.RodFlow().on(mq.losses.double_well())._repr_html_()
    assert "rod flow on" in html
    assert "<img" not in html
