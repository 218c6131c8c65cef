"""What every widget has: its script and style, a page without a kernel, a repr to compare.

A widget is a folder of small ES modules in static/, joined into one text: nothing is built, nothing
is loaded.  In JupyterLab anywidget runs that text; in a page without a kernel static/host.js does.
"""

import gzip
import json
import os
import re
from base64 import b64encode
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

import anywidget
import traitlets

STATIC = files("ecgae_lib.widgets") / "static"
STYLE = (files("ecgae_lib.widgets") / "style.css").read_text(encoding="utf-8")
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
JUPYTER_TRAITS = {*anywidget.AnyWidget.class_trait_names(), "_esm", "_css", "_anywidget_id"}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 0 auto; padding: 0.8rem; max-width: 110rem; background: #eef1f5; }}
h1 {{ margin: 0 0 0.5rem; font: 700 clamp(1.2rem, 2vw, 2.1rem) system-ui, sans-serif; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #0b0d11; }} }}
</style>
{head}
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


@cache
def bundle(name):
    """One ES module out of static/`name` and everything it imports, each file once.

    Knows the forms that our files use, `import { a, b } from "./file.js";` and `export` before a
    definition, and raises ValueError for any other: what it cannot join must not get through.
    """
    seen, parts = set(), []

    def add(file):
        if file not in seen:
            seen.add(file)
            text = (STATIC / file).read_text(encoding="utf-8")
            for needed in IMPORT.findall(text):
                add(needed)
            parts.append(f"// {file}\n{strip_links(file, text, last=file == name)}")

    add(name)
    return "\n".join(parts)


def strip_links(file, text, last):
    """The text of a module without imports and, unless it is the last one, without exports."""
    text = IMPORT.sub("", text)
    text = re.sub(r"^export (?=(async )?(function|const|class)\b)", "", text, flags=re.MULTILINE)
    left = re.findall(r"^[ \t]*(?:import|export)\b.*", text, re.MULTILINE)
    if left != (["export default { render };"] if last else []):
        raise ValueError(f"static/{file} has import or export lines that cannot be joined: {left}")
    return text


class Widget(anywidget.AnyWidget):
    """A widget of the course.  A subclass gives `script`, its traits and `summary()`.

    script: its module in static/, which ends in `export default { render };`.
    With the environment variable ECGAE_WIDGETS=html a notebook cell stores the widget as HTML
    that lives without a kernel, for `make site`; otherwise it stays small and stores its repr.
    """

    script, _css = None, STYLE

    def __init_subclass__(cls, **kwargs):
        if "script" in cls.__dict__:
            cls._esm = bundle(cls.script)
        for trait in vars(cls).values():
            if isinstance(trait, traitlets.TraitType):
                trait.tag(echo_update=False)  # or an old value comes back into a hand that moves on
        super().__init_subclass__(**kwargs)

    def summary(self):
        """What the repr says in brackets: only what does not change from run to run."""
        return ""

    def __repr__(self):
        return f"{type(self).__name__}({self.summary()})"

    def _repr_mimebundle_(self, **kwargs):
        if os.environ.get("ECGAE_WIDGETS") == "html":
            return {"text/plain": repr(self), "text/html": self.fragment()}, {}
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/plain": repr(self)}, metadata

    def fragment(self):
        """HTML of this widget with its state, for a page that holds `assets()` of its class."""
        ours = set(self.keys) - JUPYTER_TRAITS
        state = {name: getattr(self, name) for name in sorted(ours)}
        text = json.dumps(state, default=packed).replace("<", "\\u003c")
        return (
            f'<div class="ecgae-mount" data-widget="{type(self).__name__}">'
            f'<script type="application/json">{text}</script>'
            f"<noscript>{escape(repr(self))}: this picture needs JavaScript.</noscript></div>"
        )

    @classmethod
    def assets(cls):
        """Style and script of the class: once per page, however many fragments it has."""
        script = bundle(cls.script).replace("export default { render };", "")
        start = f'mount("{cls.__name__}", render);'
        return (
            f"<style>\n{STYLE}\n</style>\n"
            f'<script type="module">\n{script}\n{host()}\n{start}\n</script>'
        )

    def save_html(self, path, title=None):
        """Write one self-contained page that works without a kernel and without a network.

        path: the file to write.  title: heading of the page; the class's name if it is not given.
        Returns the path.
        """
        title = escape(title or type(self).__name__)
        page = PAGE.format(title=title, head=self.assets(), body=self.fragment())
        Path(path).write_text(page, encoding="utf-8")
        return Path(path)


def host():
    """static/host.js, which stands in for Jupyter in a page without a kernel."""
    return strip_links("host.js", (STATIC / "host.js").read_text(encoding="utf-8"), last=False)


def packed(value):
    """Bytes as JSON: compressed, then base64.  host.js unpacks them into a DataView."""
    return {"gzip": b64encode(gzip.compress(bytes(value), mtime=0)).decode()}
