// Reads the document that is in the page and builds the page of its kind.

function hasContent(content) {
  return [content].flat(Infinity).some((node) => node && !(node.classList.contains('charts') && node.children.length === 0));
}

function build(page) {
  const sections = page.sections.filter((section) => hasContent(section.content));
  const links = sections.map((section) => el('li', {}, el('a', {href: `#${section.id}`}, section.title)));
  const hatch = svg('pattern', {id: 'hatch', width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)'},
    svg('rect', {width: 2, height: 5, class: 'hatch'}));
  document.body.append(
    svg('svg', {width: 0, height: 0, 'aria-hidden': 'true', class: 'defs'}, svg('defs', {}, hatch)),
    el('a', {class: 'skip', href: '#main'}, 'Skip to the report'),
    el('header', {}, el('h1', {}, page.title), page.lead.map((line) => el('p', {}, line))),
    el('nav', {'aria-label': 'Sections'}, el('ul', {}, links)),
    el('main', {id: 'main', tabindex: -1}, sections.map((section) => el('section', {id: section.id, 'aria-labelledby': `${section.id}-title`},
      el('h2', {id: `${section.id}-title`}, section.title), section.content))),
    el('footer', {}, el('p', {}, 'Simulated by BLIS. Every figure is in the files of the result folder.')));
}

try {
  const content = JSON.parse(document.getElementById('data').textContent);
  build(content.kind === 'compare' ? comparePage(content.compare) : runPage(content));
} catch (error) {
  document.body.append(el('p', {class: 'notices', role: 'alert'}, `This report could not be drawn: ${error.message}. The figures are in the files of the result folder.`));
  throw error;
}
