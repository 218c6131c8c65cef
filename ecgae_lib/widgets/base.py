"""What every widget has: its script and style, a page without a kernel, a repr to compare.

A widget is a folder: its Python, and beside it small ES modules, which are joined with those of
shared/ into one text.  Nothing is built, nothing is loaded.  In JupyterLab anywidget runs that
text; in a page without a kernel shared/host.js does.
"""

import gzip
import inspect
import json
import math
import os
import re
from base64 import b64encode
from collections import Counter
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from ipywidgets import ValueWidget

from ecgae_lib.storage import write_whole
from ecgae_lib.widgets import stills

HERE = Path(__file__).parent
STYLE = (HERE / "style.css").read_text(encoding="utf-8")  # of all widgets, in one order
IMPORT = re.compile(r'^import (\{[\w\s,]+\}) from "(\.[\w./]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)
PACKED = re.compile(r'\{"gzip": ("[\w+/=]+")\}')  # what `packed` makes, in a fragment
LAST = re.compile(r"^export default (?=widget\(\w+\);$)", re.MULTILINE)
POLICY = (  # the widgets' script may run, known by its hash; no other, and it asks nobody
    "default-src 'none'; script-src 'sha256-{}' blob:; worker-src blob:; "
    "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
)
JUPYTER_TRAITS = {*anywidget.AnyWidget.class_trait_names(), "_esm", "_css", "_anywidget_id"}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
body {{ margin: 0 auto; padding: 0.8rem; max-width: 110rem; background: #eef1f5; }}
h1 {{ margin: 0 0 0.5rem; font: 700 clamp(1.2rem, 2vw, 2.1rem) system-ui, sans-serif; }}
@media (min-width: 44rem) {{ html {{ scroll-padding-top: 5rem; }} }}
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
def bundle(script):
    """One ES module out of the file `script` and everything it imports, each file once."""
    names, parts = joined(script)
    return "\n".join([*parts, f"export default {names[script]}.view;"])


def joined(*scripts):
    """{file: name} and definitions of the scripts and everything they import, each file once.

    Every file becomes a function of its own, so that their names do not meet.  Knows the forms that
    our files use, `import { a, b } from "./file.js";`, `export` before a definition and at last
    `export default widget(View);`, and raises ValueError for any other: what it cannot join must
    not get through.
    """
    names, parts = {}, []  # of the files that are joined, each after what it needs

    def name_of(file):
        if file not in names:
            link = "const {} = {};".format
            text = LAST.sub("export const view = ", file.read_text(encoding="utf-8"))
            text = IMPORT.sub(lambda m: link(m[1], name_of((file.parent / m[2]).resolve())), text)
            text = closed(file, text)
            names[file] = f"module_{len(names)}"
            parts.append(f"const {names[file]} = {text};")
        return names[file]

    for script in scripts:
        name_of(script)
    return names, parts


def closed(file, text):
    """A module without imports as a function that is called: its value holds what it exports."""
    inside = EXPORT.sub("", text)
    left = re.findall(r"^[ \t]*(?:import|export)\b.*", inside, re.MULTILINE)
    if left:
        raise ValueError(f"{file.name} has import or export lines that cannot be joined: {left}")
    names = ", ".join(EXPORT.findall(text))
    return f"(() => {{ // {file.parent.name}/{file.name}\n{inside}return {{ {names} }};\n}})()"


class Widget(anywidget.AnyWidget):
    """A widget of the course.  A subclass gives `script`, its traits and `summary()`.

    script: its module in the folder of the subclass; it ends in `export default widget(View);`.
    alt: a sentence that says what its `still()` shows, if it has one.
    With the environment variable ECGAE_WIDGETS=html a notebook cell stores the widget as HTML
    that lives without a kernel, for `make site`; otherwise it stays small and stores its repr.
    """

    script, alt, _css = None, None, STYLE

    def __init_subclass__(cls, **kwargs):
        if "script" in cls.__dict__:
            cls._source = (Path(inspect.getfile(cls)).parent / cls.script).resolve()
            cls._esm = bundle(cls._source)
        for trait in vars(cls).values():
            if isinstance(trait, traitlets.TraitType):
                trait.tag(echo_update=False)  # or an old value comes back into a hand that moves on
        super().__init_subclass__(**kwargs)

    def __init__(self, **traits):
        for name in traits.keys() - self.trait_names():
            known = sorted({*self.trait_names(sync=True)} - JUPYTER_TRAITS)
            known = ", ".join(name for name in known if not name.startswith("_"))
            raise TypeError(f"{type(self).__name__} has no {name!r}: expected one of {known}")
        super().__init__(**traits)

    def summary(self):
        """What the repr says in brackets: only what does not change from run to run."""
        return ""

    def __repr__(self):
        return f"{type(self).__name__}({self.summary()})"

    def _repr_mimebundle_(self, **kwargs):
        if os.environ.get("ECGAE_WIDGETS") == "html":
            return {"text/plain": repr(self), "text/html": self.fragment()}, {}
        data, metadata = super()._repr_mimebundle_(**kwargs)
        still, of_still = stills.outputs(self.still, self.alt, [repr(self)])
        return data | {"text/plain": repr(self)} | still, metadata | of_still

    def still(self):
        """A matplotlib Figure of what is shown now, or None: for where no Python runs."""
        return None

    def get_state(self, key=None, drop_defaults=False):
        """What a page gets, as ipywidgets asks for it.  Raises ValueError for NaN or infinity."""
        state = super().get_state(key, drop_defaults)
        for name in state.keys() - JUPYTER_TRAITS:
            check_finite(state[name], f"{name} of the {type(self).__name__}")
        return state

    def fragment(self):
        """HTML of this widget with its state, for a page that holds the `assets` of its class.

        Raises ValueError for NaN or infinity in it, which no page could read.
        """
        state = self.get_state(sorted(set(self.keys) - JUPYTER_TRAITS))
        text = json.dumps(state, default=packed).replace("<", "\\u003c")
        return (
            f'<div class="ecgae-mount" data-widget="{type(self).__name__}">'
            f'<script type="application/json">{text}</script>'
            f"<noscript>{escape(repr(self))}: this picture needs JavaScript.</noscript></div>"
        )

    def save_html(self, path, title=None):
        """Write one self-contained page that works without a kernel and without a network.

        path: the file to write.  title: heading of the page; the class's name if it is not given.
        Returns the path.  The file is written whole or not at all; the page may ask
        nobody for anything.  Raises ValueError for NaN or infinity in what is shown.
        """
        title = escape(title or type(self).__name__)
        return write_whole(path, page(title, assets(type(self)), self.fragment()).encode())


class Valued(Widget, ValueWidget):
    """A widget with a `value`, as `ipywidgets.interact`, `interactive_output` and `link` want it.

    valued: the trait of which `value` is another name.  Only Python knows it: `jslink` takes the
    trait itself.
    """

    valued = "z"

    def __init__(self, **traits):
        if "value" in traits:
            traits[self.valued] = traits.pop("value")
        self.observe(self._say_value, self.valued)
        super().__init__(**traits)

    def _say_value(self, _):
        self.set_trait("value", getattr(self, self.valued))  # it may have moved on since the change

    @traitlets.default("value")
    def _what_it_names(self):
        return getattr(self, self.valued)

    @traitlets.validate("value")
    def _checked_as_what_it_names(self, proposal):
        setattr(self, self.valued, proposal.value)
        return getattr(self, self.valued)


def assets(*kinds):
    """Style and script of some widgets: once per page, however many fragments it has."""
    host = HERE / "shared" / "host.js"  # it stands in for Jupyter
    names, parts = joined(host, *(kind._source for kind in kinds))
    views = ", ".join(f"{kind.__name__}: {names[kind._source]}.view" for kind in kinds)
    script = "\n".join([*parts, f"{names[host]}.mount({{ {views} }});"])
    return f'<style>\n{STYLE}\n</style>\n<script type="module">\n{script}\n</script>'


def page(title, head, body):
    """A page of its own with `assets` in its head and fragments in its body."""
    script = re.search(r'<script type="module">(.*?)</script>', head, re.DOTALL)[1]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return PAGE.format(title=title, head=head, body=body, policy=POLICY.format(digest))


def check_finite(value, where):
    """Raise ValueError, saying where, if a number in lists and dictionaries is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(
            f"{where} is {value}: a page shows finite numbers only; look for NaN and infinity in "
            "the beats, and train the model again, with a lower lr"
        )
    if isinstance(value, dict):
        for name, part in value.items():
            check_finite(part, f"{name} in {where}")
    elif isinstance(value, list | tuple):
        for part in value:
            check_finite(part, where)


def finite(value):
    """Numbers of a trait as an array; an empty one for what is no array of finite numbers."""
    try:
        numbers = np.array(value, dtype=float)
    except (TypeError, ValueError):
        return np.empty(0)
    return numbers if np.isfinite(numbers).all() else np.empty(0)


def packed(value):
    """Bytes as JSON: compressed, then base64.  host.js unpacks them into a DataView."""
    level = 6 if len(value) > 500_000 else 9  # 9: seven times as long, for 2 % less
    return {"gzip": b64encode(gzip.compress(bytes(value), level, mtime=0)).decode()}


def share(body):
    """The body of a page, in which bytes that its fragments hold more than once stand once."""
    counts = Counter(PACKED.findall(body))
    several = [text for text, count in counts.items() if count > 1]
    if not several:
        return body
    places = {text: place for place, text in enumerate(several)}
    body = PACKED.sub(lambda match: f'{{"gzip": {places.get(match[1], match[1])}}}', body)
    shared = f"[{', '.join(several)}]"
    return f'<script type="application/json" id="ecgae-shared">{shared}</script>\n{body}'
