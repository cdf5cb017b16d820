// Cards of words: text as it is, and boxes in a row of which one is open. They are drawn without plotly.js.

const SIGNS = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
const escaped = words => words.replace(/[&<>"]/g, sign => SIGNS[sign]);

function cardOf(chart, board) {
  const kind = {words: WordsCard, diagram: DiagramCard}[chart.kind] ?? Card;
  return new kind(chart, board);
}

class WordsCard extends Card {
  constructor(chart) {
    super(chart);
    this.words = '';
    this.text = element('pre', {className: 'nn4-words' + (chart.prose ? ' nn4-prose' : '')});
    this.plot.replaceWith(this.text);
    this.plot = this.text;
    this.plot.style.height = chart.height + 'px';
    this.plot.tabIndex = 0;                             // so that the keyboard can scroll it
    Object.assign(this.plot, {role: 'region'});
    this.plot.setAttribute('aria-label', chart.title);
    this.plot.addEventListener('keydown', event => { if (/^(Arrow|Page| )/.test(event.key)) event.stopPropagation(); });
  }

  take(text, ranges, marks, arrays) {
    this.live.textContent = text;
    this.words = new TextDecoder().decode(arrays.find(([, key]) => key === 'words')?.[2] ?? new Uint8Array());
    this.taken = this.stale = true;
  }

  theme(colors) { this.colors = colors; }
  resize(Plotly) { this.draw(Plotly); }

  draw() {
    if (!this.stale) return;
    this.stale = false;
    this.drawnAt = performance.now();
    BOOK.charts++;
    this.show();
  }

  show() { if (this.text.textContent !== this.words) this.text.textContent = this.words; }
  lines() { return this.words.split('\n'); }

  // The lines as SVG, in the size of the card: what leaves the page is as safe as what is on it.
  async image(Plotly, format, ink) {
    const width = this.plot.offsetWidth || 460, lines = this.lines();
    const height = Math.max(this.chart.height, 16 * lines.length + 12);
    const drawn = lines.map((line, i) => `<text x="8" y="${18 + 16 * i}" xml:space="preserve">${escaped(line)}</text>`).join('');
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="13" fill="${ink ?? this.colors?.text ?? COLORS.neutral}">${drawn}</svg>`;
    return format === 'svg' ? svg : 'data:image/svg+xml,' + encodeURIComponent(svg);
  }
}

class DiagramCard extends WordsCard {
  constructor(chart, board) {
    super(chart);
    this.open = 0;
    const tag = chart.field ? 'button' : 'div';
    this.boxes = chart.boxes.map((name, i) => {
      const box = element(tag, {className: 'nn4-box'}, element('b', {}, name), element('span', {className: 'nn4-box-text'}));
      box.style.borderTopColor = chart.colors[i];
      if (chart.field) { box.type = 'button'; box.onclick = () => board.move(chart.field, i); }
      return box;
    });
    const row = element('div', {className: 'nn4-boxes', aria: {role: 'group', label: chart.title}});
    this.boxes.forEach((box, i) => row.append(...(i ? [element('span', {className: 'nn4-arrow', aria: {hidden: 'true'}}, '→')] : []), box));
    this.plot.replaceWith(row);
    this.plot = row;
    row.addEventListener('keydown', event => this.key(event));
  }

  take(text, ranges, marks, arrays) {
    super.take(text, ranges, marks, arrays);
    this.open = arrays.find(([, key]) => key === 'open')?.[2][0] ?? 0;
  }

  show() {
    const texts = this.words.split('\x1f');
    this.boxes.forEach((box, i) => {
      const mark = this.chart.field ? 'aria-pressed' : 'aria-current';
      box.setAttribute(mark, String(i === this.open));
      if (this.chart.field) box.tabIndex = i === this.open ? 0 : -1;
      if (box.lastChild.textContent !== texts[i]) box.lastChild.textContent = texts[i] ?? '';
    });
  }

  lines() {
    const texts = this.words.split('\x1f');
    return this.chart.boxes.map((name, i) => `${i === this.open ? '>' : ' '} ${name}: ${(texts[i] ?? '').replaceAll('\n', ', ')}`);
  }

  // One of them has the focus, as in a toolbar; the arrows open the next.
  key(event) {
    const way = {ArrowLeft: -1, ArrowRight: 1}[event.key], at = this.boxes.indexOf(event.target);
    if (!way || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); event.stopPropagation();
    const next = this.boxes[at + way];
    if (next) { next.focus(); next.click(); }
  }
}
