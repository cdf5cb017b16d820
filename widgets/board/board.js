// One board = one widget model, drawn in any number of views. The page asks, the kernel answers with one frame.

const SPEEDS = [                                        // ms from one frame to the next
  ['slow motion', {every: 1000, steps: 1}],             // one step, then a pause
  ['slow', {every: 250, steps: 1}],
  ['normal', {every: 65}],                              // as many steps as fit
  ['fast', {every: 170}],
  ['fastest', {every: 600}],
];
const WAITING = 1500, RETRY = 4000, RETRY_FIRST = 1000, NO_ANSWER = 15000, PICTURES = 30000, QUIET = 1000;   // ms
const FRAMES = 16, SOON = 5, SILENT = 1000, HIDDEN = 400, ANSWERED = 150, PAINTED = 32, STARVED = 300, NUDGES = [8, 16, 28];
const DRAWING = navigator.hardwareConcurrency > 2 ? 40 : 12;        // ms a frame; on two processors it takes them from the training
const GONE = 'The kernel is not there any more: run the cell again.';
const WORDS = {'no-answer': 'no answer', 'waiting': 'waiting'};

// The loader calls this once for each model.
export function openBoard(model) {
  const views = new Set(), tag = Math.random().toString(36).slice(2, 8);
  const declared = model.get('declared');
  let n = 0, tick = 0, dead = false;
  let asked = null, sentSteps = 0, sentAt = 0, retryAt = 0, timer = 0, outdated = false;  // the request under way; of before a command
  let playing = false, owed = 0, hello = true, ending = false, todo = [], commanding = false;   // what is still to be asked, or answered
  let drawing = 0, speed = SPEEDS.findIndex(([name]) => name === (declared.speed ?? 'normal')), nextAt = 0, halted = null, touchedAt = -1e9, answeredAt = -1e9, othersAt = 0;
  let undrawn = [], more = 0, heardAt = 0, needed = 0;     // frames to be drawn, frames to come, ms that drawing one takes
  let state = 'waiting', says = 'for the kernel', wrong = '', frame = null, picturesAt = 0, picturing = false, pictureTimer = 0;
  const charts = {};                                    // the newest of each chart: {text, ranges, marks, axes, arrays}
  const Plotly = () => plotlyOf(declared.lib);
  const each = f => { for (const view of views) f(view); };
  const say = (newState, words) => { state = newState; says = words; each(view => view.status()); };

  // ---- asking

  const post = message => {                             // a dead comm throws or rejects: say so instead of going silent
    try { Promise.resolve(model.send(message)).catch(gone); } catch { gone(); }
  };
  const gone = () => { dead = true; playing = false; owed = 0; asked = null; busy(); say('no-answer', GONE); };
  // A play asks for FRAMES frames, and for more when half of them are here: each request makes JupyterLab show a busy
  // kernel and load the page's icon. Where drawing does not keep up, frames come more rarely.
  const pace = () => Math.round(Math.max(SPEEDS[speed][1].every, document.hidden ? HIDDEN : needed));

  const ask = () => { request(); busy(); };
  const busy = () => {                                  // who drives a page by a script waits until it is not
    const now = !dead && Boolean(asked || todo.length || owed || undrawn.length);
    each(view => view.root.toggleAttribute('data-busy', now));
  };

  const request = () => {                               // one at a time
    if (asked || dead) return;
    const message = {ask: n + 1, q: tag + ++tick, halted}, {every, steps = null} = SPEEDS[speed][1];
    const now = performance.now(), later = steps ? now < nextAt : more > FRAMES / 2;
    if (todo.length || hello || ending) message.steps = 0;
    else if (owed) message.steps = owed;
    else if (playing && views.size && !later) message.steps = steps;
    else {
      if (playing && views.size && steps) { clearTimeout(timer); timer = setTimeout(ask, nextAt - now); }
      return;
    }
    if (message.steps === null) Object.assign(message, {ms: SOON, frames: FRAMES, every: pace()});
    if (todo.length) message.do = todo;
    if (hello) message.all = true;
    if (ending) message.end = true;
    if (hello && !Plotly() && !BOOK.plotly[declared.lib]?.busy && now - (BOOK.plotly[declared.lib]?.at ?? -1e9) > 5000) {
      message.lib = true; (BOOK.plotly[declared.lib] ??= {}).at = now;
    }
    if (message.steps === 1 && !owed) nextAt = now + every;
    commanding ||= todo.some(([name]) => name !== 'move');
    todo = []; hello = ending = false;
    asked = message.q; outdated = false; sentSteps = message.steps && owed; sentAt = now; retryAt = frame ? RETRY : RETRY_FIRST;
    tell(message, 'asked');
    post(message);
  };

  const watch = () => {                                 // twice a second, also in a hidden tab
    each(view => view.look());
    if (dead) return;
    if (!asked && views.size && !Plotly()) { hello = true; ask(); }
    if (!asked && playing && more && performance.now() - heardAt > SILENT + pace()) { more = 0; ask(); }   // a cell runs, or the play ended
    if (!asked) return;
    const waited = performance.now() - sentAt, seconds = Math.round(waited / 1e3);
    if (waited > NO_ANSWER) say('no-answer', `for ${seconds} s. The kernel is busy, or gone: run the cell again.`);
    else if (waited > WAITING) say('waiting', `for the kernel (${seconds} s)`);
    if (waited > retryAt) { retryAt *= 2; post({ask: n, q: asked, steps: 0, ms: 0, all: true}); }
  };

  const play = on => {
    if (dead || (on && frame?.held) || (on === playing && !owed)) return;
    playing = on; owed = nextAt = more = 0; outdated = true; clearTimeout(timer);
    if (!on) ending = true;                             // tells the kernel, which then answers moved controls at once
    settle(); ask();
  };
  const step = () => { if (frame?.held) return; if (playing) play(false); owed++; settle(); ask(); };
  const command = (...words) => { playing = false; owed = 0; outdated = true; todo.push(words); settle(); ask(); };
  const move = (...argument) => { todo.push(['move', argument]); settle(); ask(); };      // a control, as by hand
  const firstCards = () => [...views][0]?.cards ?? [];

  // ---- hearing

  const settle = () => {                                // the state of the pill, from the last frame and what is asked
    if (!frame || dead) return;
    const moving = playing || owed > 0;
    say(moving && frame.state !== 'error' && frame.state !== 'done' ? 'running' : frame.state, frame.says);
  };

  const heard = (message, buffers) => {
    if (message.lib) unpackPlotly(message.lib, buffers[0]);
    if (message.say) play(message.say === 'play');
    if (message.made) made(message, buffers);
    if (message.n === undefined) return;
    const now = performance.now(), mine = message.q !== null && message.q === asked;
    if (message.q === null) { answeredAt = now; touchedAt = -1e9; }
    heardAt = now; more = message.more;
    BOOK.frames++; BOOK.last[declared.title] = message;
    for (const view of buffers) BOOK.bytes += view.byteLength;
    for (const name in message.t) charts[name] = {text: message.t[name], ranges: message.r[name], marks: message.m[name] ?? [], axes: message.x?.[name] ?? {}, arrays: []};
    message.a.forEach(([name, trace, key, dtype, shape], i) => charts[name].arrays.push([trace, key, typed(dtype, shape, buffers[i])]));
    dead = false; n = message.n; frame = message; wrong = message.wrong;
    if (mine) {
      asked = null;
      if (!outdated) owed = Math.max(0, owed - sentSteps) + (playing || owed ? message.left : 0);
    }
    const stopped = !commanding && halted !== null && message.halted !== halted;      // a Reset of one's own stops nothing pressed after it
    if (message.held || stopped || ['done', 'error'].includes(message.state)) { playing = false; owed = 0; }
    if (mine) commanding = false;
    halted = message.halted;
    settle();
    if (mine || playing) ask();                         // first ask, then draw: the kernel computes meanwhile
    tell(message, 'received');
    each(view => view.take(Object.keys(message.t), message.q === null));
    undrawn.push(message); busy();
    if (message.q === '') { clearTimeout(drawing); drawing = setTimeout(draw); } else draw();      // of a play: the newest only
  };

  // While it plays, a frame draws for DRAWING ms (longer where frames are rare), those charts first that wait the
  // longest: a slow machine or many charts make each chart rarer, and not the whole page slow. When nothing follows,
  // everything is drawn. What answers a hand (an urgent card) comes before all others, which wait for it and for its
  // paint, though not for long.
  const draw = () => {
    clearTimeout(drawing);
    if (!Plotly() || document.hidden) return drawn();
    const start = performance.now();
    let stale = [...views].flatMap(view => view.cards).filter(card => card.stale).sort((a, b) => a.drawnAt - b.drawnAt);
    const urgent = stale.filter(card => card.urgent), held = start - touchedAt < ANSWERED || start - answeredAt < PAINTED;
    const later = playing && urgent.length < stale.length && (urgent.length || (held && start - othersAt < STARVED));
    if (later) { stale = urgent; drawing = setTimeout(draw, PAINTED); } else othersAt = start;
    if (later && !stale.length) return;
    const {every} = SPEEDS[speed][1], most = Math.max(DRAWING, every / 6);
    for (const card of stale) {
      if (playing && !card.urgent && performance.now() - start > most) { drawing = setTimeout(draw, 2 * every); break; }
      card.draw(Plotly());
    }
    drawn(!held);
  };

  // Tell who listens. Frames of which only the newest was drawn came too fast for this page.
  const drawn = (freely = false) => {
    const frames = undrawn.splice(0), newest = frames.at(-1);
    if (!newest) return;
    if (freely && playing) needed = frames.length > 1 ? Math.min(1.2 * Math.max(needed, SPEEDS[speed][1].every), HIDDEN) : .9 * needed;
    BOOK.drawn++;
    tell({...newest, t: Object.assign({}, ...frames.map(({t}) => t))}, 'drawn');
    busy();
    keepPictures();
  };

  // A hand moves a control. Its message and the answer are small, and a server may keep the second of two small parts
  // back until the first one is acknowledged, which a page does 40 ms later, or together with the next thing it sends.
  // (One that is prompt does not: widgets/server.)
  const touched = () => {
    const now = performance.now();
    if (dead || !frame || now - touchedAt < PAINTED) return;
    touchedAt = now;
    for (const wait of declared.prompt ? [] : NUDGES) setTimeout(() => { if (touchedAt === now && !dead) post({nudge: true}); }, wait);
  };

  // Pictures cost some 100 ms: they are drawn when nothing has moved for a while, and now and then while it plays.
  const keepPictures = () => {
    clearTimeout(pictureTimer);
    if (!playing) pictureTimer = setTimeout(drawPictures, QUIET);
    else if (performance.now() - picturesAt > PICTURES) drawPictures();
  };

  const drawPictures = async () => {
    if (picturing || dead || !Plotly() || !views.size || document.hidden || !frame?.k) return;
    picturing = true; picturesAt = performance.now();
    const of = frame;
    try {
      const kept = await pictures(firstCards(), Plotly(), of.says, () => playing || frame === of);
      if (kept) { model.set('pictures', kept); model.save_changes(); }
    } catch (error) { console.debug('nn4: no pictures', error); }
    picturing = false;
    if (frame !== of) keepPictures();
  };

  const made = async ({made: kind, name, text, wrong: error}, buffers) => {
    if (error) { wrong = error; each(view => view.status()); }
    else if (kind === 'state') each(view => view.stateText(text));
    else download(new Blob([buffers[0]], {type: kind === 'csv' ? 'text/csv' : 'text/html'}), name);
  };

  // ---- what views show and do

  const board = {
    get declared() { return declared; }, get speed() { return speed; }, charts,
    get shown() { return {state, says, wrong, playing: playing || owed > 0, seed: frame?.seed, held: frame?.held ?? ''}; },
    play: () => play(!(playing || owed > 0)), step, command, move, Plotly,
    make: kind => post({make: kind}), touched,
    setSpeed: index => { speed = index; nextAt = more = 0; clearTimeout(timer); ask(); },
    png: async view => download(await asPng(view.cards, Plotly(), `${declared.title}: ${says}`, view.colors), `${declared.title}.png`),
  };

  const ready = event => { if (event.detail === declared.lib) draw(); };
  const interval = setInterval(watch, 500);
  const hide = element('style', {}, `.${declared.mark}{display:none}`);     // the saved pictures: the board shows more
  document.head.append(hide);
  model.on('msg:custom', heard);
  model.on('comm:close', gone);
  model.on('comm_live_update', () => { if (frame) gone(); });               // the kernel was restarted
  addEventListener('nn4-plotly', ready);
  document.addEventListener('visibilitychange', draw);
  ask();

  return {
    close() {
      clearInterval(interval); clearTimeout(timer); clearTimeout(drawing); clearTimeout(pictureTimer); hide.remove();
      removeEventListener('nn4-plotly', ready);
      document.removeEventListener('visibilitychange', draw);
    },
    render(el) {
      const view = new View(el, board);
      views.add(view);
      ask(); draw();
      return () => {
        view.remove(Plotly()); views.delete(view);
        if (!views.size && playing) play(false);        // nobody looks: the training stops
      };
    },
  };
}
