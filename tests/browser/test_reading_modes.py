"""Every page can be read in light and dark, on a phone, and by keyboard."""

import pytest
from playwright.sync_api import Page, expect

PAGES = ["/", "/problems", "/problems/invalid-input", "/docs"]
OURS = [address for address in PAGES if address != "/docs"]

# The contrast of each piece of text with what lies behind it, as WCAG 2.2 defines it (1.4.3); the worst one first.
CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const painted = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const colours = [];
    for (let one = element; one; one = one.parentElement) colours.unshift(getComputedStyle(one).backgroundColor);
    return colours;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (!text || !element.checkVisibility() || element.closest(".unseen, .skip, noscript, option")) continue;
    const ground = behind(element);
    const [a, b] = [painted(ground), painted([...ground, getComputedStyle(element).color])].map(luminance);
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), text]);
  }
  return found.sort((x, y) => x[0] - y[0]);
}"""


@pytest.fixture
def visited(server, page, flowers) -> Page:
    server.train(flowers)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", OURS)
def test_text_stands_out_from_its_ground(server, visited, address, scheme):
    visited.emulate_media(color_scheme=scheme)
    visited.goto(server.url + address)
    contrasts = visited.evaluate(CONTRASTS)
    assert len(contrasts) > 10
    assert contrasts[0][0] >= 4.5, contrasts[:5]


def test_dark_is_dark_and_light_is_light(server, visited):
    grounds = {}
    for scheme in ("light", "dark"):
        visited.emulate_media(color_scheme=scheme)
        visited.goto(server.url)
        ground = visited.evaluate("getComputedStyle(document.body).backgroundColor")
        grounds[scheme] = [int(part) for part in ground.removeprefix("rgb(").removesuffix(")").split(",")]
    assert min(grounds["light"]) > 200
    assert max(grounds["dark"]) < 60


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_a_phone(server, visited, address):
    visited.set_viewport_size({"width": 360, "height": 740})
    visited.goto(server.url + address)
    expect(visited.locator("main")).to_be_visible()
    if address == "/docs":
        visited.locator(".opblock").first.wait_for()
    assert visited.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_dashboard_can_be_used_by_keyboard_alone(server, visited):
    visited.goto(server.url)
    visited.keyboard.press("Tab")
    expect(visited.get_by_role("link", name="Skip to the content")).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert visited.evaluate(outline) == "solid"
    visited.get_by_role("button", name="Try flowers version 1").focus()
    visited.keyboard.press("Enter")
    expect(visited.get_by_label("Version", exact=True)).to_be_focused()
    for name, value in {"petal_length": "1.4", "petal_width": "0.2"}.items():
        visited.keyboard.press("Tab")
        expect(visited.get_by_label(name)).to_be_focused()
        visited.keyboard.press("ControlOrMeta+a")
        visited.keyboard.type(value)
    visited.keyboard.press("Enter")
    expect(visited.locator("#prediction-answer .result")).to_have_text("setosa")


# What a screen reader could not name: a name comes from the text, aria-label, aria-labelledby or a label.
UNNAMED = """() => {
  const controls = "a, button, input, select, textarea, meter, progress, [role=img], [role=region], section";
  const namedByText = (one) => one.matches("a, button") && one.textContent.trim();
  const labelled = (one) => one.labels?.length || document.getElementById(one.getAttribute("aria-labelledby"));
  return [...document.querySelectorAll(controls)]
    .filter((one) => one.checkVisibility() && !one.ariaLabel && !namedByText(one) && !labelled(one))
    .map((one) => one.outerHTML.slice(0, 100));
}"""


@pytest.mark.parametrize("address", OURS)
def test_every_control_and_picture_has_a_name(server, visited, address):
    visited.goto(server.url + address)
    assert visited.evaluate(UNNAMED) == []
    assert visited.locator("h1").count() == 1
    assert visited.locator("main").count() == 1
