"""A headless Chromium, where there is one, for the tests of pages; and Node.js."""

import shutil

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
CHROMEDRIVER = shutil.which("chromedriver")
NODE = shutil.which("node")


def started():
    """Return a browser, driven by Selenium; skips the test where there is none."""
    if CHROMIUM is None or CHROMEDRIVER is None:
        pytest.skip("no browser; install one (Debian: apt install chromium chromium-driver)")
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return Chrome(options, Service(CHROMEDRIVER))
