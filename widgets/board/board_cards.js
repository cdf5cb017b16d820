// The charts of one view: a card each, drawn by plotly.js.

const CONFIG = {displayModeBar: false, responsive: false, doubleClick: false};
const DASHES = {solid: '', dot: '2 3', dash: '7 4', longdash: '12 4', dashdot: '7 3 2 3'};

// JupyterLab, Colab and VS Code name the colour of their text; on other pages the system's theme counts.
function themeOf(root) {
  const style = getComputedStyle(root), names = ['--jp-ui-font-color1', '--colab-primary-text-color', '--vscode-editor-foreground'];
  const text = names.map(name => style.getPropertyValue(name).trim()).find(Boolean);
  if (!text) return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const probe = element('i', {hidden: true});
  probe.style.color = text; root.append(probe);
  const [r, g, b] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  probe.remove();
  return .299 * r + .587 * g + .114 * b > 127 ? 'dark' : 'light';
}

const SYMBOLS = {diamond: 'M13 0L19 6L13 12L7 6Z', square: 'M8 1H18V11H8Z', circle: 'M8 6a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z', cross: 'M11 1h4v3h3v4h-3v3h-4v-3h-3v-4h3Z'};

function swatch({name, color, dash, width = 2.5}) {
  const drawn = dash in SYMBOLS ? `<path d="${SYMBOLS[dash]}" fill="${color}"/>`
    : dash === 'band' ? `<rect x="1" y="0" width="24" height="12" fill="${color}" opacity=".25"/><line x1="1" y1="6" x2="25" y2="6" stroke="${color}" stroke-width="2.5"/>`
    : dash in DASHES
    ? `<line x1="1" y1="6" x2="25" y2="6" stroke="${color}" stroke-width="${width}" stroke-dasharray="${DASHES[dash]}"/>`
    : `<rect x="7" y="1" width="12" height="10" fill="${color}"/>` +
      (dash === 'hatched' ? '<path d="M7 11L17 1M11 11L19 3" stroke="' + COLORS.on + '" opacity=".8"/>' : '');
  const key = element('span', {className: 'nn4-key', innerHTML: `<svg width="26" height="12" aria-hidden="true">${drawn}</svg>`});
  key.append(name);
  return key;
}

const power = e => Math.abs(e) <= 3 ? String(+(10 ** e).toPrecision(3)) : '10' + [...String(e)].map(sign => sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[sign]).join('');

class Card {
  constructor(chart) {
    this.chart = chart;
    this.data = structuredClone(chart.data);
    this.layout = structuredClone({...COMMON.layout, ...chart.layout});
    for (const name of ['xaxis', 'yaxis']) {
      const axis = this.layout[name], log = axis.type === 'log' ? COMMON.log : {};
      this.layout[name] = structuredClone({...COMMON.axis, ...log, ...axis});
      const {tickvals, ticktext} = {...COMMON.log, ...axis};
      (this.ticks ??= {})[name[0]] = {tickmode: 'array', tickvals, ticktext};        // what a logarithmic axis has while it is short
    }
    this.live = element('span', {className: 'nn4-live'});
    this.plot = element('div', {className: 'nn4-plot', aria: {role: 'img', label: chart.title}});
    this.plot.style.setProperty('--nn4-height', chart.height + 'px');
    const legend = element('div', {className: 'nn4-legend'}, ...chart.legend.map(swatch));
    const head = element('header', {}, element('h3', {className: 'nn4-title'}, chart.title), this.live);
    this.root = element('section', {className: 'nn4-card' + (chart.wide ? ' nn4-wide' : '') + (chart.veiled ? ' nn4-veiled' : ''), data: {panel: chart.name}}, head, legend, this.plot);
    this.revision = this.drawnAt = 0;
    this.taken = this.stale = this.urgent = false;                    // plotly.js would choose ranges for a chart without numbers
  }

  // What a frame says about this chart; drawn later.
  take(text, ranges, marks, arrays) {
    this.live.textContent = text;
    this.plot.setAttribute('aria-label', `${this.chart.title}: ${text}`);
    for (const [trace, key, values] of arrays) this.data[trace][key] = values;
    for (const axis in ranges) Object.assign(this.layout[axis + 'axis'], {range: ranges[axis], autorange: false}, this.decades(axis, ranges[axis]));
    this.marks(marks);
    this.taken = this.stale = true;
  }

  // What a frame gives an axis anew: names at its ticks, or whether it is logarithmic.
  axes(axes) {
    for (const axis in axes) Object.assign(this.layout[axis + 'axis'], axes[axis]);
  }

  // Over more than four decades, powers of 10 only: as `decades` in widgets/charts/chart.py.
  decades(axis, [low, high]) {
    const {type} = this.layout[axis + 'axis'];
    if (type !== 'log') return {};
    if (high - low <= 4) return this.ticks[axis];
    const step = Math.ceil((high - low) / 5), exponents = [];
    for (let exponent = Math.ceil(low / step) * step; exponent <= high; exponent += step) exponents.push(exponent);
    return {tickmode: 'array', tickvals: exponents.map(e => 10 ** e), ticktext: exponents.map(power)};
  }

  marks(marks) {
    const shown = marks.slice(-8);                      // each sign is a text that plotly.js measures in every frame
    const line = ([x]) => ({type: 'line', x0: x, x1: x, yref: 'paper', y0: 0, y1: 1, line: {color: COLORS.changed, width: 1, dash: 'dash'}});
    const sign = ([x, words], i) => {                   // the last one says what was changed, the others when asked
      const last = i === shown.length - 1, left = last && this.onRight(x);
      return {
        x, y: 1, yref: 'paper', yanchor: 'top', showarrow: false, hovertext: words, captureevents: true,
        text: !last ? '▼' : left ? words + ' ▼' : '▼ ' + words,
        xanchor: !last ? 'center' : left ? 'right' : 'left', xshift: !last ? 0 : left ? 6 : -6,
        yshift: last && i ? -15 : 0,                    // below the signs of the others
        font: {size: 13},
      };
    };
    this.layout.shapes = marks.map(line);
    this.layout.annotations = shown.map(sign);
  }

  onRight(x) {
    const [low, high] = this.layout.xaxis.range ?? [0, 1];
    return x > (low + high) / 2;
  }

  theme(colors) {
    const {layout} = this;
    layout.font = {color: colors.text, size: 13, family: colors.font};
    layout.paper_bgcolor = layout.plot_bgcolor = 'rgba(0,0,0,0)';
    layout.hoverlabel = {bgcolor: colors.card, bordercolor: colors.rule, font: {color: colors.text}};
    for (const axis of ['xaxis', 'yaxis']) Object.assign(layout[axis], {gridcolor: colors.grid, linecolor: colors.rule, tickcolor: colors.rule});
    this.stale = this.taken;
    this.recoloured = true;
  }

  draw(Plotly) {
    if (!this.stale || !this.plot.offsetWidth) return;
    this.stale = this.urgent = false;
    this.drawnAt = performance.now();
    BOOK.charts++;
    if (this.recoloured) Plotly.purge(this.plot);        // a resize under way may have taken the new colours without drawing them
    this.recoloured = false;
    this.layout.datarevision = ++this.revision;
    Plotly.react(this.plot, this.data, this.layout, CONFIG);
  }

  resize(Plotly) {
    if (!this.plot.offsetWidth) return;
    if (this.plot._fullLayout) Plotly.Plots.resize(this.plot);
    this.draw(Plotly);                                  // what became stale while it was hidden
  }

  // As SVG whose text has the colour of the text around it, or as PNG at twice the size.
  async image(Plotly, format, ink) {
    const layout = {...this.layout, font: {...this.layout.font, color: ink ?? this.layout.font?.color}};
    const size = {width: this.plot.offsetWidth || 460, height: this.chart.height};
    return Plotly.toImage({data: this.data, layout, config: CONFIG}, {format, ...size, scale: format === 'png' ? 2 : 1, imageDataOnly: format === 'svg'});
  }
}
