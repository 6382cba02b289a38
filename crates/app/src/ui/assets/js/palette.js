
// The palette: Ctrl K, type without marks, go anywhere. Before anything is typed it lists the navigation.
const palette = one('[data-palette-box]');
if (palette && palette.showModal) {
  const input = one('input', palette);
  const list = one('ul', palette);
  let chosen = 0;
  let asked = 0;
  input.placeholder = say('search');
  const places = () => all('.nav li a, .menu li a').map((link) => ({ title: (one('span:first-child', link) || link).textContent.trim(), url: link.getAttribute('href'), kind: say('goto') }));
  const fold = (words) => words.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/g, 'd');
  const choose = (place) => {
    const links = all('a', list);
    chosen = links.length ? (place + links.length) % links.length : 0;
    links.forEach((link, n) => link.setAttribute('aria-selected', String(n === chosen)));
    if (links[chosen]) { input.setAttribute('aria-activedescendant', links[chosen].id); links[chosen].scrollIntoView({ block: 'nearest' }); }
  };
  const draw = (hits) => {
    list.replaceChildren(...hits.map((hit, n) => {
      const line = make('li', { role: 'presentation' });
      const link = make('a', { href: hit.url, role: 'option', id: 'hit-' + n, tabindex: '-1' });
      link.append(make('span', { class: 'hit-kind' }, hit.kind || ''), make('span', { class: 'hit-title' }, hit.title));
      if (hit.detail) link.append(make('span', { class: 'hit-detail' }, hit.detail));
      line.append(link);
      return line;
    }));
    if (!hits.length) list.append(make('li', { class: 'none' }, say('nothing')));
    choose(0);
  };
  const look = async () => {
    const words = input.value.trim();
    // Titles that begin with the words come first.
    const where = (place) => fold(place.title).indexOf(fold(words));
    const near = places().filter((place) => where(place) >= 0).sort((one, other) => where(one) - where(other));
    if (words.length < 2) { draw(near); return; }
    const turn = (asked += 1);
    try {
      const answer = await fetch('/api/v1/search?q=' + encodeURIComponent(words), { headers: { accept: 'application/json' } });
      const found = answer.ok ? (await answer.json()).hits || [] : [];
      if (turn === asked) draw([...near.slice(0, 3), ...found]);
    } catch { if (turn === asked) draw(near); }
  };
  let waiting;
  const open = (event) => { event.preventDefault(); if (!palette.open) palette.showModal(); input.value = ''; look(); input.focus(); };
  input.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(look, 120); });
  palette.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { event.preventDefault(); palette.close(); }
    if (event.key === 'ArrowDown') { event.preventDefault(); choose(chosen + 1); }
    if (event.key === 'ArrowUp') { event.preventDefault(); choose(chosen - 1); }
    if (event.key === 'Enter') {
      event.preventDefault();
      const link = all('a', list)[chosen];
      location.assign(link ? link.href : '/search?q=' + encodeURIComponent(input.value));
    }
  });
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') open(event);
    if (event.key === '/' && !typing(event.target) && !one('dialog[open]')) open(event);
  });
  for (const opener of all('[data-palette]')) opener.addEventListener('click', open);
}
