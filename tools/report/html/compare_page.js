// The page of a comparison: advice, what trades against what, how figures move with a setting, all points.

const KIND_STYLES = SHAPES.map((shape, i) => ({shape, color: [0, 1, 2, 3, 4, 7][i], dash: DASHES[i]}));

// Which way is better, of a figure of the result.
function moreIsBetter(key, objectives) {
  const objective = objectives.find((o) => o.key === key);
  return objective ? objective.better === 'more' : /throughput|goodput|hit_rate|completed/.test(key);
}

function formatOf(key) {
  if (key.endsWith('_ms')) return milliseconds;
  if (/attainment|usage|hit_rate|^bound_by/.test(key)) return percent;
  if (key.startsWith('usd')) return (value) => (isNumber(value) ? `$${short(value)}` : '–');
  return short;
}

function settingName(key) {
  const known = {tensor_parallel_size: 'TP', pipeline_parallel_size: 'PP', data_parallel_size: 'DP', gpu: 'GPU'};
  const last = key.split('.').at(-1);
  return known[last] || plainKey(last);
}

function textOf(value) {
  return value === null || value === undefined ? 'none' : String(value);
}

// Distinct values of a setting, in the order of the grid.
function valuesOf(points, key) {
  return [...new Set(points.map((point) => textOf(point.settings[key])))];
}

// Figures that at least two points tell apart, or that somebody asked for.
function figuresOf(points, wanted) {
  const keys = new Set(points.flatMap((point) => Object.keys(point).filter((key) => isNumber(point[key]) && key !== 'index')));
  return [...keys].filter((key) => wanted.includes(key) || new Set(points.map((point) => point[key]).filter(isNumber)).size > 1);
}

function picker(name, keys, chosen, change) {
  const id = freshId('pick');
  const select = el('select', {id}, keys.map((key) => el('option', {value: key, selected: key === chosen}, figureName(key))));
  select.addEventListener('change', () => change(select.value));
  return el('span', {}, el('label', {for: id}, `${name} `), select);
}

// A part of the page that pickers draw anew.
function redrawn(draw) {
  const box = el('div', {});
  const redraw = () => box.replaceChildren(...[draw(redraw)].flat(Infinity).filter(Boolean));
  redraw();
  return box;
}

function statusOf(point) {
  const cut = point.interrupted && point.status !== 'not run' ? ', interrupted' : '';
  if (point.status !== 'ok') return el('span', {class: point.status === 'overloaded' ? 'missed' : null}, plainKey(point.status) + cut);
  return verdict(point.verdict, cut);
}

function paretoFront(points, x, y, objectives) {
  const [signX, signY] = [x, y].map((key) => (moreIsBetter(key, objectives) ? -1 : 1));
  const sorted = [...points].sort((a, b) => signX * (a[x] - b[x]) || signY * (a[y] - b[y]));
  let best = Infinity;
  return sorted.filter((point) => {
    if (signY * point[y] >= best) return false;
    best = signY * point[y];
    return true;
  });
}

function tradeOff(compare, keys) {
  const {points, objectives, varied} = compare;
  const chosen = {x: objectives[0]?.key ?? 'p99_ttft_ms', y: objectives[1]?.key ?? (objectives[0]?.key === 'p99_ttft_ms' ? 'output_throughput' : 'p99_ttft_ms')};
  // By colour and shape: the first setting that is a name, else the first.
  const by = varied.find((key) => points.some((point) => typeof point.settings[key] === 'string')) ?? varied[0];
  const values = by ? valuesOf(points, by) : ['all'];
  const kinds = values.slice(0, 6).map((name, i) => ({name: by ? `${settingName(by)} ${name}` : name, ...KIND_STYLES[i]}));
  if (values.length > 6) kinds[5] = {name: 'others', ...KIND_STYLES[5]};
  return redrawn((redraw) => {
    const {x, y} = chosen;
    const shown = points.filter((point) => isNumber(point[x]) && isNumber(point[y]));
    const front = paretoFront(shown.filter((point) => point.status === 'ok'), x, y, objectives);
    const log = (key) => {
      const [low, high] = extentOf(shown.map((point) => point[key])) || [1, 1];
      return low > 0 && high / low > 20;
    };
    const say = (p) => `${p.of.label}: ${figureName(x)} ${formatOf(x)(p.x)}, ${figureName(y)} ${formatOf(y)(p.y)}${front.includes(p.of) ? ', on the front' : ''}${p.of.verdict ? `, ${plainKey(p.of.verdict)}` : ''}`;
    const chart = scatter({
      title: `${figureName(y)} against ${figureName(x)}`, height: 380,
      note: `Dashed: the Pareto front; no other point is better in both. Faint: does not keep the SLO. ${points.length - shown.length > 0 ? `${whole(points.length - shown.length)} of ${whole(points.length)} points have no such figures: infeasible, overloaded or not run.` : ''}`,
      x: {name: figureName(x), format: formatOf(x), log: log(x), from: 0}, y: {name: figureName(y), format: formatOf(y), log: log(y), from: 0},
      points: shown.map((point) => ({x: point[x], y: point[y], of: point, faint: point.verdict === 'misses', size: front.includes(point) ? 7 : 5,
                                     kind: by ? Math.min(5, values.indexOf(textOf(point.settings[by]))) : 0})),
      kinds, lines: front.length > 1 ? [{points: front.map((point) => [point[x], point[y]]), class: 'front'}] : [],
      describe: say, read: (p) => (p ? say(p) : 'Point at a mark to read it.'),
      numbers: () => table('Points of this plot', [{name: 'Point', left: true}, {name: figureName(x)}, {name: figureName(y)}, {name: 'front', left: true}],
        shown.map((point) => [point.label || 'the point', formatOf(x)(point[x]), formatOf(y)(point[y]), front.includes(point) ? 'yes' : '']), {hideCaption: true}),
    });
    return [el('p', {class: 'pickers'}, picker('Across', keys, x, (key) => { chosen.x = key; redraw(); }), picker('Up', keys, y, (key) => { chosen.y = key; redraw(); })),
            chart ?? el('p', {class: 'empty'}, 'No point has both figures.')];
  });
}

// A chart for each combination of the settings that are neither across nor a line.
function smallMultiples(compare, keys) {
  const {points, varied} = compare;
  const numeric = varied.filter((key) => points.every((point) => isNumber(point.settings[key])) && valuesOf(points, key).length > 1);
  if (numeric.length === 0) return null;
  const across = numeric.find((key) => /rate/.test(key)) ?? numeric.at(-1);
  const others = varied.filter((key) => key !== across && valuesOf(points, key).length > 1);
  // The setting with the most values that lines can still tell apart.
  const few = others.filter((key) => valuesOf(points, key).length <= KIND_STYLES.length);
  const byLine = few.find((key) => typeof points[0].settings[key] === 'string') ?? few.at(-1);
  const byPanel = others.filter((key) => key !== byLine);
  const panelOf = (point) => byPanel.map((key) => `${settingName(key)} ${textOf(point.settings[key])}`).join(', ');
  const panels = [...new Set(points.map(panelOf))].slice(0, 24);
  const places = [...new Set(points.map((point) => point.settings[across]))].sort((a, b) => a - b);
  const lines = byLine ? valuesOf(points, byLine) : ['all'];
  let figureKey = keys.includes('p99_ttft_ms') ? 'p99_ttft_ms' : keys[0];
  return redrawn((redraw) => {
    const format = formatOf(figureKey);
    const values = points.map((point) => point[figureKey]).filter(isNumber);
    const limit = points.flatMap((point) => point.slo).find((slo) => slo.key === figureKey)?.limit;
    const extent = extentOf(limit === undefined ? values : [...values, limit]);
    if (!extent) return null;
    const log = extent[0] > 0 && extent[1] / extent[0] > 20;
    const charts = panels.map((panel) => {
      const inside = points.filter((point) => panelOf(point) === panel);
      const at = (line, place) => inside.find((point) => point.settings[across] === place && (!byLine || textOf(point.settings[byLine]) === line));
      const series = lines.map((line, i) => ({
        name: byLine ? `${settingName(byLine)} ${line}` : figureName(figureKey), color: KIND_STYLES[i].color, dash: KIND_STYLES[i].dash, marks: KIND_STYLES[i].shape,
        points: places.map((place) => [place, at(line, place)?.[figureKey] ?? null]),
      }));
      if (!series.some((s) => s.points.some(([, value]) => isNumber(value)))) return null;
      if (limit !== undefined) series.push({name: 'SLO', color: 5, dash: '1 4', points: places.map((place) => [place, limit])});
      return lineChart({title: panel || figureName(figureKey), series, height: 220, x: {name: settingName(across), format: short, ticks: places},
                        y: {name: figureName(figureKey), format, log, domain: log ? extent : [Math.min(0, extent[0]), extent[1]]}});
    }).filter(Boolean);
    return [el('p', {class: 'pickers'}, picker('Figure', keys, figureKey, (key) => { figureKey = key; redraw(); })),
            el('p', {class: 'note'}, `${figureName(figureKey)} by ${settingName(across)}; all charts have the same axes. Points that are infeasible or overloaded are missing.`),
            el('div', {class: 'charts'}, charts)];
  });
}

const TABLE_FIGURES = ['median_ttft_ms', 'p99_ttft_ms', 'p99_tpot_ms', 'p99_e2el_ms', 'output_throughput', 'goodput_attainment', 'gpus', 'usd_per_hour',
                       'usd_per_million_output_tokens', 'kv_usage_peak'];

function allPoints(compare) {
  const {points, varied, order, objectives} = compare;
  const wanted = [...new Set([...objectives.map((o) => o.key), ...TABLE_FIGURES])].filter((key) => points.some((point) => isNumber(point[key])));
  const searched = points.some((point) => point.search);
  const columns = [...(varied.length > 0 ? varied.map((key) => ({name: settingName(key)})) : [{name: 'Point'}]), {name: 'status', left: true}, {name: 'front', left: true},
                   ...(searched ? [{name: 'highest rate'}] : []), ...wanted.map((key) => ({name: figureName(key)}))];
  const spread = (point, key) => {
    const interval = point.confidence?.[key];
    return interval && interval[1] > interval[0] ? ` ±${formatOf(key)((interval[1] - interval[0]) / 2).replace('$', '')}` : '';
  };
  const rows = order.map((i) => points[i]).map((point) => {
    const settings = varied.length > 0 ? varied.map((key) => point.settings[key]) : [0];
    const rate = point.search?.max_request_rate ?? null;
    return {
      class: point.pareto ? 'front' : null,
      cells: [...settings.map(textOf), statusOf(point), point.pareto ? '★' : '', ...(searched ? [short(rate)] : []),
              ...wanted.map((key) => formatOf(key)(point[key]) + spread(point, key))],
      keys: [...settings, point.status === 'ok' ? point.verdict ?? '' : `~${point.status}`, point.pareto ? 0 : 1, ...(searched ? [rate] : []), ...wanted.map((key) => point[key] ?? null)],
    };
  });
  const level = percent(compare.confidence.level);
  const note = points.some((point) => Object.keys(point.confidence ?? {}).length > 0)
    ? el('p', {class: 'note'}, `± is half of the ${level} confidence interval over ${compare.interrupted ? 'at most ' : ''}${compare.seeds.length} seeds. ★: on the Pareto front of ${objectives.map((o) => figureName(o.key)).join(' and ')}.`) : null;
  return [sortableTable('All points; press a heading to sort', columns, rows), note];
}

// What was compared, and what its figures rest on: all that the text says, for a reader who has only the page.
function compared({compared: what, caveats, seeds}) {
  if (!what) return null;
  const prices = Object.entries(what.usd_per_gpu_hour).map(([gpu, usd]) => `${gpu} $${usd} an hour`);
  const facts = [['Model', what.models], ['GPU', what.gpus], ['vLLM', what.vllm_versions], ['Prices', prices],
                 ['Seeds', seeds.length > 0 ? [seeds.join(', ')] : []], ['BLIS', [what.blis_version]]];
  return [el('dl', {class: 'definitions'}, facts.filter(([, list]) => list.length > 0).map(([name, list]) => [el('dt', {}, name), el('dd', {}, list.join(', '))])),
          caveats.length > 0 ? el('ul', {}, caveats.map((text) => el('li', {}, text))) : null,
          what.first_scenario ? el('details', {}, el('summary', {}, 'Every setting of the first point'),
            scrolling('Scenario of the first point', el('pre', {}, JSON.stringify(what.first_scenario, null, 2)))) : null];
}

// What each setting does, beside the others.
function settingEffects({effects}) {
  if (!effects || effects.length < 2) return null;
  const format = formatOf(effects[0].figure);
  return table(`${figureName(effects[0].figure)}: means over the other settings`,
    [{name: 'Setting', left: true}, {name: 'difference'}, {name: 'means', left: true}, {name: 'combinations'}],
    effects.map((effect) => [settingName(effect.setting), percent(effect.spread),
      effect.means.map((at) => `${at.value}: ${format(at.mean)}`).join(', '), whole(effect.combinations)]));
}

function reasons({points}) {
  const byReason = new Map();
  for (const point of points) {
    if (!point.reason) continue;
    byReason.set(point.reason, [...(byReason.get(point.reason) ?? []), point.label]);
  }
  if (byReason.size === 0) return null;
  return el('dl', {class: 'definitions'}, [...byReason].map(([reason, labels]) => [
    el('dt', {}, labels.slice(0, 6).join('; ') + (labels.length > 6 ? ` and ${labels.length - 6} more` : '')), el('dd', {}, reason)]));
}

function comparePage(compare) {
  const {points, varied, objectives} = compare;
  const keys = figuresOf(points, objectives.map((o) => o.key));
  const good = points.filter((point) => point.status === 'ok').length;
  const names = compare.scenarios.map((path) => path.split('/').at(-1).replace(/\.ya?ml$/, ''));
  const warnings = [...compare.warnings];
  if (compare.interrupted) warnings.unshift(`This comparison was interrupted: ${compare.left_undone ?? 'some points were not run'}`);
  return {
    title: `Comparison of ${names.join(', ')}`,
    lead: [`${whole(points.length)} points${varied.length > 0 ? `: ${varied.map((key) => `${valuesOf(points, key).length} × ${settingName(key)}`).join(', ')}` : ''}; ${whole(good)} simulated and not overloaded`],
    sections: [
      {id: 'advice', title: 'Advice', content: [notices({result: {warnings, interrupted: false}}), el('p', {class: 'advice'}, compare.advice.text || 'There is nothing to recommend.')]},
      {id: 'compared', title: 'What was compared, and how sure', content: [compared(compare)]},
      {id: 'trade', title: 'What trades against what', content: [keys.length > 1 ? tradeOff(compare, keys) : null]},
      {id: 'multiples', title: 'By setting', content: [keys.length > 0 ? smallMultiples(compare, keys) : null]},
      {id: 'effects', title: 'What each setting does', content: [settingEffects(compare)]},
      {id: 'points', title: 'Points', content: points.length > 0 ? allPoints(compare) : []},
      {id: 'infeasible', title: 'Why points cannot exist', content: [reasons(compare)]},
    ],
  };
}
