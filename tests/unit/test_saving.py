"""What a notebook keeps of its widgets when JupyterLab saves it."""

import copy

import pytest

from ecgae_lib.saving import WIDGET_VIEW, keep_pictures

PICTURE = {"image/png": "iVBOR", "text/plain": "a pad"}
SPOKEN = {"name": "stdout", "text": "a beat"}
CELLS = [
    {"outputs": [{"data": {WIDGET_VIEW: {"model_id": "7"}} | PICTURE}, dict(SPOKEN)]},
    {"source": "# a title"},
    {"outputs": [{"data": dict(PICTURE)}, {"data": {WIDGET_VIEW: {"model_id": "8"}}}]},
]
CELLS_KEPT = [
    {"outputs": [{"data": PICTURE}, SPOKEN]},
    {"source": "# a title"},
    {"outputs": [{"data": PICTURE}, {"data": {}}]},
]
STATE = {"metadata": {"widgets": {}}, "cells": CELLS}


@pytest.mark.parametrize(
    ("kind", "content", "kept"),
    [
        ("notebook", {"metadata": {}, "cells": CELLS}, {"metadata": {}, "cells": CELLS_KEPT}),
        ("notebook", {"cells": CELLS}, {"cells": CELLS_KEPT}),
        ("notebook", STATE, STATE),  # its widgets can be shown again
        ("notebook", {}, {}),
        ("file", {"cells": CELLS}, {"cells": CELLS}),
        ("directory", None, None),
    ],
)
def test_a_saved_notebook_keeps_pictures_and_texts_of_its_widgets(kind, content, kept):
    model = {"type": kind, "content": copy.deepcopy(content)}
    keep_pictures(model, path="mine.ipynb", contents_manager=None)
    assert model == {"type": kind, "content": kept}
