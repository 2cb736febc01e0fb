// Numbers as people read them; what is no number is a dash.

function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

const wholeNumbers = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const threeDigits = new Intl.NumberFormat('en', {maximumSignificantDigits: 3});

// Three significant digits, or all those before the point.
function short(value) {
  if (!isNumber(value)) return '–';
  return (Math.abs(value) >= 100 ? wholeNumbers : threeDigits).format(value);
}

function whole(value) {
  return isNumber(value) ? wholeNumbers.format(value) : '–';
}

function withUnit(value, unit) {
  return isNumber(value) ? `${short(value)} ${unit}` : '–';
}

function milliseconds(value) {
  if (!isNumber(value)) return '–';
  const size = Math.abs(value);
  if (size >= 10000) return withUnit(value / 1000, 's');
  if (size > 0 && size < 0.1) return withUnit(value * 1000, 'µs');
  return withUnit(value, 'ms');
}

function seconds(value) {
  if (!isNumber(value)) return '–';
  if (Math.abs(value) >= 7200) return withUnit(value / 3600, 'h');
  if (Math.abs(value) >= 300) return withUnit(value / 60, 'min');
  return withUnit(value, 's');
}

const oneDecimal = new Intl.NumberFormat('en', {maximumFractionDigits: 1});

function percent(share) {
  if (!isNumber(share)) return '–';
  if (share > 0 && share < 0.0005) return '<0.1 %';
  return `${oneDecimal.format(100 * share)} %`;
}

function signedPercent(share) {
  return isNumber(share) ? `${share > 0 ? '+' : ''}${oneDecimal.format(100 * share)} %` : '–';
}

// 12,345,678 as 12.3 M.
function compact(value) {
  if (!isNumber(value)) return '–';
  for (const [size, sign] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e4, 'k']]) {
    if (Math.abs(value) >= size) return `${threeDigits.format(value / (sign === 'k' ? 1e3 : size))} ${sign}`;
  }
  return short(value);
}

// too_long as people say it.
function plainKey(key) {
  return key.replace(/_/g, ' ');
}

const METRIC_NAMES = {ttft_ms: 'TTFT', tpot_ms: 'TPOT', itl_ms: 'ITL', e2el_ms: 'E2E', queue_ms: 'queue time'};

// p99_ttft_ms: TTFT p99; other keys in words.
function figureName(key) {
  const [, statistic, metric] = key.match(/^(mean|median|std|min|max|p\d+)_(.*)$/) || [];
  if (metric in METRIC_NAMES) return `${METRIC_NAMES[metric]} ${statistic === 'median' ? 'p50' : statistic}`;
  const known = {usd_per_million_output_tokens: '$ per million output tokens', usd_per_hour: '$ per hour', gpus: 'GPUs',
                 request_throughput: 'requests/s', output_throughput: 'output tokens/s', goodput_attainment: 'requests within SLO',
                 request_goodput: 'requests/s within SLO', total_token_throughput: 'tokens/s', output_throughput_per_gpu: 'output tokens/s per GPU', offered_request_rate: 'offered requests/s', kv_usage_mean: 'KV usage', kv_usage_peak: 'KV usage, peak'};
  return known[key] || plainKey(key);
}
