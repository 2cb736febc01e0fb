// The replicas of a fleet: what each did in all, and over time.

// What each replica did, and how unequal they were.
function replicaTable({result}) {
  if (!result.replicas) return null;
  const pools = result.replicas.some((replica) => replica.pool !== undefined);
  const columns = [{name: 'Replica'}, ...(pools ? [{name: 'pool', left: true}] : []), ...['requests', 'input tokens', 'output tokens', 'prefix cache hits',
    'load (sequences)', 'busy', 'KV usage, mean', 'KV usage, peak', 'preemptions'].map((name) => ({name}))];
  const rows = result.replicas.map((r, i) => {
    const figures = [r.requests, r.total_input_tokens, r.total_output_tokens, r.prefix_hit_rate, r.load, r.busy, r.kv_usage_mean, r.kv_usage_peak, r.preemptions];
    const formats = [whole, whole, whole, percent, short, percent, percent, percent, whole];
    return {cells: [String(i), ...(pools ? [r.pool ?? ''] : []), ...figures.map((value, k) => formats[k](value))], keys: [i, ...(pools ? [r.pool ?? ''] : []), ...figures]};
  });
  const unequal = result.imbalance.map((pool) => `${pool.pool ? `${pool.pool}: ` : ''}load ${threeDigits.format(pool.load)}, requests ${threeDigits.format(pool.requests)}, output tokens ${threeDigits.format(pool.total_output_tokens)}`);
  return [el('p', {class: 'note'}, `Imbalance, the most over the mean (1 is equal): ${unequal.join('; ')}. Load is how many sequences were computed at once, in the mean.`),
          sortableTable(`${whole(rows.length)} replicas; press a heading to sort`, columns, rows)];
}

const REPLICA_FIGURES = {
  running: {name: 'sequences running', format: short},
  waiting: {name: 'sequences waiting', format: short},
  kv_usage: {name: 'KV usage', format: percent},
};
const SPREAD_STYLES = {
  least: {color: 2, dash: '2 3'}, p25: {color: 5, dash: '9 3 2 3'}, median: {color: 0}, p75: {color: 4, dash: '9 3 2 3'}, most: {color: 1, dash: '7 4'},
};

// A chart a replica, or a pool's spread where there are too many; all have the same axes, and one cursor.
function replicasOverTime({series}) {
  const over = series.replicas;
  if (!over || over.rows.length === 0) return null;
  const count = over.rows[0].running.length;
  const span = count * over.width_s;
  const [unit, sign] = span > 7200 ? [3600, 'h'] : span > 300 ? [60, 'min'] : [1, 's'];
  const each = over.rows[0].statistic === null;
  const charts = each ? over.rows.map((row) => ({title: `Replica ${row.replica}${row.pool ? `, ${row.pool}` : ''}`, rows: [row]}))
    : [...new Set(over.rows.map((row) => row.pool))].map((pool) => ({title: pool ? `Replicas of ${pool}` : 'All replicas', rows: over.rows.filter((row) => row.pool === pool)}));
  let key = 'running';
  return redrawn((redraw) => {
    const {name, format} = REPLICA_FIGURES[key];
    const most = extentOf(over.rows.flatMap((row) => row[key]))[1];
    const cursor = makeCursor(count);
    const line = (row) => ({
      name: row.statistic ?? name, ...(SPREAD_STYLES[row.statistic] ?? {color: 0, area: true}),
      points: row[key].map((value, i) => [(over.start_s + (i + 0.5) * over.width_s) / unit, value]),
    });
    return [
      el('p', {class: 'pickers'}, picker('Of each replica', Object.keys(REPLICA_FIGURES), key, (chosen) => { key = chosen; redraw(); }, (k) => REPLICA_FIGURES[k].name)),
      el('p', {class: 'note'}, `Means over ${seconds(over.width_s)}, idle time included; ${charts.length > 1 ? 'all charts have the same axes. ' : ''}${
        each ? '' : 'Of so many replicas the spread is drawn: at each time by itself, so a line is not one replica\'s. '}The number of replicas does not change during a run.`),
      el('div', {class: 'charts small'}, charts.map(({title, rows}) => lineChart({
        title, cursor, height: each ? 150 : 230, series: rows.map(line),
        x: {name: 'simulated time', format: (t) => withUnit(t, sign), domain: [over.start_s / unit, (over.start_s + span) / unit], exact: true},
        y: {name, format, domain: [0, most > 0 ? most : 1]},
      }))),
    ];
  });
}
