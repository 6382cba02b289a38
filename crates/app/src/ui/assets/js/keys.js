
// Rows by keyboard: j and k move, Enter opens, x picks, and a button with data-key is pressed by its letter.
const rows = () => all('[data-rows] tbody tr, a.row[href]').filter((row) => row.closest('[data-rows]') && row.offsetParent !== null);
const at = () => rows().find((row) => row.classList.contains('at'));
const stand = (row) => {
  if (!row) return;
  rows().forEach((other) => other.classList.toggle('at', other === row));
  const link = row.matches('a') ? row : one('.row-link', row);
  if (link) link.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
};
document.addEventListener('focusin', (event) => {
  const row = event.target.closest('[data-rows] tbody tr, [data-rows] a.row');
  if (row) rows().forEach((other) => other.classList.toggle('at', other === row));
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    const form = event.target.form;
    if (form) { event.preventDefault(); form.requestSubmit(one('button.primary, button[type=submit]', form) || undefined); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one('dialog[open]')) return;
  if (event.key === '?') {
    const box = one('[data-keys-box]');
    if (box) { event.preventDefault(); box.showModal(); }
    return;
  }
  const list = rows();
  const here = list.indexOf(at());
  if (event.key === 'j' || event.key === 'k') {
    event.preventDefault();
    stand(list[event.key === 'j' ? Math.min(here + 1, list.length - 1) : Math.max(here - 1, 0)]);
    return;
  }
  const row = list[here];
  if (event.key === 'x' && row) {
    const box = one('.pick input', row);
    if (box) { event.preventDefault(); box.click(); }
    return;
  }
  if (!/^[a-z]$/.test(event.key)) return;
  const button = (row && one('[data-key="' + event.key + '"]', row)) || all('[data-key="' + event.key + '"]').find((one) => !one.closest('[data-rows]'));
  if (button) { event.preventDefault(); button.click(); }
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const toggle = document.getElementById('nav-open');
  if (toggle && toggle.checked) { toggle.checked = false; toggle.focus(); }
  const menu = one('details[data-menu][open]');
  if (menu) { menu.open = false; one('summary', menu).focus(); }
});

// A table that fits keeps its head in sight while the page scrolls; one that does not scrolls sideways in its box.
const fit = () => {
  for (const box of all('.table-box')) {
    box.classList.remove('scrolls');
    const scrolls = one('table', box).scrollWidth > box.clientWidth + 1;
    box.classList.toggle('scrolls', scrolls);
    // What is moved sideways must be reached with the keyboard.
    if (scrolls) box.tabIndex = 0; else box.removeAttribute('tabindex');
  }
};
fit();
window.addEventListener('resize', fit);
// On a narrow screen the tab one stands on is in sight.
const tab = one('.tabs [aria-current]');
if (tab) tab.scrollIntoView({ block: 'nearest', inline: 'center' });
// What is folded is printed too.
window.addEventListener('beforeprint', () => all('details.fold:not([open])').forEach((fold) => { fold.open = true; fold.dataset.forPrint = ''; }));
window.addEventListener('afterprint', () => all('details[data-for-print]').forEach((fold) => { fold.open = false; delete fold.dataset.forPrint; }));
