// One view of a board: buttons, status line, cards. It holds no state of the run; it shows what the board tells it.

const KEYS = {' ': 'play', s: 'step', ArrowRight: 'step', r: 'reset'};
const KEYS_SHOWN = '<kbd>space</kbd> <span>play, pause</span><kbd>s</kbd> <kbd>→</kbd> <span>step</span><kbd>r</kbd> <span>reset</span>';

const TOUCHES = ['keydown', 'pointermove', 'click', 'change'];

class View {
  constructor(root, board) {
    const {title, charts, presets, step} = board.declared;
    Object.assign(this, {root, board, cards: charts.map(chart => cardOf(chart, board))});
    const button = (name, act, hint = '') => element('button', {type: 'button', className: 'nn4-button', title: hint, onclick: act}, name);
    this.playButton = button('Play', board.play, 'Space');
    this.playButton.classList.add('nn4-play');
    this.stepHint = `one ${step} (s or →)`;
    this.stepButton = button('Step', board.step, this.stepHint);
    this.pill = element('span', {className: 'nn4-pill'});
    this.words = element('span', {className: 'nn4-says'});
    this.wrong = element('span', {className: 'nn4-wrong', aria: {role: 'alert'}});
    this.status_ = element('div', {className: 'nn4-status', aria: {role: 'status', live: 'off'}}, this.pill, this.words, this.wrong);
    this.seed = element('span', {className: 'nn4-seed'});
    this.speed = this.select('Speed', SPEEDS.map(([name]) => name), index => board.setSpeed(index));
    const bar = element('div', {className: 'nn4-bar', aria: {role: 'toolbar', label: title}},
      this.playButton,
      this.stepButton,
      button('Reset', () => board.command('reset', null), 'begin anew with the same seed (r)'),
      button('New seed', () => board.command('seed', null), 'begin anew with other random numbers'),
      this.speed.label);
    if (presets.length) bar.append(this.select('Preset', ['choose', ...presets], (i, select) => { if (i) board.command('preset', presets[i - 1]); select.selectedIndex = 0; }).label);
    this.state = element('input', {className: 'nn4-state', placeholder: 'the text that Save state gave', spellcheck: false, hidden: true, aria: {label: 'State text'}});
    this.menu = element('span', {className: 'nn4-menu', hidden: true, aria: {role: 'group', label: 'Export'}},
      button('Charts as PNG', () => this.exported(() => board.png(this))),
      button('Charts as HTML', () => this.exported(() => board.make('html'))),
      button('History as CSV', () => this.exported(() => board.make('csv'))));
    this.exportButton = button('Export', () => this.exported(null));
    this.exportButton.setAttribute('aria-expanded', 'false');
    const keys = element('span', {className: 'nn4-keys', innerHTML: KEYS_SHOWN});
    const foot = element('div', {className: 'nn4-foot'}, keys, element('span', {className: 'nn4-files'},
      button('Save state', () => board.make('state'), 'controls and seed as a short text'),
      button('Restore', () => this.restore(), 'begin anew from a saved text'), this.exportButton), this.menu, this.state);
    const head = element('div', {className: 'nn4-head'}, element('h2', {}, title), this.status_, this.seed);
    root.classList.add('nn4-board');
    root.dataset.title = title;
    root.tabIndex = 0;
    root.dataset.lmSuppressShortcuts = 'true';          // JupyterLab would take r for a raw cell
    root.setAttribute('role', 'region');
    root.setAttribute('aria-label', `${title} board`);
    root.append(head, bar, element('div', {className: 'nn4-cards'}, ...this.cards.map(card => card.root)), foot);
    root.insertAdjacentHTML('beforeend', board.declared.legend);
    root.addEventListener('keydown', event => this.key(event));
    this.touched = event => {
      const control = event.target.closest?.('.nn4-control');
      if (control && (event.type !== 'pointermove' || event.buttons) && root.closest('.nn4-dashboard')?.contains(control)) board.touched();
    };
    for (const kind of TOUCHES) document.addEventListener(kind, this.touched, true);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(root);
    this.theme(); this.take(Object.keys(board.charts)); this.status();
  }

  select(name, options, chosen) {
    const made = element('select', {aria: {label: name}}, ...options.map(option => element('option', {}, option)));
    made.onchange = () => chosen(made.selectedIndex, made);
    return {made, label: element('label', {className: 'nn4-select'}, name, made)};
  }

  status() {
    const {state, says: said, wrong, playing, seed, held} = this.board.shown, says = held || said;
    for (const [button, hint] of [[this.playButton, 'Space'], [this.stepButton, this.stepHint]]) {
      if (button.disabled !== Boolean(held)) Object.assign(button, {disabled: Boolean(held), title: held || hint});
    }
    this.status_.dataset.state = state;
    this.status_.setAttribute('aria-live', ['error', 'done', 'no-answer'].includes(state) ? 'polite' : 'off');
    this.pill.textContent = WORDS[state] ?? state;
    if (this.words.textContent !== says) this.words.textContent = says;
    if (this.wrong.textContent !== wrong) this.wrong.textContent = wrong;
    if (this.playButton.textContent !== (playing ? 'Pause' : 'Play')) this.playButton.textContent = playing ? 'Pause' : 'Play';
    this.seed.textContent = seed === undefined ? '' : `seed ${seed}`;
    this.speed.made.selectedIndex = this.board.speed;
  }

  take(names, urgent = false) {
    for (const card of this.cards) {
      if (!names.includes(card.chart.name)) continue;
      const {text, ranges, marks, axes, arrays} = this.board.charts[card.chart.name];
      card.axes(axes);
      card.take(text, ranges, marks, arrays);
      card.urgent ||= urgent;
    }
  }

  // Twice a second: themes change and controls come without an event. Groups and fields of ipywidgets have no names.
  look() {
    this.theme();
    const Plotly = this.board.Plotly();
    if (Plotly && !this.board.shown.playing) for (const card of this.cards) card.draw(Plotly);    // what was hidden when it changed
    for (const control of this.root.closest('.nn4-dashboard')?.querySelectorAll('.nn4-control') ?? []) {
      const label = control.querySelector('.widget-label')?.textContent;     // ipywidgets names no handle of a slider
      const handle = control.querySelector('.noUi-handle, .ui-slider-handle');
      if (handle && label !== handle.getAttribute('aria-label')) handle.setAttribute('aria-label', label);
    }
    for (const named of this.root.closest('.nn4-dashboard')?.querySelectorAll('input, button') ?? []) {
      named.dataset.lmSuppressShortcuts = 'true';       // JupyterLab would take Enter and arrows
    }
    for (const question of this.root.closest('.nn4-dashboard')?.querySelectorAll('.nn4-question') ?? []) {
      const label = question.querySelector('.nn4-question-text').textContent;
      const group = question.querySelector('.nn4-question-choices'), field = question.querySelector('.nn4-question-number input');
      if (group && group.getAttribute('role') !== 'radiogroup') {
        group.setAttribute('role', 'radiogroup');
        for (const radio of group.querySelectorAll('input')) radio.name = label;        // so that arrows move between them
      }
      for (const named of [group, field]) if (named && named.getAttribute('aria-label') !== label) named.setAttribute('aria-label', label);
    }
  }

  theme() {
    const name = themeOf(this.root), style = getComputedStyle(this.root);
    this.root.dataset.theme = name;
    const colors = {};
    for (const key of ['text', 'card', 'rule', 'grid', 'font']) colors[key] = style.getPropertyValue('--nn4-' + key).trim();
    const known = JSON.stringify(colors);
    if (known === this.known) return;
    this.known = known; this.colors = colors;
    for (const card of this.cards) card.theme(colors);
    const Plotly = this.board.Plotly();
    if (Plotly) for (const card of this.cards) card.draw(Plotly);
  }

  resized() {
    const Plotly = this.board.Plotly();
    if (Plotly) for (const card of this.cards) card.resize(Plotly);
  }

  key(event) {
    const act = KEYS[event.key], typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (!act || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === ' ' && event.target.tagName === 'BUTTON') return;   // a focused button means itself
    event.preventDefault(); event.stopPropagation();
    if (act === 'reset') this.board.command('reset', null); else this.board[act]();
  }

  // ---- state text and files

  stateText(text) {
    Object.assign(this.state, {hidden: false, value: text});
    this.state.focus(); this.state.select();
    navigator.clipboard?.writeText(text).catch(() => {});
  }

  restore() {
    if (!this.state.hidden && this.state.value.trim()) this.board.command('restore', this.state.value);
    else { this.state.hidden = false; this.state.focus(); }
  }

  exported(act) {
    this.menu.hidden = Boolean(act) || !this.menu.hidden;
    this.exportButton.setAttribute('aria-expanded', String(!this.menu.hidden));
    act?.();
  }

  remove(Plotly) {
    this.observer.disconnect();
    for (const kind of TOUCHES) document.removeEventListener(kind, this.touched, true);
    if (Plotly) for (const card of this.cards) Plotly.purge(card.plot);
    this.root.replaceChildren();
  }
}
