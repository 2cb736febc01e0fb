// Run in a report's page, with the width it was given: returns sentences on what is wrong with it. What axe-core does not look at, and, where
// it is not there, the least of what it does.

function luminance([r, g, b]) {
  const linear = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

function contrast(a, b) {
  const [light, dark] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (light + 0.05) / (dark + 0.05);
}

function rgb(text) {
  const parts = text.match(/[\d.]+/g).map(Number);
  return parts.length === 4 && parts[3] === 0 ? null : parts.slice(0, 3);
}

function background(element) {
  for (let e = element; e; e = e.parentElement) {
    const color = rgb(getComputedStyle(e).backgroundColor);
    if (color) return color;
  }
  return [255, 255, 255];
}

function visible(element) {
  const box = element.getBoundingClientRect();
  return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility !== 'hidden';
}

const wrong = [];
// A phone's browser widens its window to what overflows.
const width = arguments[0];
if (document.documentElement.scrollWidth > width) wrong.push(`the page is ${document.documentElement.scrollWidth} wide on ${width}`);
if (performance.getEntriesByType('resource').length > 0) wrong.push('the page asked for something from outside');
if (document.querySelectorAll('h1').length !== 1) wrong.push('there is not exactly one h1');

const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const seen = new Set();
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || seen.has(element) || element.closest('script, noscript, .hidden, .skip') || !visible(element)) continue;
  seen.add(element);
  const style = getComputedStyle(element);
  const color = element instanceof SVGElement ? style.fill : style.color;
  const ratio = contrast(rgb(color) ?? [0, 0, 0], background(element));
  if (ratio < 4.5) wrong.push(`"${element.textContent.slice(0, 30)}" has a contrast of ${ratio.toFixed(2)}`);
}
for (const shape of document.querySelectorAll('.plot .line, .plot .area, .plot .mark, .plot .stroke')) {
  const style = getComputedStyle(shape);
  const paint = style.fill === 'none' ? style.stroke : style.fill;
  const ratio = contrast(rgb(paint), background(shape));
  if (ratio < 3) wrong.push(`a ${shape.getAttribute('class')} in ${paint} has a contrast of ${ratio.toFixed(2)}`);
}
for (const element of document.querySelectorAll('[role=slider], [role=img], [role=region]')) {
  if (!element.getAttribute('aria-label')) wrong.push(`a ${element.getAttribute('role')} has no name`);
}
for (const drawing of document.querySelectorAll('.plot')) {
  if (!drawing.querySelector('svg')) wrong.push(`"${drawing.getAttribute('aria-label')}" is not drawn`);
  const figure = drawing.closest('figure');
  if (!figure.querySelector('details.numbers, table')) wrong.push(`"${figure.querySelector('h3').textContent}" has no table`);
}
for (const number of document.querySelectorAll('td, dd, svg text')) {
  if (/NaN|undefined|Infinity|\[object/.test(number.textContent)) wrong.push(`there is a "${number.textContent.slice(0, 40)}"`);
}
return [...new Set(wrong)].slice(0, 20);
