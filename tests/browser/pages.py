"""What a widget's page draws, read back from its picture: for the tests in a browser."""

import json
import re
from contextlib import ExitStack
from pathlib import Path

import anywidget
import numpy as np

from ecgae_lib.testing.browser import PROJECTOR, mouse_to, next_frame, quiet_page

WIDGET = "document.querySelector('.ecgae').widget"
PROBES = Path(__file__).with_name("probes.js").read_text(encoding="utf-8")
STARTS = {}
JUPYTER_TRAITS = {*anywidget.AnyWidget.class_trait_names()}
PUT = f"""t => {{
    const {{ model }} = {WIDGET};
    for (const [name, value] of Object.entries(t)) {{
        if (JSON.stringify(model.get(name)) !== JSON.stringify(value)) model.set(name, value);
    }}
}}"""

RESTORE = f"""() => {{  // what Python does not know that a test has changed
    const {{ model, opened }} = {WIDGET};
    for (const name of Object.keys(opened)) {{
        if (name[0] === "_" && model.get(name) !== opened[name]) model.set(name, opened[name]);
    }}
}}"""


def points_of(d):
    """x and y of the points of a line, in data units: (2, L)."""
    return np.array([point.split() for point in re.split("[ML]", d)[1:]], float).T


def digits(text):
    """The numbers in a text; a minus is a minus."""
    return [float(v) for v in re.findall(r"-?\d+(?:\.\d+)?", text.replace("\u2212", "-"))]


def traits_of(widget):
    """All that Python and page share and a reader may set."""
    names = [n for n in widget.keys if n not in JUPYTER_TRAITS and n[0] != "_"]
    return {name: getattr(widget, name) for name in names}


def start_of(widget):
    """Its traits before any test has changed them."""
    return STARTS.setdefault(id(widget), traits_of(widget))


class Shelf:
    """Pages that stay open, one for each widget and screen: opening costs more than using."""

    def __init__(self, browser, folder):
        self.browser, self.folder, self.stack = browser, folder, ExitStack()
        self.pages = {}

    def take(self, widget, screen=PROJECTOR):
        """The page of the widget, as it was when it was opened."""
        key = id(widget), json.dumps(screen)
        if key not in self.pages:
            path = widget.save_html(self.folder / f"{len(self.pages)}.html")
            page = self.stack.enter_context(quiet_page(self.browser, path.as_uri(), **screen))
            self.pages[key] = Opened(page, widget, start_of(widget))
        self.pages[key].reset()
        return self.pages[key]


class Opened:
    """The page of one saved widget."""

    def __init__(self, page, widget, start):
        self.page, self.widget, self.start = page, widget, start
        self.size, self.touched = page.viewport_size, page.evaluate("navigator.maxTouchPoints > 0")
        page.set_default_timeout(5000)
        page.add_script_tag(content=PROBES)
        page.wait_for_selector("[data-ready]", state="attached")
        next_frame(page)
        page.evaluate(f"{WIDGET}.opened = {{ ...{WIDGET}.model.state }}")

    def reset(self):
        self.page.faults.clear()
        self.page.mouse.up()
        self.page.evaluate(f"{WIDGET}.stage.leave()")
        self.page.set_viewport_size(self.size)
        self.page.emulate_media(
            color_scheme="light", forced_colors="none", reduced_motion="no-preference"
        )
        self.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        self.page.evaluate(RESTORE)
        self.show()

    def show(self, **traits):
        """Set traits in Python, all others as at the start, and wait until that is drawn."""
        with self.widget.hold_trait_notifications():  # they are checked together
            for name, value in (self.start | traits).items():
                setattr(self.widget, name, value)
        self.put(**traits_of(self.widget))

    def put(self, **traits):
        """Set traits of the page alone, and wait until that is drawn."""
        self.page.evaluate(PUT, traits)
        next_frame(self.page)

    def get(self, name):
        """A trait of the page, or a part of it such as "z[2]"."""
        name, bracket, part = name.partition("[")
        return self.page.evaluate(f"{WIDGET}.model.get('{name}'){bracket}{part}")

    def check(self, atol=1e-6, **traits):
        """The page's traits are these, numbers to within `atol`."""
        for name, value in traits.items():
            found = self.get(name)
            if np.asarray(value).dtype.kind in "if":
                np.testing.assert_allclose(np.array(found, float), value, atol=atol, err_msg=name)
            else:
                assert found == (list(value) if isinstance(value, tuple) else value), name

    def text(self, selector, number=0):
        return self.page.locator(selector).nth(number).text_content().replace("\u2212", "-")

    def attributes(self, selector, *names):
        """Numbers that are attributes of an element."""
        node = self.page.locator(selector).first
        return [float(node.get_attribute(name)) for name in names]

    def click(self, name):
        """Press the button of this name."""
        self.page.get_by_role("button", name=name, exact=True).click()
        next_frame(self.page)

    def choose(self, name, option):
        """Choose from the menu of this name."""
        self.page.get_by_role("combobox", name=name).select_option(option)
        next_frame(self.page)

    def press(self, *keys, at=None, number=0):
        """Press keys, at an element if one is given, and wait until that is drawn."""
        if at:
            self.page.locator(at).nth(number).focus()
        for key in keys:
            self.page.keyboard.press(key)
        next_frame(self.page)

    def focused(self):
        """Whether anything has the focus."""
        return self.page.evaluate("document.activeElement !== document.body")

    def line(self, selector, number=0):
        """The voltages (mV) of a line as they stand in the picture."""
        return points_of(self.page.locator(selector).nth(number).get_attribute("d"))[1]

    def points(self, selector):
        """Where the marks of a path begin, in pixels of its plot."""
        d = self.page.locator(selector).first.get_attribute("d")
        return np.array([p.split() for p in re.findall(r"M([-\d.]+[ ,][-\d.]+)", d)], float)

    def corners(self, selector):
        """The corners of a path of straight lines, in pixels of its plot."""
        d = self.page.locator(selector).first.get_attribute("d")
        return np.array([p.split(",") for p in re.split("[ML]", d)[1:]], float)

    def pixels(self, plot, points):
        """Where the axes of a part of the widget, such as "map", put points, in pixels."""
        found = self.page.evaluate(
            f"points => points.map((p) => {WIDGET}.{plot}.axes.px(...p))",
            [[float(v) for v in p] for p in points],
        )
        return np.array(found)

    def window(self, plot, point):
        """Where a point of a plot lies in the window."""
        left, top = self.page.evaluate(
            f"""() => {{
                const {{ parent, box }} = {WIDGET}.{plot}.axes;
                const {{ left, top }} = parent.getBoundingClientRect();
                return [left + box.left, top + box.top];
            }}"""
        )
        x, y = self.pixels(plot, [point])[0]
        return left + x, top + y

    def middle(self, selector, number=0):
        """Where the middle of an element lies in the window."""
        box = self.page.locator(selector).nth(number).bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def tap(self, place):
        """Click with the mouse, or tap with a finger where there is no mouse."""
        (self.page.touchscreen.tap if self.touched else self.page.mouse.click)(*place)
        next_frame(self.page)

    def drag(self, *places, off=(0, 0)):
        """Take the mouse down at the first place and through the others; it stays down."""
        for n, (x, y) in enumerate(places):
            mouse_to(self.page, x + off[0], y + off[1], steps=3 if n else 1)
            if not n:
                self.page.mouse.down()
        next_frame(self.page)

    def finger(self, *places):
        """The same with a finger, which is lifted in the end."""
        session = self.page.context.new_cdp_session(self.page)
        for n, (x, y) in enumerate(places):
            kind = "touchMove" if n else "touchStart"
            touch = dict(type=kind, touchPoints=[dict(x=x, y=y)])
            session.send("Input.dispatchTouchEvent", touch)
            next_frame(self.page)
        session.send("Input.dispatchTouchEvent", dict(type="touchEnd", touchPoints=[]))
        next_frame(self.page)

    def canvas(self):
        """The colours under the map: (size, size, 4)."""
        data = self.page.evaluate(
            f"""() => {{
                const {{ canvas }} = {WIDGET}.map;
                const copy = new OffscreenCanvas(canvas.width, canvas.height);
                const context = copy.getContext("2d", {{ willReadFrequently: true }});
                context.drawImage(canvas, 0, 0);
                return Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data);
            }}"""
        )
        size = int((len(data) / 4) ** 0.5)
        return np.reshape(data, (size, size, 4)).astype(int)
