
// Live: changes are counted on one quiet line; the page itself stays as it is until the reader asks.
const source = one('[data-live]');
const line = one('[data-live-line]');
if (source && line && window.EventSource) {
  let changes = 0;
  const show = () => {
    const see = make('a', { href: location.href }, say('see'));
    see.addEventListener('click', (event) => { event.preventDefault(); location.reload(); });
    line.replaceChildren((changes === 1 ? say('change', 1) : say('changes', changes)) + ' – ', see);
    line.hidden = false;
  };
  const stream = new EventSource(source.dataset.live);
  stream.addEventListener('message', (event) => {
    changes += 1;
    show();
    const id = event.data && document.getElementById(event.data);
    if (id) id.classList.add('new');
  });
  let away;
  stream.addEventListener('error', () => {
    clearTimeout(away);
    away = setTimeout(() => { if (stream.readyState !== 1 && !changes) { line.textContent = say('lost'); line.hidden = false; } }, 5000);
  });
  stream.addEventListener('open', () => { clearTimeout(away); if (!changes) line.hidden = true; });
  window.addEventListener('pagehide', () => stream.close());
}

// Progress of long work: the bar moves, and the page is read anew when it has ended.
const progress = one('[data-progress]');
if (progress && window.EventSource) {
  const bar = progress.querySelector('progress');
  const words = progress.querySelector('[data-progress-words]');
  const work = new EventSource(progress.dataset.progress);
  work.addEventListener('progress', (event) => {
    const told = JSON.parse(event.data);
    if (bar && told.all > 0) { bar.max = told.all; bar.value = told.done; }
    if (words) words.textContent = told.words;
  });
  work.addEventListener('end', () => { work.close(); location.reload(); });
  window.addEventListener('pagehide', () => work.close());
}
