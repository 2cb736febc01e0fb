// The page of one point of a comparison, within the same file: all that is known of it, and its neighbours.

// Where a point's page is; its parts have addresses that begin with it.
function pointAddress(index) {
  return `point-${index}`;
}

function pointName(point) {
  return point.label || 'The point';
}

function pointLink(point, text = pointName(point)) {
  return el('a', {href: `#${pointAddress(point.index)}`}, text);
}

// What people ask first: may it be taken?
function standing(compare, point) {
  const {advice, objectives} = compare;
  const best = compare.points[advice?.point];
  const facts = [
    ['Verdict', statusOf(point)],
    point.reason ? ['Why', point.reason] : null,
    point.unanswered ? ['Not served', point.unanswered] : null,
    point.index === advice?.point ? ['Advice', 'this is the point to take'] : best ? ['Advice', ['take ', pointLink(best), point.index === advice.runner_up ? '; this one is next' : '']] : null,
    point.pareto ? ['Pareto front', `no other point beats it in ${objectives.map((o) => figureName(o.key)).join(' and ')}`] : null,
    isNumber(point.stopped_by) ? ['Stopped', ['later seeds did not run: ', pointLink(compare.points[point.stopped_by]), ' is better in every objective']] : null,
    point.engine ? ['Engine', point.engine] : null,
    isNumber(point.kv_blocks_per_replica) ? ['KV blocks of a replica', whole(point.kv_blocks_per_replica)] : null,
  ].filter(Boolean);
  return el('dl', {class: 'definitions'}, facts.map(([name, what]) => [el('dt', {}, name), el('dd', {}, what)]));
}

function settingsOf(compare, point) {
  const rows = Object.entries(point.settings).map(([key, value]) => [key, textOf(value)]);
  return rows.length === 0 ? null : table('What varies', [{name: 'Key', left: true}, {name: 'value', left: true}], rows);
}

// How to get the page of a run of it, which the comparison does not keep.
function ownRun(compare, point) {
  if (!point.command) {
    return point.search ? el('p', {class: 'note'}, 'The rate of this point was searched: it is many runs, which the load curve and its table show.') : null;
  }
  const folder = pointAddress(point.index);
  const seeds = compare.seeds.length > 1 ? ` It runs the first of ${compare.seeds.length} seeds; the figures here are means over all.` : '';
  const priced = Object.keys(compare.compared?.usd_per_gpu_hour ?? {}).length > 0 ? ' Prices are not part of it.' : '';
  return [el('p', {class: 'note'}, `A comparison keeps the figures of its points and not their requests. In the folder where it ran, this makes the point's own report, with its distributions, its load over time and its slowest requests.${seeds}${priced}`),
          scrolling('Command of this point', el('pre', {class: 'command'}, `${point.command} -o ${folder}\nblis report ${folder}`))];
}

function pointLimits(point) {
  if ((point.slo ?? []).length === 0) return null;
  return table('Service level objectives', [{name: 'Limit', left: true}, {name: 'verdict', left: true}, {name: 'asked'}, {name: 'got'}, {name: 'may be', left: true}, {name: 'model\'s error'}],
    point.slo.map((slo) => {
      const format = formatOf(slo.key);
      const open = isNumber(slo.low) && isNumber(slo.high) && slo.low !== slo.high;
      return [figureName(slo.key), verdict(slo.verdict), `${slo.at_least ? '≥' : '≤'} ${format(slo.limit)}`, isNumber(slo.value) ? format(slo.value) : 'not served',
              open ? `${format(slo.low)} to ${format(slo.high)}` : '–', isNumber(slo.model_error) ? percent(slo.model_error) : 'not known'];
    }));
}

// Every figure, with its interval, and how far it is from the advised point.
function pointFigures(compare, point) {
  const best = compare.points[compare.advice?.point];
  const other = best && best.index !== point.index ? best : null;
  const keys = Object.keys(point).filter((key) => isNumber(point[key]) && !['index', 'stopped_by', 'kv_blocks_per_replica', 'seeds', 'overloaded_seeds'].includes(key) && !key.startsWith('bound_by_'));
  if (keys.length === 0) return null;
  const interval = (key) => {
    const [low, high] = endsOf(point, key) ?? [];
    return isNumber(low) && high > low ? `${formatOf(key)(low)} to ${formatOf(key)(high)}` : '–';
  };
  const intervals = keys.some((key) => interval(key) !== '–');
  const columns = [{name: 'Figure', left: true}, {name: 'value'}, ...(intervals ? [{name: `${percent(compare.confidence.level)} interval`}] : []), ...(other ? [{name: 'advised point'}, {name: 'difference'}] : [])];
  return table('All figures', columns, keys.map((key) => [
    figureName(key), formatOf(key)(point[key]), ...(intervals ? [interval(key)] : []),
    ...(other ? [formatOf(key)(other[key]), other[key] > 0 ? signedPercent(point[key] / other[key] - 1) : '–'] : [])]));
}

// What a reader of the split must know of this point.
function pointParts(point) {
  if (point.status !== 'overloaded' || !point.attribution) return null;
  return el('p', {class: 'note'}, 'This point is overloaded: how long requests are queued grows with the length of the run, and the split below is that of this one.');
}

function pointBounds(point) {
  const keys = Object.keys(point).filter((key) => key.startsWith('bound_by_') && point[key] > 0);
  if (keys.length === 0) return null;
  return stackedBars({
    title: 'What the steps were bound by', format: percent, share: true, note: 'Share of step time by the part of the step that took the longest.',
    parts: keys.map((key, i) => ({name: partOfStepName(key.replace('bound_by_', '')), color: i % 8})), bars: [{name: 'steps', values: keys.map((key) => point[key])}],
  });
}

// The points that differ from it in one setting alone.
function neighbours(compare, point) {
  const differs = (other) => compare.varied.filter((key) => textOf(other.settings[key]) !== textOf(point.settings[key]));
  const near = compare.points.map((other) => [other, differs(other)]).filter(([, keys]) => keys.length === 1);
  if (near.length === 0) return null;
  const figures = compare.objectives.map((o) => o.key);
  return table('Points that differ in one setting', [{name: 'Setting', left: true}, {name: 'point', left: true}, {name: 'verdict', left: true}, ...figures.map((key) => ({name: figureName(key)}))],
    near.map(([other, [key]]) => [`${settingName(key)} ${textOf(other.settings[key])}`, pointLink(other), statusOf(other), ...figures.map((figure) => formatOf(figure)(other[figure]))]));
}

function pointPage(compare, point) {
  const [before, after] = [compare.points[point.index - 1], compare.points[point.index + 1]];
  return {
    id: pointAddress(point.index), title: pointName(point),
    lead: [[el('a', {href: '#main'}, `All ${whole(compare.points.length)} points`), before ? [' · ', pointLink(before, 'previous point')] : null, after ? [' · ', pointLink(after, 'next point')] : null]],
    sections: [
      {id: 'standing', title: 'At a glance', content: [standing(compare, point), pointLimits(point)]},
      {id: 'settings', title: 'Settings', content: [settingsOf(compare, point), ownRun(compare, point)]},
      {id: 'load', title: 'Load curve', content: [loadCurves({points: [point]})]},
      {id: 'figures', title: 'Figures', content: [pointFigures(compare, point)]},
      {id: 'why', title: 'Where the time goes', content: [pointParts(point), el('div', {class: 'charts wide'}, [attribution({result: point}), pointBounds(point)].filter(Boolean))]},
      {id: 'near', title: 'Near it', content: [neighbours(compare, point)]},
    ],
  };
}
