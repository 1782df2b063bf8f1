"""Pictures of the elements of a page, taken by a Chromium without a window over its DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import shutil
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from benchmarks.pictures_png import indexed

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    Json = dict[str, Any]

NAMES = ("chromium", "chromium-browser", "google-chrome")
PAUSE = 0.05
"""Seconds between looks whether it listens."""
PATIENCE = 120.0
"""Seconds in which the browser must do what it is told."""
BOXES = """document.fonts.ready.then(() => Object.fromEntries([...document.querySelectorAll("[id]")].map(one => {
  const {left, top, right, bottom} = one.getBoundingClientRect();
  const [x, y] = [Math.floor(left + scrollX), Math.floor(top + scrollY)];
  return [one.id, {x, y, width: Math.ceil(right + scrollX) - x, height: Math.ceil(bottom + scrollY) - y}];
})))"""
"""Where each element with an id stands, in whole CSS pixels around it."""

PIXELS = """(async () => {
  const picture = await createImageBitmap(await (await fetch("data:image/png;base64,PNG")).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const reader = new FileReader();
  const read = new Promise(done => reader.onload = done);
  reader.readAsDataURL(new Blob([canvas.getImageData(0, 0, picture.width, picture.height).data]));
  await read;
  return [picture.width, reader.result.split(",")[1]];
})()"""
"""The width of a PNG and its pixels, red, green, blue and alpha of each, in base64."""


def installed() -> str | None:
    """The path of a browser that can take pictures; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


async def pictures(browser: str, page: str, width: int, scale: float) -> dict[str, bytes]:
    """A PNG of each element of a page (HTML) that has an id, on a window `width` CSS pixels wide, `scale` pixels to each of them.

    Raises TimeoutError where the browser does not do as it is told.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        (file := Path(name) / "page.html").write_text(page, "utf-8")
        async with asyncio.timeout(PATIENCE), _started(browser, Path(name)) as address, _opened(address) as tab:
            await tab.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=scale, mobile=False)
            await tab.call("Emulation.setDefaultBackgroundColorOverride", color=dict.fromkeys("rgba", 0))
            await tab.call("Page.enable")
            await tab.call("Page.navigate", url=file.as_uri())
            await tab.event("Page.loadEventFired")
            return {name: await _picture(tab, box) for name, box in (await tab.value(BOXES)).items()}


async def _picture(tab: _Tab, box: Json) -> bytes:
    taken = await tab.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip={**box, "scale": 1})
    width, rgba = await tab.value(PIXELS.replace("PNG", taken["data"]))
    return indexed(base64.b64decode(rgba), width)


@asynccontextmanager
async def _started(browser: str, profile: Path) -> AsyncIterator[str]:
    """The address at which the browser listens while the block runs, with a profile of its own."""
    told = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", "--hide-scrollbars", "--no-first-run"]
    if os.geteuid() == 0:
        told.append("--no-sandbox")  # a browser that runs as root has none
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(browser, *told, "about:blank", stdout=quiet, stderr=quiet)
    try:
        yield await _address(process, profile / "DevToolsActivePort")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _address(process: Process, written: Path) -> str:
    """What the browser writes down once it listens: a port and a path, a line each."""
    while process.returncode is None:
        if len(lines := _lines(written)) > 1:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        await asyncio.sleep(PAUSE)
    message = f"the browser ended with {process.returncode} before it listened"
    raise RuntimeError(message)


def _lines(file: Path) -> list[str]:
    """The lines of a file; none before there is one."""
    return file.read_text("utf-8").splitlines() if file.exists() else []


@asynccontextmanager
async def _opened(address: str) -> AsyncIterator[_Tab]:
    """A new tab of the browser."""
    async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
        browser = _Tab(socket)
        made = await browser.call("Target.createTarget", url="about:blank")
        attached = await browser.call("Target.attachToTarget", targetId=made["targetId"], flatten=True)
        yield _Tab(socket, attached["sessionId"])


class _Tab:
    """A session of the protocol, that of the browser itself without an id: one thing after the other, each waited for."""

    _numbers = itertools.count(1)

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, session: str = "") -> None:
        self._socket = socket
        self._session = {"sessionId": session} if session else {}
        self._events: set[str] = set()

    async def call(self, method: str, **params: object) -> Json:
        """What a method answers. Raises RuntimeError where the browser refuses."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params, **self._session})
        while (told := await self._told()).get("id") != number:
            self._events.add(told.get("method", ""))
        if "error" in told:
            message = f"{method}: {told['error']}"
            raise RuntimeError(message)
        result: Json = told["result"]
        return result

    async def value(self, expression: str) -> Any:  # noqa: ANN401 - whatever JavaScript says
        """The value of an expression in JavaScript, once it is there."""
        answer = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        return answer["result"]["value"]

    async def event(self, name: str) -> None:
        """Return once something has happened."""
        while name not in self._events:
            self._events.add((await self._told()).get("method", ""))

    async def _told(self) -> Json:
        told: Json = await self._socket.receive_json()
        return told
