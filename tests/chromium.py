"""A real browser for the tests: Debian's Chromium, or whichever this machine has, driven by playwright."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache

import pytest
from playwright.async_api import Browser, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")


@lru_cache
def browser_binary() -> str | None:
    """Where the browser is; on a bare Debian or Ubuntu that lets us, it is installed."""
    found = next((path for name in _NAMES if (path := shutil.which(name)) is not None), None)
    if found is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None:
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "--no-install-recommends", "chromium"]):
            subprocess.run(command, check=False, capture_output=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, timeout=170)
        found = next((path for name in _NAMES if (path := shutil.which(name)) is not None), None)
    return found


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A running browser; where none can be had the test is skipped, and says so."""
    binary = browser_binary()
    if binary is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=["--headless=new", *OPTIONS])
        try:
            yield browser
        finally:
            await browser.close()
