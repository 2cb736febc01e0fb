// A prediction beside what was measured: both distributions on one chart, and the error at each percentile.

function measured({measured: real, series}) {
  if (!real) return null;
  const figures = table('Predicted and measured', [{name: 'Figure', left: true}, {name: 'predicted'}, {name: 'measured'}, {name: 'error'}],
    real.figures.map(({key, predicted, measured: value}) => {
      const format = key.endsWith('_ms') ? milliseconds : short;
      return [figureName(key), format(predicted), format(value), isNumber(predicted) && value > 0 ? signedPercent(predicted / value - 1) : '–'];
    }));
  const metrics = METRICS.filter((metric) => (real.percentiles[metric.cdf] ?? []).length > 0);
  const predictedAt = (metric) => new Map(series.cdf_ms[metric.cdf].map(([p, ms]) => [p, ms]));
  const both = metrics.map((metric) => {
    const predicted = predictedAt(metric);
    return lineChart({
      title: `${metric.short}, predicted and measured`, along: 'y', height: 250,
      x: {name: 'time, or less', format: milliseconds, log: true},
      y: {name: 'share of requests, percentile', format: (p) => `${threeDigits.format(p)} %`, domain: [0, 100], exact: true},
      series: [{name: 'measured', color: 1, dash: '7 4', points: real.percentiles[metric.cdf].map(([p, ms]) => [ms, p])},
               {name: 'predicted', color: 0, points: real.percentiles[metric.cdf].map(([p]) => [predicted.get(p) ?? null, p])}],
    });
  });
  const errors = lineChart({
    title: 'Error by percentile', note: 'Predicted over measured, less one: above zero the prediction is too slow.', height: 250,
    x: {name: 'percentile', format: (p) => `p${threeDigits.format(p)}`, domain: [0, 100], exact: true}, y: {name: 'error', format: signedPercent, from: 0},
    series: metrics.map((metric) => {
      const predicted = predictedAt(metric);
      return {name: metric.short, color: metric.color, dash: metric.dash,
              points: real.percentiles[metric.cdf].map(([p, ms]) => [p, predicted.has(p) && ms > 0 ? predicted.get(p) / ms - 1 : null])};
    }),
  });
  return [el('p', {class: 'note'}, `Measured: ${real.name}${real.requests > 0 ? `, ${whole(real.requests)} requests` : ', totals only'}.${real.notes.map((note) => ` ${note}.`).join('')}`),
          figures, el('div', {class: 'charts'}, [...both, errors].filter(Boolean))];
}
