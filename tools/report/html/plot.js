// What all drawings share: the figure around them, axes, and a cursor that pointer and keys move.

// A place among `count` points that several drawings may share.
function makeCursor(count) {
  const listeners = [];
  return {
    count,
    index: null,
    last: 0,  // where the keys go on from
    listen(f) {
      listeners.push(f);
    },
    move(index) {
      if (index === this.index) return;
      this.index = index;
      if (index !== null) this.last = index;
      for (const f of listeners) f(index);
    },
  };
}

// Heading, note, legend, drawing, and the numbers behind it (built when they are asked for).
function figure({title, note, legend, drawing, table}) {
  const id = freshId('figure');
  const details = table && el('details', {class: 'numbers'}, el('summary', {}, 'Numbers'));
  if (details) {
    details.addEventListener('toggle', () => {
      if (details.open && details.children.length === 1) details.append(table());
    });
  }
  return el('figure', {class: 'chart', 'aria-labelledby': id},
    el('figcaption', {}, el('h3', {id}, title), note ? el('p', {class: 'note'}, note) : null),
    legend, drawing, details);
}

function swatch({color, dash, shape, hatched}) {
  const box = svg('svg', {class: `swatch c${color}`, width: 22, height: 12, 'aria-hidden': 'true'});
  if (shape === 'area') {
    box.append(svg('rect', {x: 3, y: 0, width: 16, height: 12, class: 'area'}));
    if (hatched) box.append(svg('rect', {x: 3, y: 0, width: 16, height: 12, fill: 'url(#hatch)'}));
  } else if (shape) {
    box.append(marker(shape, 11, 6, 5));
  } else {
    box.append(svg('path', {d: 'M1 6H21', class: 'line', 'stroke-dasharray': dash}));
  }
  return box;
}

// Names, and the values under the cursor. `read(index)` gives {at, values}; without index, nothing.
function makeLegend(entries) {
  const at = el('span', {class: 'at'});
  const values = entries.map(() => el('b', {}));
  const node = el('p', {class: 'legend', 'aria-hidden': 'true'},
    entries.map((entry, i) => el('span', {class: 'entry'}, swatch(entry), `${entry.name} `, values[i])), at);
  return {
    node,
    show(reading) {
      at.textContent = reading ? reading.at : '';
      values.forEach((value, i) => { value.textContent = reading ? reading.values[i] : ''; });
    },
  };
}

// A drawing of the page's width. `draw(width)` returns {svg, nearest(x, y), mark(index)}; `describe(index)` is
// what a screen reader says of a point. Arrow keys walk, `stride` places at a time; a click (of a finger it only reads) or Enter calls `open(index)`. Without a cursor it is
// a picture.
function drawing({label, cursor, draw, describe, open, stride = 1}) {
  const box = el('div', {class: 'plot'});
  let drawn = null;
  let width = 0;
  const redraw = () => {
    const now = Math.round(box.clientWidth);
    if (now < 40 || now === width) return;
    width = now;
    drawn = draw(width);
    box.replaceChildren(drawn.svg);
    if (cursor) drawn.mark(cursor.index);
  };
  new ResizeObserver(() => requestAnimationFrame(redraw)).observe(box);
  if (!cursor || cursor.count === 0) {
    fill(box, {role: 'img', 'aria-label': label}, []);
    return box;
  }

  fill(box, {role: 'slider', tabindex: 0, 'aria-label': `${label}. Arrow keys read values${open ? ', Enter opens the page of one' : ''}`, 'aria-valuemin': 1,
             'aria-valuemax': cursor.count, 'aria-valuenow': 1, 'aria-valuetext': describe(0)}, []);
  const say = (index) => {
    box.setAttribute('aria-valuenow', index + 1);
    box.setAttribute('aria-valuetext', describe(index));
  };
  cursor.listen((index) => {
    if (drawn) drawn.mark(index);
  });
  const steps = {
    ArrowRight: stride, ArrowUp: stride, ArrowLeft: -stride, ArrowDown: -stride,
    PageUp: Math.ceil(cursor.count / 20), PageDown: -Math.ceil(cursor.count / 20), Home: -cursor.count, End: cursor.count,
  };
  const go = (index) => {
    cursor.move(Math.min(cursor.count - 1, Math.max(0, index)));
    say(cursor.index);
  };
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') cursor.move(null);
    if (event.key === 'Enter' && open && cursor.index !== null) open(cursor.index);
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(cursor.index === null ? cursor.last : cursor.index + steps[event.key]);
  });
  box.addEventListener('focus', () => {
    if (box.matches(':focus-visible')) go(cursor.last);
  });
  box.addEventListener('blur', () => cursor.move(null));
  const follow = (event) => {
    if (!drawn) return;
    const place = drawn.svg.getBoundingClientRect();
    const scale = width / place.width;
    const index = drawn.nearest((event.clientX - place.left) * scale, (event.clientY - place.top) * scale);
    if (index !== null) go(index);
  };
  box.addEventListener('pointerdown', follow);
  box.addEventListener('pointermove', follow);
  box.addEventListener('click', (event) => {
    if (open && event.pointerType === 'mouse' && cursor.index !== null) open(cursor.index);
  });
  box.addEventListener('pointerleave', () => cursor.move(null));
  return box;
}

// Axes with their ticks. `x` and `y`: {name, format, domain, log, exact, ticks: instead of round ones}. Returns the svg to draw in, the
// scales and the inner box.
function axes(width, height, x, y) {
  const top = 24;
  const bottom = height - 38;
  const scaleOf = (axis, range, count) => (axis.log ? logScale : axis.exact ? exactScale : linearScale)(axis.domain, range, count);
  const yScale = scaleOf(y, [bottom, top], 5);
  const longest = Math.max(...yScale.ticks.map((tick) => y.format(tick).length));
  const left = Math.min(width / 3, 12 + 6.6 * longest);
  const right = width - 14;
  const xScale = scaleOf(x, [left, right], Math.max(2, Math.floor((right - left) / (x.log ? 60 : x.exact ? 64 : 80))));
  if (x.ticks) xScale.ticks = x.ticks;
  const root = svg('svg', {viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true', focusable: 'false'});
  const grid = svg('g', {class: 'grid'});
  const labels = svg('g', {class: 'ticks'});
  for (const tick of yScale.ticks) {
    const at = yScale.at(tick);
    grid.append(svg('path', {d: `M${left} ${at}H${right}`}));
    labels.append(svg('text', {x: left - 6, y: at + 4, 'text-anchor': 'end'}, y.format(tick)));
  }
  let free = -Infinity;
  for (const tick of xScale.ticks) {
    const at = xScale.at(tick);
    const text = x.format(tick);
    const half = 3.3 * text.length;
    const middle = Math.min(at, width - half);
    grid.append(svg('path', {d: `M${at} ${bottom}v4`}));
    if (middle - half < free) continue;
    free = middle + half + 8;
    labels.append(svg('text', {x: middle, y: bottom + 17, 'text-anchor': 'middle'}, text));
  }
  const named = (axis) => `${axis.name}${axis.log ? ', log scale' : ''}`;
  labels.append(svg('text', {x: (left + right) / 2, y: height - 4, 'text-anchor': 'middle', class: 'name'}, named(x)));
  labels.append(svg('text', {x: 2, y: 11, class: 'name'}, named(y)));
  root.append(grid, labels);
  return {svg: root, x: xScale, y: yScale, left, right, top, bottom};
}

// From `low` to `high`, with ends: the interval around a value that stands at (x, y) in pixels.
function bar({x, y, low, high, upright}) {
  const [a, b] = [low, high].map((v) => v.toFixed(1));
  const d = upright ? `M${x} ${a}V${b}M${x - 3} ${a}h6M${x - 3} ${b}h6` : `M${a} ${y}H${b}M${a} ${y - 3}v6M${b} ${y - 3}v6`;
  return svg('path', {class: 'bar', d});
}

// What is asked for: a line across the drawing, with its name. `axis` says on which one `at` is.
function limitLine(frame, {axis, at, name}) {
  const place = frame[axis].at(at);
  const across = axis === 'x';
  const text = across ? {x: place - 4, y: frame.bottom - 6, 'text-anchor': place - frame.left > 90 ? 'end' : 'start'} : {x: frame.right, y: place - 4, 'text-anchor': 'end'};
  if (across && place - frame.left <= 90) text.x = place + 4;
  return svg('g', {class: 'limit'}, svg('path', {class: 'line', d: across ? `M${place} ${frame.top}V${frame.bottom}` : `M${frame.left} ${place}H${frame.right}`}),
    svg('text', {class: 'note', ...text}, name));
}

function marker(shape, x, y, size) {
  const s = size;
  const paths = {
    circle: `M${x - s} ${y}a${s} ${s} 0 1 0 ${2 * s} 0a${s} ${s} 0 1 0 ${-2 * s} 0Z`,
    square: `M${x - 0.9 * s} ${y - 0.9 * s}h${1.8 * s}v${1.8 * s}h${-1.8 * s}Z`,
    diamond: `M${x} ${y - 1.3 * s}L${x + 1.3 * s} ${y}L${x} ${y + 1.3 * s}L${x - 1.3 * s} ${y}Z`,
    triangle: `M${x} ${y - 1.2 * s}L${x + 1.15 * s} ${y + 0.9 * s}H${x - 1.15 * s}Z`,
    cross: `M${x - s} ${y - s}L${x + s} ${y + s}M${x - s} ${y + s}L${x + s} ${y - s}`,
    star: `M${x - 1.2 * s} ${y}H${x + 1.2 * s}M${x} ${y - 1.2 * s}V${y + 1.2 * s}M${x - 0.8 * s} ${y - 0.8 * s}L${x + 0.8 * s} ${y + 0.8 * s}M${x - 0.8 * s} ${y + 0.8 * s}L${x + 0.8 * s} ${y - 0.8 * s}`,
  };
  return svg('path', {d: paths[shape], class: shape === 'cross' || shape === 'star' ? 'stroke' : 'mark'});
}
const SHAPES = ['circle', 'square', 'diamond', 'triangle', 'cross', 'star'];
const DASHES = [null, '7 4', '2 3', '9 3 2 3', '1 5', '12 5'];
