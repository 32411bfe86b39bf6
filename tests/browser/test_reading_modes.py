"""Every page can be read in light and dark, on a phone, and by keyboard."""

import pytest
from playwright.sync_api import expect

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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", OURS)
def test_text_stands_out_from_its_ground(flowers_service, page, address, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(flowers_service.url + address)
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 10
    assert contrasts[0][0] >= 4.5, contrasts[:5]


def test_dark_is_dark_and_light_is_light(flowers_service, page):
    grounds = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(flowers_service.url)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        grounds[scheme] = [int(part) for part in ground.removeprefix("rgb(").removesuffix(")").split(",")]
    assert min(grounds["light"]) > 200
    assert max(grounds["dark"]) < 60


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_a_phone(flowers_service, page, address):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(flowers_service.url + address)
    expect(page.locator("#main")).to_be_visible()
    if address == "/docs":
        page.locator(".opblock").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_dashboard_can_be_used_by_keyboard_alone(flowers_service, page):
    page.goto(flowers_service.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"
    newest = flowers_service.get("/models/flowers")["latest"]
    page.get_by_role("button", name=f"Try flowers version {newest}", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Version", exact=True)).to_be_focused()
    expect(page.get_by_label("Version", exact=True)).to_have_value(f"flowers/{newest}")
    for name, value in {"petal_length": "1.4", "petal_width": "0.2"}.items():
        page.keyboard.press("Tab")
        expect(page.get_by_label(name)).to_be_focused()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    expect(page.locator("#prediction-answer .result")).to_have_text("setosa")


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
def test_every_control_and_picture_has_a_name(flowers_service, page, address):
    page.goto(flowers_service.url + address)
    assert page.evaluate(UNNAMED) == []
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
