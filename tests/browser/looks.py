"""Whether a dashboard can be read, computed from the page's layout: nothing cut off, covered, small or faint."""

SMALLEST = 12  # px

# Everything visible that reaches out of the dashboard, of its card, or, as a chart's text does, out of its chart.
REACHES_OUT = """root => {
  const found = [];
  for (const e of root.querySelectorAll('*')) {
    const box = e.getBoundingClientRect(), text = e.tagName === 'text';
    if (!box.width || !box.height || getComputedStyle(e).visibility === 'hidden' || e.closest('defs')) continue;
    if (e.closest('svg') && !(e instanceof SVGSVGElement) && !text) continue;  // clipped by their chart
    const frame = (e.parentElement.closest(text ? '.nn4-plot' : '.nn4-card') ?? root).getBoundingClientRect();
    const out = box.left < frame.left - 1 || box.right > frame.right + 1;
    const above = text && (box.top < frame.top - 1 || box.bottom > frame.bottom + 1);
    const panel = e.closest('.nn4-card')?.dataset.panel;
    if (out || above) found.push(`${panel}: ${e.tagName} ${e.getAttribute('class')} ${e.textContent.slice(0, 40)}`);
  }
  return root.scrollWidth > root.clientWidth + 1 ? ['the dashboard scrolls sideways', ...found] : found;
}"""
# Pairs of things that lie on each other: the parts of the page, cards, controls, title and live number, the texts of
# one axis.
OVERLAPS = """root => {
  const found = [], cell = root.closest('.jp-Cell') ?? document.body;
  const check = elements => elements.forEach((a, i) => elements.slice(i + 1).forEach(b => {
    const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
    if (!p.width || !q.width || a.contains(b) || b.contains(a)) return;
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    const words = e => `${e.getAttribute('class')} ${e.textContent.slice(0, 30)}`;
    if (wide > 2 && high > 2) found.push(`${words(a)} and ${words(b)}: ${wide.toFixed(1)} x ${high.toFixed(1)}`);
  }));
  const all = (place, name) => [...place.querySelectorAll(name)];
  check(all(root, '.nn4-card'));
  check(all(cell, '.nn4-control'));
  check(all(cell, 'button, .nn4-question label, .nn4-question .widget-html-content, .nn4-look'));
  check(all(cell, '.nn4-question, .nn4-experiments, .nn4-controls, .nn4-board, .nn4-legend-of-controls, .nn4-more'));
  for (const card of all(root, '.nn4-card')) {
    check(all(card, '.nn4-title, .nn4-live, .nn4-legend, .nn4-plot, .nn4-words, .nn4-boxes'));
    check(all(card, '.nn4-box'));
    for (const axis of ['.xtick text, .xtitle', '.ytick text, .ytitle']) check(all(card, axis));
  }
  for (const control of all(cell, '.nn4-control')) check([...control.children]);
  return found;
}"""
SMALL_TEXT = """(root, smallest) => {
  const cell = root.closest('.jp-OutputArea') ?? root, found = new Set();
  for (const e of cell.querySelectorAll('*')) {
    const own = [...e.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!own || e instanceof HTMLStyleElement || !e.getBoundingClientRect().height) continue;
    const size = parseFloat(getComputedStyle(e).fontSize);
    if (size < smallest) found.add(`${size} px: ${e.textContent.trim().slice(0, 40)}`);
  }
  return [...found];
}"""
# Texts whose contrast with what lies behind them is below 4.5 (WCAG 2.1, 1.4.3).
FAINT = """root => {
  const numbers = colour => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const luminance = rgb => {
    const [r, g, b] = rgb.slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const names = '.nn4-title, .nn4-live, .nn4-status, .nn4-board button, .xtitle, .ytitle, .xtick text, .ytick text, ';
  const others = '.widget-label, .widget-readout, .nn4-words, .nn4-box b, .nn4-box-text, .nn4-key, ';
  const parts = '.nn4-more, :is(.nn4-question, .nn4-experiments, .nn4-legend-of-controls) *';
  const found = [], cell = root.closest('.jp-OutputArea') ?? root;
  for (const e of cell.querySelectorAll(names + others + parts)) {
    const own = [...e.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!e.getBoundingClientRect().height || !e.textContent.trim() || e.disabled) continue;
    if (e.matches(parts) && !own) continue;  // the words are of a part of it
    const style = getComputedStyle(e), ink = e instanceof SVGElement ? style.fill : style.color;
    const [low, high] = [luminance(numbers(ink)), luminance(ground(e))].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(1)}: ${e.getAttribute('class')} ${e.textContent.slice(0, 30)}`);
  }
  return found;
}"""

# The board looks at the theme and at its size twice a second: what is found must stay.
SETTLED = """async (root, argument) => {
  const look = %s;
  for (let tries = 0; ; tries++) {
    const found = look(root, argument);
    if (!found.length || tries === 40) return found;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}"""
WRONG = {"reaches out": REACHES_OUT, "overlaps": OVERLAPS, "small": SMALL_TEXT, "faint": FAINT}

FITS = "root => [...root.querySelectorAll('.nn4-plot')].every(plot => "
FITS += "Math.abs(plot.querySelector('.main-svg').getBoundingClientRect().width - plot.clientWidth) < 2)"


def in_view(board):
    """JupyterLab lays out what is in view only."""
    board.root.wait_for(state="attached")
    board.root.evaluate("root => root.closest('.nn4-dashboard').scrollIntoView()")
    return board.until_drawn()


def dashboard_of(board):
    """What surrounds a board, its controls and questions with it."""
    return board.root.locator("xpath=ancestor::*[contains(@class, 'nn4-dashboard')]")


def found_wrong(board):
    """What cannot be read on a board in view, by what is wrong with it; empty where everything can."""
    board.until(FITS)
    dashboard = dashboard_of(board)
    found = {name: dashboard.evaluate(SETTLED % script, SMALLEST) for name, script in WRONG.items()}
    return {name: what for name, what in found.items() if what}
