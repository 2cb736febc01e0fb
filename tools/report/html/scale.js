// From values to pixels: {at(value), ticks}. Domains of a single value are widened.

function niceStep(span, count) {
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].find((step) => step * power >= raw * 0.999) * power;
}

function linearScale([low, high], [from, to], count) {
  if (high <= low) high = low + (Math.abs(low) || 1);
  const step = niceStep(high - low, count);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks = [];
  for (let i = first; i <= last; ++i) ticks.push(Number((i * step).toPrecision(12)));
  const bottom = ticks[0];
  const span = ticks.at(-1) - bottom;
  return {at: (value) => from + (value - bottom) / span * (to - from), ticks, low: bottom, high: ticks.at(-1)};
}

// Like linearScale, without widening the domain to whole ticks.
function exactScale([low, high], [from, to], count) {
  if (high <= low) high = low + (Math.abs(low) || 1);
  const step = niceStep(high - low, count);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-9); ++i) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return {at: (value) => from + (value - low) / (high - low) * (to - from), ticks, low, high};
}

// Domains must be positive.
function logScale([low, high], [from, to], count) {
  if (high <= low * 1.01) [low, high] = [low / 2, high * 2];
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const decades = b - a;
  const every = Math.max(1, Math.ceil(decades / Math.max(1, count)));
  const parts = 9 * decades <= count ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : 3 * decades <= count ? [1, 2, 5] : 2 * decades <= count ? [1, 3] : [1];
  const ticks = [];
  for (let power = Math.floor(a); power <= Math.ceil(b); ++power) {
    if (power % every !== 0) continue;
    for (const part of parts) {
      const tick = Number((part * 10 ** power).toPrecision(6));
      if (tick >= low * 0.9999 && tick <= high * 1.0001) ticks.push(tick);
    }
  }
  return {at: (value) => from + (Math.log10(value) - a) / decades * (to - from), ticks, low, high};
}
