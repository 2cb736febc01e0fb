// Choices of what a part of the page shows.

function picker(name, keys, chosen, change, nameOf = figureName) {
  const id = freshId('pick');
  const select = el('select', {id}, keys.map((key) => el('option', {value: key, selected: key === chosen}, nameOf(key))));
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
