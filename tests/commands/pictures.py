"""Pictures of the main pages, taken by a real browser at a running installation."""

from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.chromium import OPTIONS, browser_binary

WIDTH, HEIGHT = 1180, 900


def take_pictures(address: str, token: str, pages: dict[str, str], folder: Path) -> list[Path]:
    """Sign in, switch to English, and picture each page, by the name of its file; none where there is no browser."""
    binary, taken = browser_binary(), []
    if binary is None:
        return []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--headless=new", *OPTIONS])
        window = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        window.goto(f"{address}/sign-in")
        window.fill("#token", token)
        window.click("main button")
        if window.locator("html").get_attribute("lang") == "pl":
            window.click(".who button[lang=en]")
        for name, page in pages.items():
            window.goto(address + page)
            taken.append(folder / f"{name}.png")
            window.screenshot(path=taken[-1])
        browser.close()
    return taken
