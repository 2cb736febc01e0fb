// The kinds of drawings. Each takes a plain description and returns a figure, or null without data.

function extentOf(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!isNumber(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : null;
}

function pathOf(points, x, y) {
  let path = '';
  let pen = 'M';
  for (const [a, b] of points) {
    if (!isNumber(a) || !isNumber(b)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${x.at(a).toFixed(1)} ${y.at(b).toFixed(1)}`;
    pen = 'L';
  }
  return path;
}

// Points without neighbours, which no line shows.
function lonely(points) {
  const there = (point) => point && isNumber(point[0]) && isNumber(point[1]);
  return points.filter((point, i) => there(point) && !there(points[i - 1]) && !there(points[i + 1]));
}

// Lines over a shared list of places. `series`: {name, points: [[x, y], ...], color, dash, area}; `along` says
// which coordinate the cursor walks along: x (time), or y (the percentile of a distribution). A cursor that
// several charts share may be finer than this one's points. A point may have the ends of an interval behind its value: [x, y, low, high].
// `limits`: see limitLine().
function lineChart({title, note, x, y, series, along = 'x', cursor, limits = [], height = 230}) {
  const shown = series.filter((s) => s.points.some(([a, b]) => isNumber(a) && isNumber(b) && !(x.log && a <= 0) && !(y.log && b <= 0)));
  if (shown.length === 0) return null;
  const count = shown[0].points.length;
  const at = cursor || makeCursor(count);
  const stride = Math.max(1, Math.floor(at.count / count));
  const local = (i) => Math.min(count - 1, Math.floor(i / stride));
  const [walk, read] = along === 'x' ? [0, 1] : [1, 0];
  const [walkAxis, readAxis] = along === 'x' ? [x, y] : [y, x];
  const placeOf = (i) => shown.map((s) => s.points[i][walk]).find(isNumber);
  const reading = (i) => ({
    at: `at ${walkAxis.format(placeOf(i))}`,
    values: shown.map((s) => readAxis.format(s.points[i][read])),
  });
  const legend = makeLegend(shown);
  at.listen((i) => legend.show(i === null ? null : reading(local(i))));

  const domain = (axis, place) => {
    const asked = limits.filter((limit) => limit.axis === (place === 0 ? 'x' : 'y')).map((limit) => limit.at);
    const ends = place === 1 ? shown.flatMap((s) => s.points.flatMap((p) => p.slice(2))) : [];
    const positive = [...shown.flatMap((s) => s.points.map((p) => p[place])), ...ends, ...asked].filter((v) => isNumber(v) && (!axis.log || v > 0));
    const [low, high] = extentOf(positive) || [1, 10];
    return axis.domain || (axis.log ? [low, high] : [Math.min(axis.from ?? low, low), high]);
  };
  const draw = (width) => {
    const frame = axes(width, height, {...x, domain: domain(x, 0)}, {...y, domain: domain(y, 1)});
    for (const s of shown) {
      const group = svg('g', {class: `c${s.color}`});
      const points = s.points.filter(([a, b]) => (!x.log || a > 0) && (!y.log || b > 0) || a === null || b === null);
      const path = pathOf(points, frame.x, frame.y);
      if (s.area && path) {
        const ends = points.filter(([a, b]) => isNumber(a) && isNumber(b));
        group.append(svg('path', {class: 'shade', d: `${path}L${frame.x.at(ends.at(-1)[0]).toFixed(1)} ${frame.bottom}L${frame.x.at(ends[0][0]).toFixed(1)} ${frame.bottom}Z`}));
      }
      group.append(svg('path', {class: 'line', d: path, 'stroke-dasharray': s.dash}));
      const dots = s.marks ? points.filter(([a, b]) => isNumber(a) && isNumber(b)) : lonely(points);
      for (const [a, b, low, high] of dots) {
        const [px, py] = [frame.x.at(a), frame.y.at(b)];
        if (isNumber(low) && isNumber(high) && high > low && !(y.log && low <= 0)) group.append(bar({x: px, y: py, low: frame.y.at(low), high: frame.y.at(high), upright: true}));
        group.append(marker(s.marks || 'circle', px, py, s.marks ? 4 : 1.6));
      }
      frame.svg.append(group);
    }
    for (const limit of limits) frame.svg.append(limitLine(frame, limit));
    const hair = svg('g', {class: 'cursor'});
    frame.svg.append(hair);
    const axis = along === 'x' ? frame.x : frame.y;
    return {
      svg: frame.svg,
      nearest(px, py) {
        const target = along === 'x' ? px : py;
        let best = null;
        let distance = Infinity;
        for (let i = 0; i < count; ++i) {
          const place = placeOf(i);
          if (!isNumber(place)) continue;
          const d = Math.abs(axis.at(place) - target);
          if (d < distance) [best, distance] = [i, d];
        }
        return best === null ? null : best * stride + Math.floor(stride / 2);
      },
      mark(place_) {
        hair.replaceChildren();
        const i = place_ === null ? null : local(place_);
        if (i === null || !isNumber(placeOf(i))) return;
        const place = axis.at(placeOf(i));
        hair.append(svg('path', {d: along === 'x' ? `M${place} ${frame.top}V${frame.bottom}` : `M${frame.left} ${place}H${frame.right}`}));
        for (const s of shown) {
          const [a, b] = s.points[i];
          if (!isNumber(a) || !isNumber(b) || (x.log && a <= 0) || (y.log && b <= 0)) continue;
          hair.append(svg('g', {class: `c${s.color}`}, marker('circle', frame.x.at(a), frame.y.at(b), 4)));
        }
      },
    };
  };
  const numbers = () => table(title, [{name: walkAxis.name}, ...shown.map((s) => ({name: s.name}))],
    Array.from({length: count}, (_, i) => [walkAxis.format(placeOf(i)), ...reading(i).values]), {hideCaption: true});
  const describe = (place) => {
    const {at: where, values} = reading(local(place));
    return `${where}: ${shown.map((s, k) => `${s.name} ${values[k]}`).join(', ')}`;
  };
  return figure({title, note, legend: legend.node, table: numbers,
                 drawing: drawing({label: title, cursor: at, draw, describe, stride})});
}

// Buckets side by side, each with a bar a series. `edges` are the buckets' upper ends on a log axis, the first starting a ratio below. Counts are on
// a log axis, too: what is rare can be read beside what is frequent.
function histogram({title, note, x, y, edges, series, height = 230}) {
  const totals = edges.map((_, i) => series.reduce((sum, s) => sum + s.values[i], 0));
  const first = totals.findIndex((t) => t > 0);
  if (first < 0) return null;
  const last = totals.findLastIndex((t) => t > 0);
  const ratio = edges[1] / edges[0];
  const kept = edges.slice(first, last + 1);
  const cursor = makeCursor(kept.length);
  const legend = makeLegend(series.map((s) => ({...s, shape: 'area'})));
  const range = (i) => `${x.format(kept[i] / ratio)} to ${x.format(kept[i])}`;
  const values = (i) => series.map((s) => y.format(s.values[first + i]));
  cursor.listen((i) => legend.show(i === null ? null : {at: range(i), values: values(i)}));
  const draw = (width) => {
    const frame = axes(width, height, {...x, log: true, domain: [kept[0] / ratio, kept.at(-1)]},
                       {...y, log: true, domain: [0.5, Math.max(2, ...series.flatMap((s) => s.values))]});
    const left = (i) => frame.x.at(kept[i] / ratio);
    const there = series.filter((s) => s.values.some((value) => value > 0));
    kept.forEach((edge, i) => {
      const wide = (frame.x.at(edge) - left(i) - 0.5) / there.length;
      there.forEach((s, k) => {
        const value = s.values[first + i];
        if (value === 0) return;
        const top = frame.y.at(value);
        frame.svg.append(svg('g', {class: `c${s.color}`}, svg('rect', {
          class: 'area', x: left(i) + k * wide, width: Math.max(1, wide - 0.3), y: top, height: frame.bottom - top})));
      });
    });
    const hair = svg('g', {class: 'cursor'});
    frame.svg.append(hair);
    return {
      svg: frame.svg,
      nearest: (px) => Math.max(0, kept.findLastIndex((_, i) => left(i) <= px)),
      mark(i) {
        hair.replaceChildren();
        if (i !== null) hair.append(svg('rect', {class: 'frame', x: left(i), width: frame.x.at(kept[i]) - left(i), y: frame.top, height: frame.bottom - frame.top}));
      },
    };
  };
  const numbers = () => table(title, [{name: x.name}, ...series.map((s) => ({name: s.name}))],
    kept.map((_, i) => [range(i), ...values(i)]), {hideCaption: true});
  const describe = (i) => `${range(i)}: ${series.map((s, k) => `${s.name} ${values(i)[k]}`).join(', ')}`;
  return figure({title, note, legend: legend.node, table: numbers, drawing: drawing({label: title, cursor, draw, describe})});
}

// The name of a mark beside it, where it hides no other mark and no earlier name; `taken` are their boxes.
function labelOf(text, i, taken, frame) {
  const mark = taken[i];
  const [x, y, width] = [(mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2, 6.5 * text.length];
  const places = [[9, 14, 'start'], [9, -8, 'start'], [-9, 14, 'end'], [-9, -8, 'end'], [0, 26, 'middle'], [0, -16, 'middle']].map(([dx, dy, anchor]) => {
    const left = x + dx - {start: 0, middle: width / 2, end: width}[anchor];
    return {x: x + dx, y: y + dy, anchor, left, right: left + width, top: y + dy - 10, bottom: y + dy + 3};
  });
  const inside = places.filter((box) => box.left >= frame.left && box.right <= frame.right);
  const meets = (box) => taken.some((other, k) => k !== i && box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
  const place = inside.find((box) => !meets(box)) ?? inside[0] ?? places[0];
  taken.push(place);
  return svg('text', {class: 'note', x: place.x, y: place.y, 'text-anchor': place.anchor}, text);
}

// Points on two axes. `points`: {x, y, kind, size, label, faint, hollow, xEnds, yEnds: [low, high] of an interval}; `kinds`: {name, color, shape};
// `lines`: {points, class, name}; `limits`: see limitLine(). `describe(point)` is said of one, `open(point)` follows it. `rows()` is the table behind it.
function scatter({title, note, x, y, points, kinds, lines = [], limits = [], describe, read, open, numbers, height = 340}) {
  if (points.length === 0) return null;
  const used = kinds.map((_, k) => points.some((point) => point.kind === k));
  const legend = makeLegend(kinds.filter((_, k) => used[k]));
  const reading = el('p', {class: 'reading', 'aria-hidden': 'true'});
  const cursor = makeCursor(points.length);
  reading.textContent = read(null);
  cursor.listen((i) => { reading.textContent = read(i === null ? null : points[i]); });
  const domain = (axis, key) => axis.domain || (() => {
    const asked = limits.filter((limit) => limit.axis === key).map((limit) => limit.at);
    const [low, high] = extentOf([...points.flatMap((point) => [point[key], ...(point[`${key}Ends`] ?? [])]), ...asked].filter((v) => !axis.log || v > 0));
    return axis.log ? [low, high] : [Math.min(axis.from ?? low, low), high];
  })();
  const draw = (width) => {
    const frame = axes(width, height, {...x, domain: domain(x, 'x')}, {...y, domain: domain(y, 'y')});
    for (const line of lines) {
      frame.svg.append(svg('g', {class: line.class}, svg('path', {class: 'line', d: pathOf(line.points, frame.x, frame.y)})));
      if (line.name) {
        const [a, b] = line.nameAt;
        frame.svg.append(svg('text', {class: 'note', x: frame.x.at(a) - 6, y: frame.y.at(b) - 6, 'text-anchor': 'end'}, line.name));
      }
    }
    // The small ones last, so that no point hides under another.
    const order = points.map((_, i) => i).sort((a, b) => (points[b].size ?? 5) - (points[a].size ?? 5));
    for (const i of order) {
      const p = points[i];
      const group = svg('g', {class: `c${kinds[p.kind].color}${p.faint ? ' faint' : ''}${p.hollow ? ' hollow' : ''}`});
      const [px, py] = [frame.x.at(p.x), frame.y.at(p.y)];
      const ends = (axis, pair) => pair && pair[1] > pair[0] && !(axis.log && pair[0] <= 0);
      if (ends(y, p.yEnds)) group.append(bar({x: px, y: py, low: frame.y.at(p.yEnds[0]), high: frame.y.at(p.yEnds[1]), upright: true}));
      if (ends(x, p.xEnds)) group.append(bar({x: px, y: py, low: frame.x.at(p.xEnds[0]), high: frame.x.at(p.xEnds[1]), upright: false}));
      frame.svg.append(fill(group, {}, [marker(kinds[p.kind].shape, px, py, p.size ?? 5)]));
    }
    const marks = points.map((p) => ({left: frame.x.at(p.x) - 7, right: frame.x.at(p.x) + 7, top: frame.y.at(p.y) - 7, bottom: frame.y.at(p.y) + 7}));
    order.forEach((i) => { if (points[i].label) frame.svg.append(labelOf(points[i].label, i, marks, frame)); });
    for (const limit of limits) frame.svg.append(limitLine(frame, limit));
    const ring = svg('g', {class: 'cursor'});
    frame.svg.append(ring);
    return {
      svg: frame.svg,
      nearest(px, py) {
        let best = null;
        let distance = Infinity;
        points.forEach((p, i) => {
          const d = Math.hypot(frame.x.at(p.x) - px, frame.y.at(p.y) - py);
          if (d < distance) [best, distance] = [i, d];
        });
        return best;
      },
      mark(i) {
        ring.replaceChildren();
        if (i !== null) ring.append(svg('circle', {cx: frame.x.at(points[i].x), cy: frame.y.at(points[i].y), r: (points[i].size ?? 5) + 4}));
      },
    };
  };
  return figure({title, note, legend: [legend.node, reading], table: numbers,
                 drawing: drawing({label: title, cursor, draw, describe: (i) => describe(points[i]), open: open && ((i) => open(points[i]))})});
}

// Bars one above the other, each cut into parts. `parts`: {name, color, hatched}; `bars`: {name, values}.
// The numbers are always shown: a stack cannot be read off.
function stackedBars({title, note, parts, bars, format, share = false}) {
  const shown = parts.map((_, k) => bars.some((bar) => bar.values[k] > 0));
  const totals = bars.map((bar) => bar.values.reduce((a, b) => a + (b || 0), 0));
  const most = Math.max(...totals);
  if (!(most > 0)) return null;
  const draw = (width) => {
    const high = 26;
    const gap = 12;
    const left = Math.min(width / 3, 12 + 7 * Math.max(...bars.map((bar) => bar.name.length)));
    const room = width - left - 4;
    const root = svg('svg', {viewBox: `0 0 ${width} ${bars.length * (high + gap)}`, width, height: bars.length * (high + gap), 'aria-hidden': 'true'});
    bars.forEach((bar, i) => {
      let from = left;
      const y = i * (high + gap);
      root.append(svg('g', {class: 'ticks'}, svg('text', {x: left - 8, y: y + high / 2 + 4, 'text-anchor': 'end'}, bar.name)));
      bar.values.forEach((value, k) => {
        const size = value / (share ? totals[i] : most) * room;
        if (!(size > 0)) return;
        root.append(svg('g', {class: `c${parts[k].color}`},
          svg('rect', {class: 'area', x: from, y, width: Math.max(0.6, size - 1), height: high}),
          parts[k].hatched ? svg('rect', {fill: 'url(#hatch)', x: from, y, width: Math.max(0.6, size - 1), height: high}) : null));
        from += size;
      });
    });
    return {svg: root, nearest: () => null, mark: () => {}};
  };
  const rows = parts.map((part, k) => ({part, k})).filter(({k}) => shown[k]).map(({part, k}) => [
    [swatch({...part, shape: 'area'}), ` ${part.name}`],
    ...bars.flatMap((bar, i) => (share ? [format(bar.values[k])] : [`${format(bar.values[k])} (${percent(totals[i] > 0 ? bar.values[k] / totals[i] : 0)})`])),
  ]);
  if (!share) rows.push(['sum', ...totals.map((total) => format(total))]);
  const node = figure({title, note, drawing: drawing({label: `${title}; the table below has the numbers`, draw})});
  node.append(table(title, [{name: 'Part', left: true}, ...bars.map((bar) => ({name: bar.name}))], rows, {hideCaption: true}));
  return node;
}
