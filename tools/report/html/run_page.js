// The page of one run. A section is a function of the document; what has no data is left out, aloud where
// somebody might look for it.

const METRICS = [
  {key: 'ttft_ms', cdf: 'ttft', short: 'TTFT', name: 'Time to first token', color: 0},
  {key: 'tpot_ms', cdf: 'tpot', short: 'TPOT', name: 'Time per output token', color: 2, dash: '7 4'},
  {key: 'itl_ms', cdf: 'itl', short: 'ITL', name: 'Inter-token latency', color: 1},
  {key: 'e2el_ms', cdf: 'e2el', short: 'E2E', name: 'End to end', color: 3},
  {key: 'queue_ms', cdf: 'queue', short: 'Queue', name: 'Queue time', color: 4, dash: '2 3'},
];

function tile(name, value, more) {
  return el('div', {class: 'tile'}, el('dt', {}, name), el('dd', {}, value, more ? el('small', {}, more) : null));
}

function headline({result}) {
  const engine = result.engine;
  const pair = (key) => [milliseconds(result[`median_${key}`]), `p99 ${milliseconds(result[`p99_${key}`])}`];
  const tiles = [
    tile('Requests', `${short(result.request_throughput)} /s`, isNumber(result.request_goodput) ? `${short(result.request_goodput)} /s within SLO` : null),
    tile('Output', `${short(result.output_throughput)} tok/s`, `${compact(result.total_output_tokens)} tokens`),
    tile('TTFT, median', ...pair('ttft_ms')),
    tile('TPOT, median', ...pair('tpot_ms')),
    tile('ITL, median', ...pair('itl_ms')),
    tile('End to end, median', ...pair('e2el_ms')),
    tile('KV cache, mean', percent(engine.kv_usage_mean), `peak ${percent(engine.kv_usage_peak)}`),
    tile('Sequences a step, mean', short(engine.batch_mean), `peak ${whole(engine.batch_peak)}`),
    engine.prefix_hit_rate > 0 ? tile('Prefix cache hits', percent(engine.prefix_hit_rate), 'of prompt tokens') : null,
    engine.external_prefix_hit_rate > 0 ? tile('Hits in the KV store', percent(engine.external_prefix_hit_rate), 'of what the GPU had not') : null,
    engine.preemptions > 0 ? tile('Preemptions', whole(engine.preemptions)) : null,
    isNumber(result.usd_per_million_output_tokens) ? tile('Cost', `$${short(result.usd_per_million_output_tokens)}`, 'a million output tokens') : null,
  ];
  return el('dl', {class: 'tiles'}, tiles);
}

function notices({result}) {
  const list = [...result.warnings];
  if (result.interrupted) list.unshift('This run was interrupted: the figures are those of the requests that had ended');
  if (list.length === 0) return null;
  return el('aside', {class: 'notices', 'aria-label': 'Warnings'}, el('h2', {}, list.length === 1 ? 'Warning' : 'Warnings'),
    el('ul', {}, list.map((text) => el('li', {}, text))));
}

function limits({result}) {
  if (result.slo.length === 0) return null;
  const value = (key, number) => (key.endsWith('_ms') ? milliseconds(number) : percent(number));
  return table('Service level objectives', [{name: 'Limit', left: true}, {name: 'verdict', left: true}, {name: 'asked'}, {name: 'got'}, {name: 'with the model\'s error'}],
    result.slo.map((slo) => [figureName(slo.key), verdict(slo.verdict), value(slo.key, slo.limit), isNumber(slo.value) ? value(slo.key, slo.value) : 'none',
      isNumber(slo.model_error) && slo.low !== slo.high ? `${value(slo.key, slo.low)} to ${value(slo.key, slo.high)}` : '–']));
}

function outcomes({result}) {
  const rows = Object.entries(result.outcomes).filter(([, count]) => count > 0);
  if (rows.length < 2 && result.failed === 0) return null;
  return table('How requests ended', [{name: 'Outcome', left: true}, {name: 'Requests'}],
    rows.map(([name, count]) => [plainKey(name), whole(count)]));
}

// How wrong simulated latencies were where somebody measured.
function accuracy({result}) {
  if (result.unscored) return el('p', {class: 'note'}, `Unscored, as parts of the model are left out: ${result.not_modelled.join('; ')}.`);
  if (!result.accuracy) return null;
  const {sentence, ...known} = result.accuracy;
  const bands = Object.entries(known).filter(([, band]) => isNumber(band?.median_pct));
  const name = (key) => key.replace(/_(mean|p\d+)$/, ' $1').replaceAll('_', ' ').replace(/^./, (c) => c.toUpperCase()).replace(/^(Ttft|Tpot|E2e)/, (word) => word.toUpperCase());
  return [el('p', {class: 'note'}, `How far off this may be: ${sentence}.`), bands.length === 0 ? null
    : table('Errors of measured runs like this one', [{name: 'Metric', left: true}, {name: 'median error'}, {name: 'p90 error'}, {name: 'runs'}],
      bands.map(([key, band]) => [name(key), percent(band.median_pct / 100), percent(band.p90_pct / 100), whole(band.runs)]))];
}

function clients({result}) {
  if (!result.clients) return null;
  const figures = ['median_ttft_ms', 'p99_ttft_ms', 'median_tpot_ms', 'p99_tpot_ms', 'p99_e2el_ms'];
  const columns = [{name: 'Client', left: true}, {name: 'answered'}, {name: 'failed'}, {name: 'requests/s'}, ...figures.map((key) => ({name: figureName(key)})), {name: 'within SLO'}];
  return table('By client', columns, result.clients.map((client) => [
    client.slo_class ? `${client.name} (${client.slo_class})` : client.name, whole(client.completed), whole(client.failed), short(client.request_throughput),
    ...figures.map((key) => milliseconds(client[key])), percent(client.goodput_attainment)]));
}

function percentiles({result}) {
  const columns = [['mean', 'mean'], ['median', 'p50'], ['p90', 'p90'], ['p95', 'p95'], ['p99', 'p99'], ['max', 'max']];
  return table('Latencies', [{name: 'Metric', left: true}, ...columns.map(([, name]) => ({name}))],
    METRICS.map((metric) => [metric.name, ...columns.map(([key]) => milliseconds(result[`${key}_${metric.key}`]))]));
}

// The limits on percentiles of these metrics, for a chart with times across.
function limitsOn({slo}, keys) {
  const metrics = METRICS.filter((metric) => keys.includes(metric.cdf)).map((metric) => metric.key);
  return slo.filter((limit) => metrics.some((key) => limit.key.endsWith(key))).map((limit) => (
    {axis: 'x', at: limit.limit, name: `SLO ${figureName(limit.key)} ≤ ${milliseconds(limit.limit)}`}));
}

function distributions({series, result}) {
  const chart = (title, keys, note, of = 'requests') => lineChart({
    title, note, along: 'y', height: 250, limits: limitsOn(result, keys),
    x: {name: 'time, or less', format: milliseconds, log: true},
    y: {name: `share of ${of}, percentile`, format: (p) => `${threeDigits.format(p)} %`, domain: [0, 100], exact: true},
    series: METRICS.filter((metric) => keys.includes(metric.cdf)).map((metric) => ({
      name: metric.short, color: metric.color, dash: metric.dash,
      points: series.cdf_ms[metric.cdf].map(([p, ms]) => [ms, p]),
    })).filter((s) => s.points.length > 0),
  });
  return el('div', {class: 'charts'},
    chart('Until the first token', ['ttft', 'queue'], 'Share of requests whose first token came within a time, and of their wait in the queue.'),
    chart('Between tokens', ['itl', 'tpot'], 'ITL: every gap of every request. TPOT: each request\'s mean gap.', 'requests, or of gaps'),
    chart('End to end', ['e2el'], 'From the client\'s send to the last token.'));
}

// Sums of `group` values each.
function sums(values, group) {
  return Array.from({length: Math.floor(values.length / group)}, (_, i) => values.slice(i * group, (i + 1) * group).reduce((a, b) => a + b, 0));
}

function overTime({series, result}) {
  const {time, latency} = series;
  const count = time.arrivals.length;
  if (count === 0) return null;
  const cursor = makeCursor(count);
  const span = count * time.width_s;
  const [unit, sign] = span > 7200 ? [3600, 'h'] : span > 300 ? [60, 'min'] : [1, 's'];
  const x = {name: 'simulated time', format: (t) => withUnit(t, sign), domain: [time.start_s / unit, (time.start_s + span) / unit], exact: true};
  const line = (name, values, color, more = {}) => ({name, color, ...more,
    points: values.map((v, i) => [(time.start_s + (i + 0.5) * span / values.length) / unit, v])});
  const pieces = latency ? latency.ttft_p50_ms.length : count;
  const group = Math.floor(count / pieces);
  const perSecond = (values) => sums(values, group).map((sum) => sum / (group * time.width_s));
  const chart = (title, y, lines, note) => lineChart({title, note, x, y: {from: 0, ...y}, series: lines, cursor, height: 200});
  const rate = (unit) => (v) => `${compact(v)} ${unit}`;
  const percentile = (name) => [line('p50', latency[`${name}_p50_ms`], 0), line('p99', latency[`${name}_p99_ms`], 1, {dash: '7 4'})];
  const requests = chart('Requests', {name: 'requests', format: rate('/s')}, [line('sent', perSecond(time.arrivals), 0), line('completed', perSecond(time.completions), 1, {dash: '7 4'})]);
  if (result.engine.steps === 0) return el('div', {class: 'charts'}, requests);
  return el('div', {class: 'charts'},
    latency ? chart('Time to first token', {name: 'TTFT', format: milliseconds}, percentile('ttft'), `Of the requests sent at that time; a point for each ${seconds(span / pieces)}.`) : null,
    latency ? chart('Inter-token latency', {name: 'ITL', format: milliseconds}, percentile('itl'), 'Of the gaps that ended at that time, but for those around preemptions.') : null,
    chart('Batch and queue', {name: 'sequences', format: short}, [line('running', time.running, 0, {area: true}), line('waiting', time.waiting, 1, {dash: '7 4'})], 'Sequences admitted, and waiting in the schedulers\' queues; all replicas together.'),
    chart('KV cache', {name: 'share of blocks', format: percent, domain: [0, 1]}, [line('in use', time.kv_usage, 2, {area: true})], 'Share of KV blocks that requests hold, mean over replicas.'),
    chart('Tokens computed', {name: 'tokens', format: rate('/s')}, [line('prefill', perSecond(time.prefill_tokens), 3), line('decode', perSecond(time.decode_tokens), 0, {dash: '7 4'})]),
    requests,
    chart('Engine busy', {name: 'share of time', format: percent, domain: [0, 1]}, [line('busy', time.busy, 4, {area: true})], 'Share of the time with a step running, mean over replicas.'),
    time.preemptions.some((n) => n > 0) ? chart('Preemptions', {name: 'preemptions', format: short}, [line('preempted', sums(time.preemptions, group), 1)], `Number in each ${seconds(span / pieces)}.`) : null);
}

// Waiting is hatched, so that work and waiting differ without colour.
const PARTS = {
  gateway: {name: 'before the router', color: 6, hatched: true},
  remote_prefill: {name: 'prefill elsewhere', color: 3},
  api: {name: 'API server', color: 5, hatched: true},
  step_wait: {name: 'waiting for the running step', color: 0, hatched: true},
  batch_wait: {name: 'queued for room in the batch', color: 4, hatched: true},
  kv_wait: {name: 'queued for KV blocks', color: 1, hatched: true},
  kv_transfer: {name: 'KV blocks on their way', color: 7},
  prefill: {name: 'own prefill', color: 3},
  chunk_wait: {name: 'waiting between chunks', color: 6, hatched: true},
  decode: {name: 'decode', color: 0},
  stretch: {name: 'stretched by others\' prefills', color: 2},
  preemption: {name: 'preempted and recomputed', color: 7, hatched: true},
};
// What the key alone does not say.
const PART_OF_STEP_NAMES = {weights: 'reading weights', activations: 'moving activations', kv: 'reading KV cache', launch: 'launching kernels'};
function partOfStepName(key) {
  return PART_OF_STEP_NAMES[key] ?? key;
}
const PART_OF_STEP_SHAPES = ['diamond', 'circle', 'square', 'triangle', 'cross', 'star'];

// The parts of a step that the result tells apart, in its order.
function partsOfStep({result}) {
  return Object.keys(result.engine.bound_by).map((key, i) => (
    {key, name: partOfStepName(key), color: i % 8, shape: PART_OF_STEP_SHAPES[i % PART_OF_STEP_SHAPES.length]}));
}

function attribution({result}) {
  const split = result.attribution;
  if (!split || split.requests === 0) return null;
  const bar = (name, means) => ({name, values: Object.keys(PARTS).map((key) => means[key] ?? 0)});
  const bars = [bar('all', split.mean_ms)];
  const tail = split.tail;
  if (tail && tail.requests > 0 && tail.requests < split.requests) bars.push(bar('tail', tail.mean_ms));
  const whose = bars.length === 1 ? '' : ` The tail are the ${whole(tail.requests)} that took ${milliseconds(tail.from_e2el_ms)} (p99) or longer.`;
  return stackedBars({
    title: 'End-to-end latency, split', format: milliseconds, parts: Object.values(PARTS), bars,
    note: `Mean over ${whole(split.requests)} requests, from send to last token, in parts that sum to it exactly. Hatched parts are waiting.${whose}`,
  });
}

function boundBy(document_) {
  const parts = partsOfStep(document_);
  return stackedBars({
    title: 'What the steps were bound by', format: percent, share: true, parts,
    note: 'Share of step time by the part of the step that took the longest.',
    bars: [{name: 'steps', values: parts.map(({key}) => document_.result.engine.bound_by[key])}],
  });
}

function roofline(document_) {
  const data = document_.series.roofline;
  if (!data || data.cells.length === 0) return null;
  const total = data.cells.reduce((sum, cell) => sum + cell[3], 0);
  const kinds = partsOfStep(document_);
  const points = data.cells.map(([intensity, tflops, steps, time, bound]) => ({
    x: intensity, y: tflops, steps, time, kind: kinds.findIndex(({key}) => key === bound), size: Math.min(16, 2.5 + 30 * Math.sqrt(time / total)),
  }));
  const peak = Math.max(data.peak_tflops, data.peak_tflops_8bit ?? 0);
  const slope = data.bandwidth_tbs;
  const [low, high] = extentOf(points.map((p) => p.x));
  const domain = [Math.min(low, 1) / 1.5, Math.max(high, peak / slope) * 2];
  const bottom = Math.min(...points.map((p) => p.y)) / 2;
  const from = Math.max(domain[0], bottom / slope);
  const flat = (tflops, name) => ({points: [[tflops / slope, tflops], [domain[1], tflops]], class: 'roof', name, nameAt: [domain[1], tflops]});
  const halfway = Math.sqrt(from * peak / slope);
  const lines = [{points: [[from, from * slope], [peak / slope, peak]], class: 'roof', name: `${short(slope)} TB/s`, nameAt: [halfway, halfway * slope]},
                 flat(data.peak_tflops, `${short(data.peak_tflops)} TFLOP/s, 16 bit`)];
  if (data.peak_tflops_8bit) lines.push(flat(data.peak_tflops_8bit, `${short(data.peak_tflops_8bit)} TFLOP/s, 8 bit`));
  const say = (p) => `${short(p.x)} FLOP/B, ${short(p.y)} TFLOP/s: ${whole(p.steps)} steps, ${percent(p.time / total)} of the time, bound by ${kinds[p.kind].name}`;
  const numbers = () => table('Steps in the roofline', ['FLOP/B', 'TFLOP/s', 'steps', 'time', 'bound by'].map((name) => ({name})),
    points.map((p) => [short(p.x), short(p.y), whole(p.steps), percent(p.time / total), kinds[p.kind].name]), {hideCaption: true});
  const part = data.share_shown < 0.9995 ? ` Shown are the cells with ${percent(data.share_shown)} of the time.` : '';
  return scatter({
    title: 'Roofline of the steps', points, lines, numbers, height: 380,
    note: `Arithmetic of a step over the least memory traffic it needs, against what one GPU achieved. Like steps share a mark; its area is their share of the time.${part}`,
    x: {name: 'arithmetic intensity, FLOP/B', format: compact, log: true, domain},
    y: {name: 'TFLOP/s', format: compact, log: true, domain: [bottom, peak * 2.5]},
    kinds, describe: say, read: (p) => (p ? say(p) : 'Point at a mark to read it.'),
  });
}

function stepTimes({series}) {
  const h = series.step_ms;
  return histogram({
    title: 'How long steps took', note: 'Number of steps by duration; counts are on a log scale, so that the tail can be read.', edges: h.upper_ms,
    x: {name: 'step time', format: milliseconds}, y: {name: 'number of steps', format: compact},
    series: [{name: 'decode only', values: h.decode_only, color: 0}, {name: 'with prefill', values: h.mixed, color: 1},
             {name: 'prefill only', values: h.prefill_only, color: 3}],
  });
}

// Whether long prompts wait longer for their first token.
function ttftByLength({lengths, result}) {
  if (!lengths || lengths.cells.length === 0) return null;
  const points = lengths.cells.map(([input, ttft, requests]) => ({x: input, y: ttft, requests, kind: 0, size: Math.min(12, 3 + 1.2 * Math.sqrt(requests - 1))}));
  const say = (p) => `${whole(p.x)} prompt tokens, TTFT ${milliseconds(p.y)}: ${whole(p.requests)} request${p.requests === 1 ? '' : 's'}`;
  const positive = points.every((p) => p.x > 0);
  return scatter({
    title: 'TTFT against the length of the prompt', points, height: 320, kinds: [{name: 'requests', color: 0, shape: 'circle'}],
    note: `${whole(lengths.requests)} requests with a full answer; like requests share a mark, whose area grows with their number.`,
    x: {name: 'prompt, tokens', format: compact, log: positive}, y: {name: 'TTFT', format: milliseconds, log: true},
    limits: result.slo.filter((slo) => slo.key.endsWith('ttft_ms')).map((slo) => ({axis: 'y', at: slo.limit, name: `SLO ${figureName(slo.key)}`})),
    describe: say, read: (p) => (p ? say(p) : 'Point at a mark to read it.'),
    numbers: () => table('TTFT by prompt length', ['prompt tokens', 'TTFT', 'requests'].map((name) => ({name})),
      points.map((p) => [whole(p.x), milliseconds(p.y), whole(p.requests)]), {hideCaption: true}),
  });
}

// A small stack of a request's parts, for a table.
function smallStack(parts, most) {
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  const root = svg('svg', {class: 'stack', viewBox: '0 0 120 14', width: 120, height: 14, role: 'img',
    'aria-label': parts.filter((part) => part.value > 0.02 * total).map((part) => `${part.name} ${percent(part.value / total)}`).join(', ')});
  let x = 0;
  for (const part of parts) {
    const width = part.value / most * 120;
    if (!(width > 0)) continue;
    root.append(svg('g', {class: `c${part.color}`}, svg('rect', {class: 'area', x, width, height: 14}),
                    part.hatched ? svg('rect', {fill: 'url(#hatch)', x, width, height: 14}) : null));
    x += width;
  }
  return root;
}

function slowest({slowest: data}) {
  if (data.by_e2e.length === 0) return null;
  const at = Object.fromEntries(data.columns.map((name, i) => [name, i]));
  const partKeys = Object.keys(PARTS).filter((key) => at[`${key}_ns`] !== undefined);
  const ms = (row, from, to) => (row[at[to]] - row[at[from]]) / 1e6;
  const columns = [{name: 'Request'}, {name: 'sent at'}, {name: 'TTFT'}, {name: 'E2E'}, {name: 'queue time'}, {name: 'prompt'}, {name: 'output'},
                   {name: 'cached'}, {name: 'preempted'}, {name: 'replica'}, {name: 'where the time went', left: true}];
  const render = (rows) => {
    const most = Math.max(...rows.map((row) => ms(row, 'arrival_ns', 'last_token_ns')));
    return rows.map((row) => [
      row[at.request_id], `${oneDecimal.format(row[at.arrival_ns] / 1e9)} s`, milliseconds(ms(row, 'arrival_ns', 'first_token_ns')),
      milliseconds(ms(row, 'arrival_ns', 'last_token_ns')), milliseconds(ms(row, 'queued_ns', 'scheduled_ns')),
      whole(row[at.input_tokens]), whole(row[at.output_tokens]), whole(row[at.hit_tokens]), whole(row[at.preemptions]), row[at.replica],
      smallStack(partKeys.map((key) => ({...PARTS[key], value: row[at[`${key}_ns`]] / 1e6})), most),
    ].map((cell) => (typeof cell === 'number' ? String(cell) : cell)));
  };
  const legend =
    el('p', {class: 'legend'}, partKeys.map((key) => el('span', {class: 'entry'}, swatch({...PARTS[key], shape: 'area'}), PARTS[key].name)));
  return [legend, table(`Slowest end to end, of ${whole(data.requests)} requests`, columns, render(data.by_e2e)),
          el('details', {}, el('summary', {}, 'Slowest to their first token'), table('Slowest to their first token', columns, render(data.by_ttft), {hideCaption: true}))];
}

// What was simulated, in a few words that need no unfolding.
function traffic({result}) {
  const {workload, engine, hardware} = result.scenario;
  const shown = (value) => (value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value));
  const facts = [['Traffic', Object.entries(workload ?? {})], ['Hardware', Object.entries(hardware ?? {})], ['Engine', Object.entries(engine ?? {})]];
  return el('div', {class: 'charts'}, facts.filter(([, entries]) => entries.length > 0).map(([name, entries]) => table(name,
    [{name: 'Key', left: true}, {name: 'value', left: true}], entries.filter(([, value]) => value !== null).map(([key, value]) => [key, el('span', {class: 'wrap'}, shown(value))]))));
}

function scenario({yaml}) {
  return el('details', {}, el('summary', {}, 'Every setting, and where it came from'),
    scrolling('Resolved scenario', el('pre', {}, yaml)));
}

function definitions({result}) {
  return el('details', {}, el('summary', {}, 'What the figures mean'),
    el('dl', {class: 'definitions'}, Object.entries(result.definitions).map(([key, text]) => [el('dt', {}, key), el('dd', {}, text)])));
}

function runPage(document_) {
  const {result, meta} = document_;
  const answered = result.completed;
  const asked = Object.values(result.outcomes).reduce((a, b) => a + b, 0);
  const nothing = answered === 0 ? el('p', {class: 'empty'}, asked === 0
    ? 'The workload had no requests: there is nothing to measure.'
    : 'No request was answered in full, so there are no latencies.') : null;
  return {
    title: result.scenario.name || 'BLIS report',
    lead: [result.engine.description, result.engine.model, `${whole(answered)} of ${whole(asked)} requests answered${result.duration > 0 ? ` in ${seconds(result.duration)}, simulated` : ''}`].filter(Boolean),
    sections: [
      {id: 'headline', title: 'At a glance', content: [notices(document_), nothing, answered > 0 ? headline(document_) : null, limits(document_), outcomes(document_)]},
      {id: 'latency', title: 'Latency', content: answered > 0 ? [percentiles(document_), clients(document_), distributions(document_), ttftByLength(document_), accuracy(document_)] : []},
      {id: 'measured', title: besideTitle(document_), content: [beside(document_)]},
      {id: 'replicas', title: 'Replicas', content: [replicaTable(document_), replicasOverTime(document_)]},
      {id: 'time', title: 'Over time', content: [overTime(document_)]},
      {id: 'why', title: 'Where the time goes', content: [el('div', {class: 'charts wide'}, attribution(document_), boundBy(document_))]},
      {id: 'steps', title: 'Steps', content: [el('div', {class: 'charts wide'}, roofline(document_), stepTimes(document_))]},
      {id: 'slowest', title: 'Slowest requests', content: [slowest(document_)]},
      {id: 'scenario', title: 'Scenario', content: [traffic(document_), scenario(document_), definitions(document_),
        meta ? el('p', {class: 'note'}, `${meta.started}, blis ${meta.blis_version}: `, el('code', {}, meta.command_line)) : null]},
    ],
  };
}
