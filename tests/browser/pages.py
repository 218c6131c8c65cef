"""What a widget's page draws, read back from its picture: for the tests in a browser."""

import re

import numpy as np

from ecgae_lib.testing.browser import mouse_to, next_frame, quiet_page, sideways

WIDGET = "document.querySelector('.ecgae').widget"


def voltages(page, selector, number=0):
    """The y of a line's points as they stand in the picture: mV."""
    d = page.locator(selector).nth(number).get_attribute("d")
    return np.array([point.split()[1] for point in re.split("[ML]", d)[1:]], float)


class Opened:
    """The page of one saved widget."""

    def __init__(self, page):
        self.page = page
        page.wait_for_selector("[data-ready]", state="attached")
        next_frame(page)

    def get(self, name):
        return self.page.evaluate(f"{WIDGET}.model.get('{name}')")

    def put(self, **traits):
        """Set traits as Python would, and wait until that is drawn."""
        for name, value in traits.items():
            self.page.evaluate(f"value => {WIDGET}.model.set('{name}', value)", value)
        next_frame(self.page)

    def check_keys(self, selector="button, select, input"):
        """Every focus says that it keeps its keys, and no key leaves the widget.

        Returns how many elements take the focus.
        """
        self.page.evaluate("window.heard = 0; addEventListener('keydown', () => heard++)")
        targets = self.page.locator(selector).all()
        for target in targets:
            assert target.get_attribute("data-lm-suppress-shortcuts") == "true"
            target.focus()
            self.page.keyboard.press("a")
        assert self.page.evaluate("heard") == 0
        return len(targets)

    def line(self, selector, number=0):
        """The voltages (mV) of a line as they stand in the picture."""
        return voltages(self.page, selector, number)

    def points(self, selector):
        """Where the marks of a path begin, in pixels of its plot."""
        d = self.page.locator(selector).first.get_attribute("d")
        return np.array([p.split() for p in re.findall(r"M([-\d.]+[ ,][-\d.]+)", d)], float)

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

    def drag(self, plot, *points):
        """Take the mouse down at the first point and through the others; it stays down."""
        mouse_to(self.page, *self.window(plot, points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            mouse_to(self.page, *self.window(plot, point), steps=3)
        next_frame(self.page)

    def touch_and_drag(self, plot, *points):
        """The same with a finger, which is lifted in the end."""
        finger = self.page.context.new_cdp_session(self.page)
        places = [self.window(plot, p) for p in points]
        for n, (x, y) in enumerate(places):
            kind = "touchMove" if n else "touchStart"
            finger.send("Input.dispatchTouchEvent", dict(type=kind, touchPoints=[dict(x=x, y=y)]))
            next_frame(self.page)
        finger.send("Input.dispatchTouchEvent", dict(type="touchEnd", touchPoints=[]))
        next_frame(self.page)

    def spoken(self, words):
        """Wait until the live region says these words; return all it says."""
        heard = "words => document.querySelector('[aria-live]').textContent.includes(words)"
        self.page.wait_for_function(heard, arg=words, timeout=5000)
        return self.page.text_content("[aria-live=polite]")

    def check_phone(self):
        """Nothing is wider than the screen, and what can be touched is large enough."""
        assert sideways(self.page) <= 0
        for target in self.page.locator("button, select, input[type=range], .ecgae-handle").all():
            assert target.bounding_box()["height"] >= 44


WIDTHS = [320, 600, 720, 1024, 1280, 1920]


def check_width(browser, widget, folder, width):
    """On a window of this width nothing lies beside the widget."""
    with saved(browser, widget, folder, viewport=dict(width=width, height=800)) as page:
        Opened(page)
        assert sideways(page) <= 0
        whole = page.locator(".ecgae").bounding_box()
        for part in page.locator(
            ".ecgae :is(button, select, input, .ecgae-fact, .ecgae-axes, .ecgae-chip)"
        ).all():
            box = part.bounding_box()
            right = whole["x"] + whole["width"] + 1
            assert whole["x"] <= box["x"] and box["x"] + box["width"] <= right


def saved(browser, widget, folder, **settings):
    """A context with the page of a widget, which must stay quiet."""
    path = widget.save_html(folder / f"{type(widget).__name__}.html")
    return quiet_page(browser, path.as_uri(), **settings)
