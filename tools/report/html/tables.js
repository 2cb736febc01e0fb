// Tables that scroll in a box of their own when they are wider than the page.

// What a verdict looks like, wherever it stands.
function verdict(word, more = '') {
  const [style, mark] = {meets: ['met', '✓ '], 'too close to call': ['close', '≈ '], misses: ['missed', '✗ ']}[word] ?? [null, ''];
  return el('span', {class: style}, mark + (word || 'ok') + more);
}

// `columns`: {name, left, sort}; `rows`: lists of texts, numbers already formatted, or nodes.
function table(caption, columns, rows, {hideCaption = false} = {}) {
  const heads = columns.map((column) => el('th', {scope: 'col', class: column.left ? 'left' : null}, column.name));
  const body = el('tbody', {}, rows.map((row) => el('tr', {}, row.map((cell, i) => (
    i === 0 ? el('th', {scope: 'row', class: columns[i].left ? 'left' : null}, cell)
            : el('td', {class: columns[i].left ? 'left' : null}, cell))))));
  return scrolling(caption, el('table', {}, el('caption', {class: hideCaption ? 'hidden' : null}, caption),
    el('thead', {}, el('tr', {}, heads)), body));
}

// What is wider than its place scrolls, and says so.
function scrolling(name, node) {
  const box = el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': name}, node);
  const more = el('p', {class: 'more', hidden: true});
  new ResizeObserver(() => {
    const [right, below] = [box.scrollWidth > box.clientWidth + 1, box.scrollHeight > box.clientHeight + 1];
    more.hidden = !right && !below;
    more.textContent = `More ${[right ? 'to the right' : null, below ? 'below' : null].filter(Boolean).join(' and ')}: scroll within ${right ? '→' : ''}${below ? '↓' : ''}`;
  }).observe(box);
  return el('div', {}, more, box);
}

// The same, sorted by the column whose heading is pressed. `rows`: {cells, keys, class}; keys of null are last.
function sortableTable(caption, columns, rows) {
  const body = el('tbody', {}, rows.map((row) => {
    row.node = el('tr', {class: row.class}, row.cells.map((cell, i) => (
      i === 0 ? el('th', {scope: 'row', class: columns[i].left ? 'left' : null}, cell)
              : el('td', {class: columns[i].left ? 'left' : null}, cell))));
    return row.node;
  }));
  const heads = columns.map((column, i) => {
    const button = el('button', {type: 'button'}, column.name);
    const head = el('th', {scope: 'col', class: column.left ? 'left' : null, 'aria-sort': 'none'}, button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      for (const other of heads) other.setAttribute('aria-sort', 'none');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const sign = down ? -1 : 1;
      const order = [...rows].sort((a, b) => {
        const [p, q] = [a.keys[i], b.keys[i]];
        if (p === null || q === null) return (p === null) - (q === null);
        return sign * (typeof p === 'number' && typeof q === 'number' ? p - q : String(p).localeCompare(String(q), 'en', {numeric: true}));
      });
      body.append(...order.map((row) => row.node));
    });
    return head;
  });
  return scrolling(caption, el('table', {class: 'sortable'}, el('caption', {}, caption),
    el('thead', {}, el('tr', {}, heads)), body));
}
