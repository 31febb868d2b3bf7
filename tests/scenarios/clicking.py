"""People who decide by clicking: each with a browser window of their own, in the language they read."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml
from playwright.async_api import Browser, Locator, Page

from connectors.agreement_stories import Deed


class Refusal(Exception):
    """A page said that something is wrong."""


class Clicking:
    """The windows of everybody at one installation."""

    def __init__(self, browser: Browser, address: str, tokens: Mapping[str, str]) -> None:
        self.browser = browser
        self.address = address
        self.tokens = tokens
        self.windows: dict[str, Page] = {}

    async def window(self, person: str) -> Page:
        """The window of a person who signed in with their token; it stays open."""
        if person not in self.windows:
            page = await (await self.browser.new_context()).new_page()
            await page.goto(f"{self.address}/sign-in")
            await page.fill("#token", self.tokens[person])
            await page.click("main button")
            self.windows[person] = page
        return self.windows[person]

    async def signed_in(self, person: str, case_id: str, action: str, fields: Mapping[str, Any]) -> str:
        """Decide from the menu: cases, the case, the decision; gives the text of the page that follows."""
        page = await self.window(person)
        await page.click("nav a[href='/pages/cases']")
        await page.click(f"main a[href='/pages/cases/{case_id}']")
        await page.click(f"main a[href$='/{action}']")
        return await self.send(page, fields)

    async def by_link(self, links: Callable[[], Sequence[str]], action: str, fields: Mapping[str, Any]) -> tuple[str, str]:
        """Decide by the newest of the links that came by mail, where nobody is signed in; gives the link and the page after it."""
        page = await (await self.browser.new_context()).new_page()
        try:
            link = await self._opened(page, links, action)
            return link, await self.send(page, fields)
        finally:
            await page.context.close()

    async def _opened(self, page: Page, links: Callable[[], Sequence[str]], action: str) -> str:
        """Open links as they arrive, until one asks for this decision."""
        for _ in range(100):
            for link in reversed(links()):
                await page.goto(link)
                if await page.locator(f"main a[href$='/{action}']").count():
                    await page.click(f"main a[href$='/{action}']")
                    return link
            await asyncio.sleep(0.2)
        raise Refusal(f"no mail asks for {action}")

    async def send(self, page: Page, fields: Mapping[str, Any]) -> str:
        """Fill the form of a page in and send it.

        Raises:
            Refusal: the page came back with what is wrong.
        """
        form = page.locator("main form[method=post]")
        for name, value in fields.items():
            await _fill(form.locator(f"[name='{name}']"), value)
        await form.locator("button").click()
        await page.wait_for_load_state()
        faults = await page.locator(".message.fault").all_inner_texts()
        if faults:
            raise Refusal("; ".join(faults))
        return await page.inner_text("main")


async def _fill(field: Locator, value: Any) -> None:
    first = field.first
    kind = await first.evaluate("each => each.tagName === 'INPUT' ? each.type : each.tagName")
    match kind:
        case "hidden":
            pass  # what nobody types, such as the hash of the document on the page
        case "radio" | "checkbox" if not isinstance(value, bool):
            wanted = value if isinstance(value, list) else [value]
            for place in range(await field.count()):
                one = field.nth(place)
                await one.set_checked(await one.get_attribute("value") in wanted) if kind == "checkbox" else None
                if kind == "radio" and await one.get_attribute("value") in wanted:
                    await one.check()
        case "checkbox":
            await first.set_checked(value)
        case "SELECT":
            await first.select_option(str(value))
        case _:
            await first.fill(_typed(value, is_list_of_words=kind == "TEXTAREA" and not await _is_data(first)))


async def _is_data(field: Locator) -> bool:
    return "data" in (await field.get_attribute("class") or "")


def _typed(value: Any, *, is_list_of_words: bool) -> str:
    if isinstance(value, list) and is_list_of_words:
        return "\n".join(map(str, value))
    if isinstance(value, dict | list):
        return yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    return str(value)


def asked_by_page(deed: Deed) -> dict[str, Any]:
    """What of a deed a person types; hashes are on the page already."""
    return {name: value for name, value in deed.fields.items() if name != "document_hash"}
