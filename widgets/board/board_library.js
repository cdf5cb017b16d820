// What a page has once, however many boards are on it: plotly.js, and a small open book for tests and measurements.

// frames: received by all boards; drawn: drawn; charts: single charts drawn; bytes: of their buffers; last: the last message of each board, by title;
// listeners: functions (message, phase) with phase "asked", "received" or "drawn".
const BOOK = (globalThis.nn4 ??= {frames: 0, drawn: 0, charts: 0, bytes: 0, last: {}, listeners: [], plotly: {}});
const tell = (message, phase) => { for (const f of BOOK.listeners) f(message, phase); };
const plotlyOf = version => BOOK.plotly[version]?.Plotly;

async function gunzip(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')));
}

// Evaluate plotly.js where no loader of the page (AMD) and no other Plotly notices it.
async function unpackPlotly(version, bytes) {
  const entry = (BOOK.plotly[version] ??= {});
  if (entry.Plotly || entry.busy) return;
  entry.busy = true;
  try {
    const source = await (await gunzip(bytes)).text();
    const module = {exports: {}}, before = Object.getOwnPropertyDescriptor(globalThis, 'Plotly');
    new Function('module', 'exports', 'define', source)(module, module.exports, undefined);
    if (before) Object.defineProperty(globalThis, 'Plotly', before); else delete globalThis.Plotly;
    entry.Plotly = module.exports;
    dispatchEvent(new CustomEvent('nn4-plotly', {detail: version}));
  } finally { entry.busy = false; }
}

// The style sheet, once for each page. CSS comes with the code.
document.getElementById('nn4-style')?.remove();
document.head.append(Object.assign(document.createElement('style'), {id: 'nn4-style', textContent: CSS}));

const TYPES = {f4: Float32Array, u1: Uint8Array, i4: Int32Array};
function typed(dtype, shape, view) {
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  const array = dtype === 'b1' ? unpackBits(new Uint8Array(bytes), shape) : new TYPES[dtype](bytes);
  if (shape.length < 2) return array;
  return Array.from({length: shape[0]}, (_, i) => array.subarray(i * shape[1], (i + 1) * shape[1]));
}

function unpackBits(packed, shape) {
  const array = new Uint8Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < array.length; i++) array[i] = packed[i >> 3] >> (i & 7) & 1;
  return array;
}

// element('button', {className: 'x', onclick: f}, 'text', child, ...)
function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag), {data, aria, ...rest} = properties;
  Object.assign(made, rest);
  for (const name in data) made.dataset[name] = data[name];
  for (const name in aria) made.setAttribute(name === 'role' ? name : 'aria-' + name, aria[name]);
  made.append(...children);
  return made;
}
