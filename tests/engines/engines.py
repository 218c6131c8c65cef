"""Chromium, Firefox and WebKit under one hand: what a reader does to a page, in any of them.

Playwright drives Debian's Chromium.  Firefox listens to WebDriver BiDi by itself, WebKit to
WebDriver by its own driver: both are W3C standards, with the same words for what a hand does.
"""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from http.client import HTTPConnection

from websocket import create_connection

from ecgae_lib.testing.browser import CHROMIUM, next_frame, quiet_page

SCREEN = dict(width=1280, height=720)
KEYS = dict(Shift="\ue008", Escape="\ue00c", Home="\ue011", ArrowLeft="\ue012", ArrowUp="\ue013")
KEYS |= dict(ArrowRight="\ue014", ArrowDown="\ue015")
ANSWER = """return (async () => {
    const asked = %s;
    return JSON.stringify((await (typeof asked === "function" ? asked(%s) : asked)) ?? null);
})()"""
# WebKit's driver tells of no error and no request: the page is asked to, before its first line.
WATCH = """<!doctype html><script>
window.faults = [];
for (const kind of ["error", "warn"]) {
    const was = console[kind];
    console[kind] = (...words) => { faults.push(words.join(" ")); was.apply(console, words); };
}
addEventListener("error", (e) => faults.push(e.message ?? `${e.target.localName} failed`), true);
addEventListener("unhandledrejection", (e) => faults.push(String(e.reason)));
addEventListener("securitypolicyviolation", (e) => faults.push(`asks for ${e.blockedURI}`));
</script><meta http-equiv="Content-Security-Policy"
content="default-src data: blob: 'unsafe-inline' 'unsafe-eval'">"""


class Chromium:
    touches = True
    programs = (CHROMIUM or "chromium",)
    install = "chromium"

    def __init__(self, folder, request):
        self.browser, self.stack = request.getfixturevalue("browser"), ExitStack()

    def open(self, path):
        self.stack.close()
        settings = dict(viewport=SCREEN, has_touch=True, bypass_csp=False)
        self.page = self.stack.enter_context(quiet_page(self.browser, path.as_uri(), **settings))

    def faults(self):
        return self.page.faults

    def evaluate(self, script, arg=None):
        return self.page.evaluate(script, arg)

    def picture(self):
        return self.page.screenshot()

    def press(self, key):
        self.page.keyboard.press(key)

    def drag(self, *places):
        for n, (x, y) in enumerate(places):
            self.page.mouse.move(x, y)
            if n == 0:
                self.page.mouse.down()
        self.page.mouse.up()

    def finger(self, *places):
        send = self.page.context.new_cdp_session(self.page).send
        for n, (x, y) in enumerate(places):
            kind = "touchMove" if n else "touchStart"
            send("Input.dispatchTouchEvent", dict(type=kind, touchPoints=[dict(x=x, y=y)]))
        send("Input.dispatchTouchEvent", dict(type="touchEnd", touchPoints=[]))

    def close(self):
        self.stack.close()


class Standard:
    """A hand in the words of W3C; a driver adds `act`, `ask`, `open` and the like."""

    def press(self, key):
        keys = [KEYS.get(part, part) for part in key.split("+")]
        down = [dict(type="keyDown", value=part) for part in keys]
        up = [dict(type="keyUp", value=part) for part in reversed(keys)]
        self.act(dict(type="key", id="keys", actions=down + up))

    def drag(self, *places, kind="mouse"):
        moves = [
            dict(type="pointerMove", x=round(x), y=round(y), duration=20 if n else 0)
            for n, (x, y) in enumerate(places)
        ]
        moves.insert(1, dict(type="pointerDown", button=0))
        moves.append(dict(type="pointerUp", button=0))
        hand = dict(type="pointer", id=kind, parameters=dict(pointerType=kind), actions=moves)
        self.act(hand)

    def finger(self, *places):
        self.drag(*places, kind="touch")


class Firefox(Standard):
    touches = True
    programs = ("firefox-esr",)
    install = "firefox-esr"

    def __init__(self, folder, request=None):
        start = ["firefox-esr", "--headless", "--remote-debugging-port", "0", "--profile", folder]
        self.process = subprocess.Popen(start, stderr=subprocess.PIPE, text=True)
        address = None
        while not address:
            line = self.process.stderr.readline()
            assert line, "Firefox ended before it listened"
            address = re.search(r"ws://\S+", line)
        self.socket = create_connection(f"{address[0]}/session", 60, suppress_origin=True)
        self.sent, self.events = 0, []
        self.ask("session.new", capabilities={})
        self.tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]
        self.ask("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self.ask("browsingContext.setViewport", context=self.tab, viewport=SCREEN)

    def ask(self, method, **params):
        self.sent += 1
        self.socket.send(json.dumps(dict(id=self.sent, method=method, params=params)))
        while (answer := json.loads(self.socket.recv())).get("id") != self.sent:
            self.events.append(answer.get("params", {}))
        assert answer["type"] == "success", answer
        return answer["result"]

    def open(self, path):
        self.events.clear()
        self.ask("browsingContext.navigate", context=self.tab, url=path.as_uri(), wait="complete")

    def faults(self):
        self.evaluate("0")  # what was noted before has arrived then
        said = [e["text"] for e in self.events if e.get("level") in ("error", "warn")]
        asked = [e["request"]["url"] for e in self.events if "request" in e]
        return said + [f"asks for {url[:200]}" for url in asked if not url.startswith("data:")]

    def evaluate(self, script, arg=None):
        body = f"(() => {{ {ANSWER % (script, json.dumps(arg))} }})()"
        settings = dict(expression=body, awaitPromise=True, target=dict(context=self.tab))
        answer = self.ask("script.evaluate", **settings)
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def act(self, hand):
        self.ask("input.performActions", context=self.tab, actions=[hand])

    def picture(self):
        answer = self.ask("browsingContext.captureScreenshot", context=self.tab)
        return base64.b64decode(answer["data"])

    def close(self):
        self.ask("browser.close")
        self.process.wait(30)


class WebKit(Standard):
    """The engine of iPhones.  It has no window without a screen, which Xvfb draws."""

    touches = False  # its driver moves the mouse instead
    programs = ("WebKitWebDriver", "xvfb-run")
    install = "webkit2gtk-driver xvfb"

    def __init__(self, folder, request=None):
        self.folder, self.session = folder, ""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        start = ["xvfb-run", "-a", "-s", "-screen 0 1600x1200x24"]
        start += ["WebKitWebDriver", f"--port={self.port}"]
        self.process = subprocess.Popen(start, start_new_session=True)
        self.wait()
        self.session = f"/session/{self.ask('/session', capabilities={})['sessionId']}"
        bars = 0
        for _ in range(2):  # the second time with what its bars take
            self.ask("/window/rect", width=SCREEN["width"], height=SCREEN["height"] + bars)
            bars = SCREEN["height"] + bars - self.evaluate("innerHeight")

    def wait(self):
        for _ in range(300):
            try:
                return self.ask("/status", method="GET")
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("WebKitWebDriver does not listen after 30 s")

    def ask(self, path, method="POST", **body):
        link = HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.request(method, self.session + path, json.dumps(body) if method == "POST" else None)
        with link.getresponse() as response:
            answer = json.load(response)["value"]
        assert response.status == 200, answer
        return answer

    def open(self, path):
        copy = self.folder / path.name
        text = path.read_text(encoding="utf-8")
        assert text.lower().startswith("<!doctype html>")
        copy.write_text(WATCH + text[len("<!doctype html>") :], encoding="utf-8")
        self.ask("/url", url=copy.as_uri())

    def faults(self):
        return self.evaluate("window.faults")

    def evaluate(self, script, arg=None):
        body = ANSWER % (script, json.dumps(arg))
        return json.loads(self.ask("/execute/sync", script=body, args=[]))

    def act(self, hand):
        self.ask("/actions", actions=[hand])

    def picture(self):
        return base64.b64decode(self.ask("/screenshot", method="GET"))

    def close(self):
        self.ask("", method="DELETE")
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)


ENGINES = (Chromium, Firefox, WebKit)


def wait_for(engine, condition):
    """Wait until a condition of the page holds, 20 s at most, and until that is drawn."""
    script = f"""async () => {{
        const end = performance.now() + 20_000;
        while (!({condition}) && performance.now() < end) await new Promise(requestAnimationFrame);
        return {condition};
    }}"""
    assert engine.evaluate(script), engine.faults()
    next_frame(engine)
