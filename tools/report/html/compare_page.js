// The page of a comparison: advice, what trades against what, how figures move with a setting, all points.

const KIND_STYLES = SHAPES.map((shape, i) => ({shape, color: [0, 1, 2, 3, 4, 7][i], dash: DASHES[i]}));

// Which way is better, of a figure of the result.
function moreIsBetter(key, objectives) {
  const objective = objectives.find((o) => o.key === key);
  return objective ? objective.better === 'more' : /throughput|goodput|hit_rate|completed/.test(key);
}

function formatOf(key) {
  if (key.endsWith('_ms')) return milliseconds;
  if (key === 'duration') return seconds;
  if (/attainment|usage|hit_rate|_share$|^bound_by/.test(key)) return percent;
  if (key.startsWith('usd')) return (value) => (isNumber(value) ? `$${short(value)}` : '–');
  return short;
}

// Half an interval around `value`, in the unit in which that is shown.
function halfWidth(key, value, half) {
  if (key.endsWith('_ms') && Math.abs(value) >= 0.1) return Math.abs(value) >= 10000 ? withUnit(half / 1000, 's') : withUnit(half, 'ms');
  return formatOf(key)(half).replace('$', '');
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

// The ends of a figure's confidence interval, if it has one.
function endsOf(point, key) {
  return point.confidence?.[key];
}

// The limits of all points on a figure, each once, as lines of a chart.
function limitsAt(points, key, axis) {
  const limits = points.flatMap((point) => point.slo ?? []).filter((slo) => slo.key === key).map((slo) => slo.limit);
  return [...new Set(limits)].map((at) => ({axis, at, name: `SLO ${formatOf(key)(at)}`}));
}

// Figures that at least two points tell apart, or that somebody asked for.
function figuresOf(points, wanted) {
  const keys = new Set(points.flatMap((point) => Object.keys(point).filter((key) => isNumber(point[key]) && !['index', 'seeds', 'overloaded_seeds'].includes(key))));
  return [...keys].filter((key) => wanted.includes(key) || new Set(points.map((point) => point[key]).filter(isNumber)).size > 1);
}

function statusOf(point) {
  const cut = point.interrupted && point.status !== 'not run' ? ', interrupted' : '';
  const seeds = point.status === 'overloaded' && point.overloaded_seeds < point.seeds ? ` ${point.overloaded_seeds}/${point.seeds}` : '';
  if (point.status !== 'ok') return el('span', {class: point.status === 'overloaded' ? 'missed' : null}, plainKey(point.status) + seeds + cut);
  return verdict(point.verdict, cut);
}

// What points are compared by: where the SLO limits a figure, requests that were not served count as slowest.
function judgedBy(point, key) {
  const limit = (point.slo ?? []).find((slo) => slo.key === key);
  return limit && 'value' in limit ? limit.value : point[key];
}

function paretoFront(points, x, y, objectives) {
  const [signX, signY] = [x, y].map((key) => (moreIsBetter(key, objectives) ? -1 : 1));
  const sorted = points.filter((point) => isNumber(judgedBy(point, x)) && isNumber(judgedBy(point, y)))
    .sort((a, b) => signX * (judgedBy(a, x) - judgedBy(b, x)) || signY * (judgedBy(a, y) - judgedBy(b, y)));
  let best = Infinity;
  return sorted.filter((point) => {
    if (signY * judgedBy(point, y) >= best) return false;
    best = signY * judgedBy(point, y);
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
    // Its number, as in the table of all points; what is on a short front is named.
    const markOf = (point, onFront) => (points.length < 2 || shown.length > 60 ? null : onFront.length <= 6 && onFront.includes(point) ? point.label : String(point.index));
    const chart = scatter({
      title: `${figureName(y)} against ${figureName(x)}`, height: 380,
      note: `Dashed: the Pareto front; no other point is better in both. Numbers are those of the points below; a mark that is clicked, or Enter, opens the page of its point. Hollow: too close to call. Faint: misses the SLO. Bars: the confidence interval over the seeds. ${points.length - shown.length > 0 ? `${whole(points.length - shown.length)} of ${whole(points.length)} points have no such figures: infeasible, overloaded or not run.` : ''}`,
      x: {name: figureName(x), format: formatOf(x), log: log(x), from: 0}, y: {name: figureName(y), format: formatOf(y), log: log(y), from: 0},
      limits: [...limitsAt(shown, x, 'x'), ...limitsAt(shown, y, 'y')],
      points: shown.map((point) => ({x: point[x], y: point[y], xEnds: endsOf(point, x), yEnds: endsOf(point, y), of: point,
                                     label: markOf(point, front), faint: point.verdict === 'misses', hollow: point.verdict === 'too close to call', size: front.includes(point) ? 7 : 5,
                                     kind: by ? Math.min(5, values.indexOf(textOf(point.settings[by]))) : 0})),
      kinds, lines: front.length > 1 ? [{points: front.map((point) => [point[x], point[y]]), class: 'front'}] : [],
      describe: say, read: (p) => (p ? say(p) : 'Point at a mark to read it.'), open: (p) => { location.hash = pointAddress(p.of.index); },
      numbers: () => table('Points of this plot', [{name: 'Point', left: true}, {name: figureName(x)}, {name: figureName(y)}, {name: 'verdict', left: true}, {name: 'front', left: true}],
        shown.map((point) => [pointLink(point), formatOf(x)(point[x]), formatOf(y)(point[y]), point.verdict ?? '', front.includes(point) ? 'yes' : '']), {hideCaption: true}),
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
        points: places.map((place) => {
          const point = at(line, place);
          return [place, point?.[figureKey] ?? null, ...(point ? endsOf(point, figureKey) ?? [] : [])];
        }),
      }));
      if (!series.some((s) => s.points.some(([, value]) => isNumber(value)))) return null;
      return lineChart({title: panel || figureName(figureKey), series, height: 220, limits: limitsAt(inside, figureKey, 'y'), x: {name: settingName(across), format: short, ticks: places},
                        y: {name: figureName(figureKey), format, log, domain: log ? extent : [Math.min(0, extent[0]), extent[1]]}});
    }).filter(Boolean);
    return [el('p', {class: 'pickers'}, picker('Figure', keys, figureKey, (key) => { figureKey = key; redraw(); })),
            el('p', {class: 'note'}, `${figureName(figureKey)} by ${settingName(across)}; all charts have the same axes. Bars: the confidence interval over the seeds. Points that are infeasible or overloaded are missing.`),
            el('div', {class: 'charts'}, charts)];
  });
}

// What each rate that a search tried gave: latencies up to the limit, and the highest rate that keeps it.
function loadCurves({points}) {
  const searched = points.filter((point) => (point.search?.trials ?? []).length > 1).slice(0, 12);
  if (searched.length === 0) return null;
  const charts = searched.flatMap((point) => {
    const {trials, max_request_rate: best} = point.search;
    // What is the same at every rate needs no curve.
    const keys = point.slo.map((slo) => slo.key).filter((key) => new Set(trials.map((trial) => trial.values?.[key]).filter(isNumber)).size > 1);
    return keys.map((key) => {
      const values = trials.map((trial) => trial.values[key]).filter(isNumber);
      const [low, high] = extentOf(values);
      const log = low > 0 && high / low > 20;
      const of = (wanted) => trials.map((trial) => [trial.request_rate, trial.met === wanted ? trial.values[key] ?? null : null]);
      return lineChart({
        title: `${point.label ? `${point.label}: ` : ''}${figureName(key)} by rate`, height: 250,
        note: isNumber(best) ? `The highest rate that keeps the SLO is ${short(best)} requests/s.` : 'No rate that was tried keeps the SLO.',
        x: {name: 'offered rate, requests/s', format: short, exact: true}, y: {name: figureName(key), format: formatOf(key), log, from: 0},
        limits: [...limitsAt([point], key, 'y'), ...(isNumber(best) ? [{axis: 'x', at: best, name: 'highest rate'}] : [])],
        series: [{name: 'keeps the SLO', color: 2, marks: 'circle', points: of(true)}, {name: 'does not', color: 1, marks: 'triangle', dash: '7 4', points: of(false)}],
      });
    });
  }).filter(Boolean);
  const trialTable = (point) => table(`Rates tried${point.label ? ` for ${point.label}` : ''}`,
    [{name: 'offered req/s'}, {name: 'served req/s'}, {name: 'output tokens/s'}, ...point.slo.map((slo) => ({name: figureName(slo.key)})), {name: 'SLO', left: true}],
    point.search.trials.map((trial) => [short(trial.request_rate), short(trial.request_throughput), short(trial.output_throughput),
      ...point.slo.map((slo) => formatOf(slo.key)(trial.values?.[slo.key])), (trial.met ? 'kept' : trial.failed) + (trial.request_rate === point.search.max_request_rate ? ', the highest' : '')]));
  return [el('div', {class: 'charts'}, charts), searched.map(trialTable)];
}

const TABLE_FIGURES = ['median_ttft_ms', 'p99_ttft_ms', 'p99_tpot_ms', 'p99_e2el_ms', 'output_throughput', 'goodput_attainment', 'gpus', 'usd_per_hour',
                       'usd_per_million_output_tokens', 'kv_usage_peak'];

function allPoints(compare) {
  const {points, varied, order, objectives} = compare;
  const wanted = [...new Set([...objectives.map((o) => o.key), ...TABLE_FIGURES])].filter((key) => points.some((point) => isNumber(point[key])));
  const searched = points.some((point) => point.search);
  const columns = [{name: 'Point'}, ...varied.map((key) => ({name: settingName(key)})), {name: 'verdict', left: true}, {name: 'Pareto front', left: true},
                   ...(searched ? [{name: 'highest rate, req/s'}] : []), ...wanted.map((key) => ({name: figureName(key)}))];
  const spread = (point, key) => {
    const interval = point.confidence?.[key];
    return interval && interval[1] > interval[0] ? ` ±${halfWidth(key, point[key], (interval[1] - interval[0]) / 2)}` : '';
  };
  const rows = order.map((i) => points[i]).map((point) => {
    const settings = varied.map((key) => point.settings[key]);
    const rate = point.search?.max_request_rate ?? null;
    return {
      class: point.pareto ? 'front' : null,
      cells: [pointLink(point, String(point.index)), ...settings.map(textOf), statusOf(point), point.pareto ? '★' : '', ...(searched ? [short(rate)] : []),
              ...wanted.map((key) => formatOf(key)(point[key]) + spread(point, key))],
      keys: [point.index, ...settings, point.status === 'ok' ? point.verdict ?? '' : `~${point.status}`, point.pareto ? 0 : 1, ...(searched ? [rate] : []), ...wanted.map((key) => point[key] ?? null)],
    };
  });
  const level = percent(compare.confidence.level);
  const note = points.some((point) => Object.keys(point.confidence ?? {}).length > 0)
    ? el('p', {class: 'note'}, `± is half of the ${level} confidence interval over ${compare.interrupted ? 'at most ' : ''}${compare.seeds.length} seeds. ★: on the Pareto front of ${objectives.map((o) => figureName(o.key)).join(' and ')}.`) : null;
  const notes = points.filter((point) => point.unanswered).map((point) => el('li', {}, pointLink(point), `: ${point.unanswered}.`));
  return [sortableTable('All points; a number opens the page of its point, a heading sorts', columns, rows), note, notes.length > 0 ? el('ul', {class: 'note'}, notes) : null];
}

// What was compared, and what its figures rest on: all that the text says, for a reader who has only the page.
function compared({compared: what, caveats, seeds, meta}) {
  if (!what) return null;
  const prices = Object.entries(what.usd_per_gpu_hour).map(([gpu, usd]) => `${gpu} $${usd} an hour`);
  const facts = [['Traffic', what.traffic ? [what.traffic] : []], ['Model', what.models], ['GPU', what.gpus], ['vLLM', what.vllm_versions], ['Prices', prices],
                 ['Seeds', [seeds.length > 0 ? seeds.join(', ') : `${what.first_scenario?.seed ?? 0}, the scenario's`]], ['BLIS', [what.blis_version]],
                 ['Date', meta ? [meta.started] : []], ['Command', meta ? [el('code', {}, meta.command_line)] : []]];
  return [el('dl', {class: 'definitions'}, facts.filter(([, list]) => list.length > 0).map(([name, list]) => [el('dt', {}, name), el('dd', {}, list.flatMap((value, i) => (i === 0 ? [value] : [', ', value])))])),
          caveats.length > 0 ? el('ul', {}, caveats.map((text) => el('li', {}, text))) : null,
          what.first_scenario ? el('details', {}, el('summary', {}, 'Every setting of the first point'),
            scrolling('Scenario of the first point', el('pre', {}, JSON.stringify(what.first_scenario, null, 2)))) : null];
}

// The points that the advice is about.
function advised({points, advice}) {
  const [best, next] = [points[advice.point], points[advice.runner_up]];
  if (!best) return null;
  return el('p', {}, 'All of it: ', pointLink(best), next ? [', and the next one, ', pointLink(next)] : null, '.');
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
    byReason.set(point.reason, [...(byReason.get(point.reason) ?? []), point]);
  }
  if (byReason.size === 0) return null;
  return el('dl', {class: 'definitions'}, [...byReason].map(([reason, alike]) => [
    el('dt', {}, alike.slice(0, 6).map((point, i) => [i > 0 ? '; ' : null, pointLink(point)]), alike.length > 6 ? ` and ${alike.length - 6} more` : null), el('dd', {}, reason)]));
}

// The words of this page.
function glossary() {
  const words = {
    'TTFT': 'time to first token, from the client\'s send', 'TPOT': 'time per output token of a request: (E2E - TTFT) / (output tokens - 1)',
    'ITL': 'inter-token latency: each gap between two tokens, of all requests together', 'E2E': 'end-to-end latency, from the client\'s send to the last token',
    'offered rate': 'requests a second between the first and the last arrival', 'served rate': 'requests answered in full a second, until the last token',
    'KV usage': 'share of KV blocks in use',
    'meets, misses, too close to call': 'the verdict on the SLO: whether it is kept even at the bad end of the confidence interval and of the latency model\'s error, not even at the good end, or in between',
    'overloaded': 'requests came faster than they were served', 'Pareto front': 'points that no other beats in every objective',
  };
  return el('details', {}, el('summary', {}, 'What the words mean'),
    el('dl', {class: 'definitions'}, Object.entries(words).map(([word, text]) => [el('dt', {}, word), el('dd', {}, text)])));
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
    pages: new Map(points.map((point) => [pointAddress(point.index), () => pointPage(compare, point)])),
    lead: [`${whole(points.length)} point${points.length === 1 ? '' : 's'}${varied.length > 0 ? `: ${varied.map((key) => `${valuesOf(points, key).length} × ${settingName(key)}`).join(', ')}` : ''}; ${whole(good)} simulated and not overloaded`],
    sections: [
      {id: 'advice', title: 'Advice', content: [notices({result: {warnings, interrupted: false}}), el('p', {class: 'advice'}, compare.advice.text || 'There is nothing to recommend.'), advised(compare)]},
      {id: 'compared', title: 'What was compared, and how sure', content: [compared(compare), glossary()]},
      {id: 'load', title: 'Load curve', content: [loadCurves(compare)]},
      {id: 'trade', title: 'What trades against what', content: [keys.length > 1 ? tradeOff(compare, keys) : null]},
      {id: 'multiples', title: 'By setting', content: [keys.length > 0 ? smallMultiples(compare, keys) : null]},
      {id: 'effects', title: 'What each setting does', content: [settingEffects(compare)]},
      {id: 'points', title: 'Points', content: points.length > 0 ? allPoints(compare) : []},
      {id: 'infeasible', title: 'Why points cannot exist', content: [reasons(compare)]},
    ],
  };
}
