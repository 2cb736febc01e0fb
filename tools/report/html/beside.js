// A run beside what was measured, beside the run before a calibration, or both: figures and distributions of all on one chart
// each, and the error at each percentile.

// The predictions that are drawn, the later one first: its name, its milliseconds by percentile of a metric, its look.
function predictionsOf({series, before}) {
  const after = {name: before?.after ?? 'predicted', percentiles: series.cdf_ms, color: 0};
  return before ? [after, {name: before.before, percentiles: before.percentiles, color: 2, dash: '2 3'}] : [after];
}

function byPercentile(prediction, metric) {
  return new Map((prediction.percentiles[metric.cdf] ?? []).map(([p, ms]) => [p, ms]));
}

function besideFigure(key, value) {
  return (key.endsWith('_ms') ? milliseconds : key === 'duration' ? seconds : short)(value);
}

function errorOf(predicted, real) {
  return isNumber(predicted) && real > 0 ? signedPercent(predicted / real - 1) : '–';
}

// Each figure of all, and how far predictions are from what was measured.
function besideFigures({measured: real, before}) {
  const left = {name: 'Figure', left: true};
  if (!real) {
    return table('Before and after', [left, {name: before.before}, {name: before.after}, {name: 'change'}],
      before.figures.map((f) => [figureName(f.key), besideFigure(f.key, f.before), besideFigure(f.key, f.after), errorOf(f.after, f.before)]));
  }
  const earlier = new Map((before?.figures ?? []).map((f) => [f.key, f.before]));
  const columns = before ? [before.before, before.after, 'measured', `error, ${before.before}`, `error, ${before.after}`] : ['predicted', 'measured', 'error'];
  return table('Predicted and measured', [left, ...columns.map((name) => ({name}))], real.figures.map(({key, predicted, measured: value}) => {
    const format = (number) => besideFigure(key, number);
    return before ? [figureName(key), format(earlier.get(key)), format(predicted), format(value), errorOf(earlier.get(key), value), errorOf(predicted, value)]
      : [figureName(key), format(predicted), format(value), errorOf(predicted, value)];
  }));
}

// What was sent to both, and a warning where that differs: errors are then not the model's alone.
function sent(value) {
  return typeof value === 'string' ? value : short(value);
}

function besideTraffic({measured: real, before}) {
  const warnings = [real?.traffic.difference ? `The measured traffic is not the simulated one: the two differ in ${real.traffic.difference}. The errors below are those of other traffic, too.` : null,
                    before?.difference ? `The two runs are of different traffic: they differ in ${before.difference}.` : null].filter(Boolean);
  return [warnings.length === 0 ? null : el('aside', {class: 'notices', 'aria-label': 'Traffic'}, el('ul', {}, warnings.map((text) => el('li', {}, text)))),
          real ? table('What was sent', [{name: 'Of what', left: true}, {name: 'simulated'}, {name: 'measured'}],
            real.traffic.facts.map((fact) => [fact.name, sent(fact.predicted), sent(fact.measured)])) : null];
}

function besideSettings({before}) {
  if (!before || before.settings.length === 0) return null;
  const shown = (value) => el('span', {class: 'wrap'}, value === '' ? 'not set' : value);
  return table('Settings that differ', [{name: 'Key', left: true}, {name: before.before, left: true}, {name: before.after, left: true}],
    before.settings.map((s) => [s.key, shown(s.before), shown(s.after)]));
}

function besideCharts(document_) {
  const {measured: real, before} = document_;
  const predictions = predictionsOf(document_);
  const reference = real ? {name: 'measured', percentiles: real.percentiles, color: 1, dash: '7 4'} : predictions[1];
  const others = predictions.filter((prediction) => prediction !== reference);
  const metrics = METRICS.filter((metric) => (reference.percentiles[metric.cdf] ?? []).length > 0);
  const percentilesOf = (metric) => reference.percentiles[metric.cdf];
  const percentileAxis = {name: 'percentile', format: (p) => `p${threeDigits.format(p)}`, domain: [0, 100], exact: true};
  const share = (prediction, metric) => {
    const ms = byPercentile(prediction, metric);
    return percentilesOf(metric).map(([p, value]) => [p, ms.has(p) && value > 0 ? ms.get(p) / value - 1 : null]);
  };
  const distributions = metrics.map((metric) => lineChart({
    title: `${metric.short}, ${before && real ? 'all three' : [...others, reference].map(({name}) => name).join(' and ')}`, along: 'y', height: 250,
    x: {name: 'time, or less', format: milliseconds, log: true},
    y: {name: 'share of requests, percentile', format: (p) => `${threeDigits.format(p)} %`, domain: [0, 100], exact: true},
    series: [reference, ...others].map((drawn) => {
      const ms = byPercentile(drawn, metric);
      return {name: drawn.name, color: drawn.color, dash: drawn.dash, points: percentilesOf(metric).map(([p]) => [ms.get(p) ?? null, p])};
    }),
  }));
  const [word, note] = real ? ['Error', 'Predicted over measured, less one: above zero the prediction is too slow.'] : ['Change', `${before.after} over ${before.before}, less one.`];
  const chart = (title, series) => lineChart({title, note, height: 250, x: percentileAxis, y: {name: word.toLowerCase(), format: signedPercent, from: 0}, series});
  const errors = real && before
    ? metrics.map((metric) => chart(`Error of ${metric.short} by percentile`, others.map((drawn) => ({name: drawn.name, color: drawn.color, dash: drawn.dash, points: share(drawn, metric)}))))
    : [chart(`${word} by percentile`, metrics.map((metric) => ({name: metric.short, color: metric.color, dash: metric.dash, points: share(others[0], metric)})))];
  return el('div', {class: 'charts'}, [...distributions, ...errors].filter(Boolean));
}

function beside(document_) {
  const {measured: real, before} = document_;
  if (!real && !before) return null;
  const what = real ? el('p', {class: 'note'}, `Measured: ${real.name}${real.requests > 0 ? `, ${whole(real.requests)} requests` : ', totals only'}.${real.notes.map((note) => ` ${note}.`).join('')}`) : null;
  const nearer = isNumber(before?.errors?.before) && isNumber(before.errors.after)
    ? el('p', {class: 'advice'}, `Means and percentiles of latencies are off by ${percent(before.errors.before)} in the mean ${before.before}, and by ${percent(before.errors.after)} ${before.after}.`) : null;
  return [what, nearer, besideTraffic(document_), besideCharts(document_), besideFigures(document_), besideSettings(document_)];
}

function besideTitle({measured: real, before}) {
  if (!before) return 'Beside what was measured';
  return real ? `${before.before}, ${before.after} and measured`.replace(/^./, (c) => c.toUpperCase()) : `Beside ${before.before}`;
}
