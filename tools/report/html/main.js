// Reads the document that is in the page and builds the page of its kind.

function hasContent(content) {
  return [content].flat(Infinity).some((node) => node && !(node.classList.contains('charts') && node.children.length === 0));
}

// The elements of a page; `id`, if it has one, begins the address of each of its parts.
function built({id, title, lead, sections}) {
  const within = (name) => (id ? `${id}-${name}` : name);
  const there = sections.filter((section) => hasContent(section.content));
  const links = there.map((section) => el('li', {}, el('a', {href: `#${within(section.id)}`}, section.title)));
  return [
    el('a', {class: 'skip', href: `#${within('main')}`}, 'Skip to the report'),
    el('header', {}, el('h1', {tabindex: -1}, title), lead.map((line) => el('p', {}, line))),
    el('nav', {'aria-label': 'Sections'}, el('ul', {}, links)),
    el('main', {id: within('main'), tabindex: -1}, there.map((section) => el('section', {id: within(section.id), 'aria-labelledby': within(`${section.id}-title`)},
      el('h2', {id: within(`${section.id}-title`)}, section.title), section.content))),
    el('footer', {}, el('p', {}, 'Simulated by BLIS. Every figure is in the files of the result folder.')),
  ];
}

// Shows the page that the address names: one of `pages`, each made when it is first asked for, or the first one, which stays as it was left.
function show(first) {
  const title = document.title;
  const made = new Map([['', {nodes: built(first), title}]]);
  let current = null;
  const follow = () => {
    const address = location.hash.slice(1);
    const id = address.match(/^point-\d+/)?.[0] ?? '';
    const name = first.pages?.has(id) ? id : '';
    if (name !== current) {
      if (!made.has(name)) {
        const page = first.pages.get(name)();
        made.set(name, {nodes: built(page), title: `${page.title} - ${title}`});
      }
      if (current !== null) made.get(current).nodes.forEach((node) => node.remove());
      document.body.append(...made.get(name).nodes);
      document.title = made.get(name).title;
      if (current !== null) (document.getElementById(address) ?? made.get(name).nodes[1].firstChild).focus();
      current = name;
    }
    const target = document.getElementById(address);
    if (target) target.scrollIntoView();
    else if (name) scrollTo(0, 0);
  };
  addEventListener('hashchange', follow);
  follow();
}

try {
  const content = JSON.parse(document.getElementById('data').textContent);
  const hatch = svg('pattern', {id: 'hatch', width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)'},
    svg('rect', {width: 2, height: 5, class: 'hatch'}));
  document.body.append(svg('svg', {width: 0, height: 0, 'aria-hidden': 'true', class: 'defs'}, svg('defs', {}, hatch)));
  show(content.kind === 'compare' ? comparePage(content.compare) : runPage(content));
} catch (error) {
  document.body.append(el('p', {class: 'notices', role: 'alert'}, `This report could not be drawn: ${error.message}. The figures are in the files of the result folder.`));
  throw error;
}
