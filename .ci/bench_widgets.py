"""From the hand to the picture: how long a drag takes to redraw, in JupyterLab and in a page.

python .ci/bench_widgets.py        (needs Chromium; about one minute)

The rival, in the same JupyterLab: a slider of ipywidgets and matplotlib in an Output.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import nbformat
import torch
from bench_tools import table
from playwright.sync_api import sync_playwright

from ecgae_lib.beats import synthetic
from ecgae_lib.models import VAE
from ecgae_lib.widgets import LatentPad

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from browser import CHROMIUM, OPTIONS, PROJECTOR
from test_jupyterlab import KERNEL, SHOW, TOKEN, running_lab

SECONDS, STEPS = 4, 60  # of dragging; moves from one side to the other
RIVAL = """import ipywidgets, matplotlib.pyplot as plt
from IPython.display import clear_output, display
slider, out = ipywidgets.FloatSlider(min=-3, max=3, step=0.01), ipywidgets.Output()
slider.layout.width = "600px"
def draw(change=None):
    with out, torch.no_grad():
        clear_output(wait=True)
        fig, ax = plt.subplots(figsize=(7, 4))
        ax.plot(first.decode(torch.tensor([[slider.value, 0.0]]))[0, 0])
        ax.set(ylim=(-1, 2), xlabel="sample", ylabel="mV")
        plt.show()
slider.observe(draw, "value"); draw()
display(slider, out)"""
# Time from the arrival of a move in the browser to the frame that shows its effect.  The pad draws
# inside a frame, which is shown right after; an image must be decoded and wait for the next frame.
WATCH = """(selector) => {
    const log = (window.log = { latency: [], redraws: 0 });
    let moved = 0;
    addEventListener("pointermove", (e) => { moved ||= e.timeStamp; }, true);
    const shown = (since) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => log.latency.push(performance.now() - since);
        port2.postMessage(0);
    };
    const place = document.querySelector(selector);
    new MutationObserver(async () => {
        const since = moved;
        const image = place.querySelector("img");
        moved = 0;
        if (image?.src === log.src && image) return;
        log.src = image?.src;
        log.redraws++;
        await image?.decode();
        if (!since) return;
        if (image) requestAnimationFrame(() => shown(since));
        else shown(since);
    }).observe(place, { subtree: true, childList: true, attributes: true });
}"""


def main():
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        rows = [*in_lab(browser, Path(folder)), in_page(browser, Path(folder))]
        browser.close()
    print("Drag to redraw, model VAE(450)")
    table(["form", "median ms", "p95 ms", "redraws per s", "moves per s"], rows)


def in_page(browser, folder):
    torch.manual_seed(0)
    pad = LatentPad(VAE(450), synthetic(400, seed=1)[0])
    page = browser.new_page(**PROJECTOR)
    page.goto(pad.save_html(folder / "pad.html").as_uri())
    page.wait_for_selector("[data-ready]", state="attached")
    return "LatentPad, page without a kernel", *drag_pad(page)


def in_lab(browser, folder):
    """Both forms in one notebook, one after the other."""
    cells = [nbformat.v4.new_code_cell(code) for code in (SHOW, RIVAL)]
    kernel = dict(name="python3", display_name="Python 3", language="python")
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=dict(kernelspec=kernel))
    nbformat.write(notebook, folder / "pad.ipynb")
    with running_lab(folder) as address:
        page = browser.new_page(**PROJECTOR)
        page.goto(f"{address}/lab/tree/pad.ipynb?token={TOKEN}")
        page.wait_for_function(f"window.jupyterapp?.{KERNEL}?.status === 'idle'", timeout=60_000)
        page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
        page.wait_for_selector(".noUi-handle", timeout=60_000)
        page.wait_for_timeout(2000)
        page.locator(".noUi-handle").scroll_into_view_if_needed()
        yield "ipywidgets slider and matplotlib, JupyterLab", *drag_slider(page)
        page.locator(".latent-pad").scroll_into_view_if_needed()
        yield "LatentPad, JupyterLab", *drag_pad(page)


def drag_pad(page):
    page.evaluate(WATCH, ".latent-pad [data-line=decoded]")
    box = page.locator(".latent-map .area").bounding_box()
    return drag(page, box["x"], box["y"] + box["height"] / 2, box["width"])


def drag_slider(page):
    page.evaluate(WATCH, ".jp-OutputArea-output:has(.noUi-handle) ~ * , .widget-output")
    handle = page.locator(".noUi-handle").bounding_box()
    middle = handle["y"] + handle["height"] / 2
    return drag(page, handle["x"] + handle["width"] / 2, middle, 250)


def drag(page, x, y, width):
    """Move to and fro for some seconds.  Returns median, 95th percentile, redraws/s and moves/s."""
    page.mouse.move(x + 5, y)
    page.mouse.down()
    start, sweeps = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:  # each step waits for the page to take it
        sweeps += 1
        page.mouse.move(x + (0.9 if sweeps % 2 else 0.1) * width, y, steps=STEPS)
    spent = time.perf_counter() - start
    log = page.evaluate("log")
    page.mouse.up()
    latency = log["latency"]
    return (
        median(latency),
        quantiles(latency, n=20)[-1],
        log["redraws"] / spent,
        sweeps * STEPS / spent,
    )


if __name__ == "__main__":
    main()
