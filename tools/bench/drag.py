"""From a move in the browser to the frame that shows it, model VAE(450), a move every 8 ms for
4 s: the median.  All but the page without a kernel stand in one notebook of JupyterLab."""

import asyncio
import math
import tempfile
import time
from pathlib import Path
from statistics import median

import nbformat
import torch
from playwright.async_api import async_playwright

from ecgae_lib.generator import synthetic
from ecgae_lib.models import VAE
from ecgae_lib.testing.browser import CHROMIUM, OPTIONS, PROJECTOR
from ecgae_lib.testing.lab import KERNEL, TOKEN, running_lab
from ecgae_lib.widgets import LatentPad
from tools.bench.rows import Row

SHOW = """import torch; torch.set_num_threads(1)
from ecgae_lib.generator import synthetic
from ecgae_lib.models import VAE
from ecgae_lib.widgets import LatentPad
torch.manual_seed(0); first = VAE(450)
pad = LatentPad(first, synthetic(60, seed=1)[0])
pad"""
SECONDS, PAUSE = 4, 0.008  # of dragging; between two moves of a usual mouse
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
LINKED = """import traitlets
tied = ipywidgets.FloatSlider(min=-3, max=3, step=0.01)
tied.layout.width = "600px"
there_and_back = (lambda z1: (z1, pad.z[1]), lambda z: z[0])
traitlets.link((tied, "value"), (pad, "z"), transform=there_and_back)
ipywidgets.VBox([tied, pad])"""
PAD, PICTURE = "[data-line=decoded]", ".jp-OutputArea-output:has(.noUi-handle) ~ * , .widget-output"
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


def rows():
    matplotlib, linked, pad, page = asyncio.run(measure())
    slider, tied = "slider and matplotlib", "slider linked to the pad"
    return [
        Row("LatentPad in JupyterLab", pad[0], matplotlib[0], "ms", slider),
        Row("LatentPad in JupyterLab", pad[0], linked[0], "ms", tied),
        Row("LatentPad in a page without kernel", page[0], matplotlib[0], "ms", slider),
        Row("redraws in JupyterLab", pad[1], matplotlib[1], "per s", slider),
        Row("redraws in JupyterLab", pad[1], linked[1], "per s", tied),
    ]


async def measure():
    with tempfile.TemporaryDirectory() as folder:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
            found = [*await in_lab(browser, Path(folder)), await in_page(browser, Path(folder))]
            await browser.close()
    return found


async def in_page(browser, folder):
    torch.manual_seed(0)
    pad = LatentPad(VAE(450), synthetic(400, seed=1)[0])
    page = await browser.new_page(**PROJECTOR)
    await page.goto(pad.save_html(folder / "pad.html").as_uri())
    await page.wait_for_selector("[data-ready]", state="attached")
    return await drag_pad(page)


async def in_lab(browser, folder):
    """All forms in one notebook, one after the other."""
    cells = [nbformat.v4.new_code_cell(code) for code in (SHOW, RIVAL, LINKED)]
    kernel = dict(name="python3", display_name="Python 3", language="python")
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=dict(kernelspec=kernel))
    nbformat.write(notebook, folder / "pad.ipynb")
    with running_lab(folder) as address:
        page = await browser.new_page(**PROJECTOR)
        await page.goto(f"{address}/lab/tree/pad.ipynb?token={TOKEN}")
        idle = f"window.jupyterapp?.{KERNEL}?.status === 'idle'"
        await page.wait_for_function(idle, timeout=60_000)
        await page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")
        await page.wait_for_selector(".noUi-handle >> nth=1", timeout=60_000)
        await page.wait_for_timeout(2000)
        rival = await drag_slider(page, 0, PICTURE)
        linked = await drag_slider(page, 1, f".widget-vbox {PAD}")
        await page.locator(".ecgae-latent-pad").first.scroll_into_view_if_needed()
        return rival, linked, await drag_pad(page)


async def drag_pad(page):
    await page.evaluate(WATCH, PAD)
    box = await page.locator(".ecgae-latent-map .ecgae-area").first.bounding_box()
    return await drag(page, box["x"], box["y"] + box["height"] / 2, box["width"])


async def drag_slider(page, number, watched):
    await page.locator(".noUi-handle").nth(number).scroll_into_view_if_needed()
    await page.evaluate(WATCH, watched)
    handle = await page.locator(".noUi-handle").nth(number).bounding_box()
    middle = handle["y"] + handle["height"] / 2
    return await drag(page, handle["x"] + handle["width"] / 2, middle, 250)


async def drag(page, x, y, width):
    """Move to and fro for some seconds.  Returns median ms and redraws per s."""
    await page.mouse.move(x + 5, y)
    await page.mouse.down()
    tools = await page.context.new_cdp_session(page)
    start, moves = time.perf_counter(), []
    while (spent := time.perf_counter() - start) < SECONDS:
        swing = 0.5 - 0.4 * math.cos(2 * math.pi * spent)  # 0.1 ... 0.9 and back in a second
        event = dict(type="mouseMoved", x=x + swing * width, y=y, button="left", buttons=1)
        moves.append(asyncio.create_task(tools.send("Input.dispatchMouseEvent", event)))
        await asyncio.sleep(PAUSE)  # like a mouse, which does not wait for the page
    log = await page.evaluate("log")
    await asyncio.gather(*moves)
    await page.mouse.up()
    return median(log["latency"]), log["redraws"] / spent
