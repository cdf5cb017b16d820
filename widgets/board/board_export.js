// What leaves the page: pictures for the saved notebook, one PNG of all charts, files that the kernel made.

const INK = '#010203';                                  // stands for the colour of text, and is found again in the SVG
const INK_IN_SVG = /rgb\(1, ?2, ?3\)|#010203/g;

// {svg: {chart: {title, text, svg}}, says}: small enough to be kept in a notebook. One chart at a time, and never
// for a frame that is not the last any more.
async function pictures(cards, Plotly, says, wanted) {
  const svg = {};
  for (const card of cards) {
    if (!wanted()) return null;
    const drawn = await card.image(Plotly, 'svg', INK);
    svg[card.chart.name] = {title: `${card.chart.title}: ${card.live.textContent}`, text: card.live.textContent, svg: drawn.replace(INK_IN_SVG, 'currentColor')};
    await new Promise(done => setTimeout(done, 30));
  }
  return {svg, says};
}

async function asPng(cards, Plotly, title, colors) {
  const scale = 2, gap = 16, top = 64, columns = cards.length > 1 ? 2 : 1;
  const width = Math.max(...cards.map(card => card.plot.offsetWidth)) || 460;
  const height = Math.max(...cards.map(card => card.chart.height)) + 52;
  const canvas = element('canvas', {width: scale * (columns * (width + gap) + gap), height: scale * (top + Math.ceil(cards.length / columns) * (height + gap))});
  const pen = canvas.getContext('2d');
  const write = (text, x, y, font) => { pen.font = `${font} ${colors.font}`; pen.fillStyle = colors.text; pen.fillText(text, x, y); return pen.measureText(text).width; };
  pen.scale(scale, scale);
  pen.fillStyle = colors.card; pen.fillRect(0, 0, canvas.width, canvas.height);
  write(title, gap, 36, '600 20px');
  for (const [i, card] of cards.entries()) {
    const x = gap + (i % columns) * (width + gap), y = top + Math.floor(i / columns) * (height + gap);
    const picture = new Image();
    picture.src = await card.image(Plotly, 'png');
    await picture.decode();
    write(`${card.chart.title}   ${card.live.textContent}`, x, y + 14, '600 14px');
    let at = x;
    for (const {name, color} of card.chart.legend) {
      pen.fillStyle = color; pen.fillRect(at, y + 28, 18, 5);
      at += 24 + write(name, at + 23, y + 36, '13px') + 16;
    }
    pen.drawImage(picture, x, y + 46, card.plot.offsetWidth || 460, card.chart.height);
  }
  return new Promise(done => canvas.toBlob(done, 'image/png'));
}

function download(blob, name) {
  const link = element('a', {href: URL.createObjectURL(blob), download: name});
  document.body.append(link); link.click(); link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
