// What every board carries: it fetches the board's code, once for each page, and shows the pictures that were kept
// with the notebook where there is no kernel to ask.

const KEY = '__KEY__';
const CODES = (globalThis.nn4Codes ??= {});             // key -> {module, asked}, shared by all boards of the page

async function unpackCode(bytes) {
  const code = (CODES[KEY] ??= {});
  if (code.module) return;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const url = URL.createObjectURL(new Blob([await new Response(stream).text()], {type: 'text/javascript'}));
  const module = await import(url);
  URL.revokeObjectURL(url);
  code.module ??= module;
  dispatchEvent(new CustomEvent('nn4-code', {detail: KEY}));
}

// The last frame, as pictures.
function showKept(el, {title, charts}, {svg = {}, says}) {
  el.classList.add('nn4-kept');            // controls would move nothing
  el.innerHTML = '<style>.nn4-dashboard:has(.nn4-kept) .nn4-controls{display:none}</style><div class="nn4-status" data-state="waiting"></div>';
  const status = el.lastChild;
  status.textContent = says ? `${title}, as it was left: ${says}. Run the cell to go on.` : `${title}: waiting for the kernel`;
  for (const {name} of charts) {
    if (!svg[name]) continue;
    const figure = document.createElement('figure'), caption = document.createElement('figcaption');
    Object.assign(figure.style, {display: 'inline-block', margin: '4px'});
    caption.textContent = svg[name].title;
    figure.innerHTML = svg[name].svg;
    figure.prepend(caption); el.append(figure);
  }
  return () => { status.dataset.state = 'no-answer'; if (!says) status.textContent = `${title}: no answer. Run the cell again.`; };
}

// anywidget gives up a model that is not ready within 2 s, and lets no message through to it any more; a page that
// draws many boards may take longer. So a model that has heard nothing hears the kernel itself, by ipywidgets' handler.
const DEAF = 900;                                       // ms: a board asks again soon after
async function hearDirectly(model) {
  const own = await model.widget_manager.get_model(model.get('declared').model);
  let handle;                                           // the oldest is that of ipywidgets
  for (let of = own; of; of = Object.getPrototypeOf(of)) if (Object.hasOwn(of, '_handle_comm_msg')) handle = of._handle_comm_msg;
  own.comm.on_msg(message => handle.call(own, message));
}

export default () => {                                  // anywidget calls this once for each model
  const waiting = new Set(), patient = new Set();
  let board, timer, wait = 4000;
  return {
    initialize({model}) {
      const begin = () => {
        if (board || !CODES[KEY]?.module) return;
        board = CODES[KEY].module.openBoard(model);
        for (const show of waiting) show();
        waiting.clear(); patient.clear(); end();
      };
      const ask = () => {
        const code = (CODES[KEY] ??= {}), now = Date.now();
        if (now - (code.asked ?? 0) > 3900) {           // another board may have asked just now
          code.asked = now;
          try { Promise.resolve(model.send({code: KEY})).catch(() => {}); } catch { /* no kernel: the pictures stay */ }
        }
        if (wait > 8000) for (const giveUp of patient) giveUp();
        timer = setTimeout(ask, wait); wait *= 2;
      };
      const deaf = setTimeout(() => hearDirectly(model).catch(() => {}), DEAF);      // where it cannot: as it was
      const hears = () => { clearTimeout(deaf); model.off('msg:custom', hears); };
      model.on('msg:custom', hears);
      const heard = (message, buffers) => { if (message.code) unpackCode(buffers[0]); };
      const end = () => { clearTimeout(timer); removeEventListener('nn4-code', begin); model.off('msg:custom', heard); };
      if (CODES[KEY]?.module) begin();
      else { addEventListener('nn4-code', begin); model.on('msg:custom', heard); ask(); }
      return () => { end(); hears(); board?.close(); };
    },
    render({model, el}) {
      if (board) return board.render(el);
      let remove, gone = false;
      const show = () => { if (!gone) { el.replaceChildren(); el.classList.remove('nn4-kept'); remove = board.render(el); } };
      patient.add(showKept(el, model.get('declared'), model.get('pictures') ?? {}));
      waiting.add(show);
      return () => { gone = true; waiting.delete(show); remove?.(); };
    },
  };
};
