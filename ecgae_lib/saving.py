"""What a notebook keeps of its widgets.  Quick to import: JupyterLab does so when it starts."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def keep_pictures(model, **_):
    """Keep the picture or the text beside a widget, not the widget: it dies with its kernel.

    model: what Jupyter is about to save, as a `pre_save_hook` of its ContentsManager gets it.  In
    the open page the widget lives on.  A notebook that keeps the state of its widgets stays as it
    is, and so does every other file.
    """
    notebook = model["content"] if model["type"] == "notebook" else {}
    if "widgets" in notebook.get("metadata", {}):
        return
    for cell in notebook.get("cells", []):
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
