
// Large files and whole folders go piece by piece: a broken line, a closed lid or a restart of the server costs one piece.
// When everything has come, the form is sent with the names of the files instead of the files.
const LARGE = 4 << 20;
const FEWEST = 256 << 10;
const MOST = 32 << 20;
const SILENCE = 120000;
const rest = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });
const folderOf = (file) => (file.webkitRelativePath || '').split('/').slice(0, -1).join('/');

// Asks the API; what it refuses for good is an error with its sentence, a lost line one without.
const request = async (form, method, path, body, stop) => {
  const headers = { 'x-csrf': one('input[name="_csrf"]', form).value };
  if (body !== undefined) headers['content-type'] = body instanceof Blob ? 'application/octet-stream' : 'application/json';
  const content = body === undefined || body instanceof Blob ? body : JSON.stringify(body);
  const answer = await fetch('/api/v1' + path, { method, headers, body: content, signal: stop });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  const errors = (said.errors || []).map((one) => one.detail);
  throw Object.assign(new Error(errors[0] || said.detail || ''), { status: answer.status });
};
const offsetOf = async (form, base, id) => {
  const { files } = await request(form, 'GET', base);
  const known = files.find((one) => one.id === id);
  if (!known) throw Object.assign(new Error(''), { status: 404 });
  return known.received;
};

const sendPieces = async (form, base, files, bar) => {
  const [words, progress] = bar.children;
  const total = files.reduce((sum, file) => sum + file.size, 0) || 1;
  let before = 0;
  let paused = false;
  let stop = new AbortController();
  const button = make('button', { class: 'button', type: 'button' }, say('pause'));
  button.addEventListener('click', () => {
    paused = !paused;
    button.textContent = say(paused ? 'resume' : 'pause');
    if (paused) stop.abort();
  });
  bar.append(button);
  const show = (offset) => {
    const percent = Math.floor(((before + offset) * 100) / total);
    progress.value = percent;
    words.textContent = say(paused ? 'paused' : 'sending', percent);
  };
  const known = (await request(form, 'GET', base)).files;
  const ids = [];
  for (const file of files) {
    const stamp = String(file.lastModified);
    const same = (one) => one.name === file.name && one.folder === folderOf(file) && one.size === file.size && one.stamp === stamp;
    const place = known.findIndex(same);
    let [id, offset] = ['', 0];
    if (place >= 0) {
      [{ id, received: offset }] = known.splice(place, 1);
    } else {
      const path = file.webkitRelativePath || '';
      const begun = await request(form, 'POST', base + '/begin', { name: file.name, size: file.size, path, stamp, media_type: file.type });
      id = begun.result.id;
    }
    let piece = FEWEST;
    let tries = 0;
    while (offset < file.size) {
      show(offset);
      if (paused) { await rest(0.2); continue; }
      stop = new AbortController();
      const began = performance.now();
      // A dead line may say nothing for hours.
      const silent = setTimeout(() => stop.abort(), SILENCE);
      try {
        const answer = await request(form, 'POST', base + '/' + id + '/append?offset=' + offset, file.slice(offset, offset + piece), stop.signal);
        offset = answer.result.offset;
        clearTimeout(silent);
        tries = 0;
        const seconds = (performance.now() - began) / 1000;
        if (seconds < 2) piece = Math.min(piece * 2, MOST);
        if (seconds > 10) piece = Math.max(piece / 2, FEWEST);
      } catch (error) {
        clearTimeout(silent);
        if (paused) continue;
        const final = error.status && ![400, 408, 409, 429, 500, 502, 503, 504].includes(error.status);
        tries += 1;
        if (final || tries > 20) throw error;
        piece = FEWEST;
        const seconds = Math.min(2 ** tries, 30);
        words.textContent = say('waiting', seconds);
        await rest(seconds);
        offset = await offsetOf(form, base, id).catch((cause) => { if (cause.status === 404) throw cause; return offset; });
      }
    }
    before += file.size;
    ids.push(id);
  }
  show(0);
  button.remove();
  return ids;
};

for (const mark of all('[data-folder]')) {
  mark.hidden = false;
  const [form, input] = [mark.closest('form'), one('input', mark)];
  input.addEventListener('change', () => {
    const list = one('.drop-list', form);
    if (list) list.append(make('li', {}, say('folder', input.files.length)));
  });
}

document.addEventListener('submit', async (event) => {
  const form = event.target;
  const mark = form.matches('form[data-upload]') && one('[data-resume]', form);
  if (!mark || event.defaultPrevented) return;
  const [chosen, folder] = [one('[data-drop] input', form), one('[data-folder] input', form)];
  const inFolder = folder ? [...folder.files] : [];
  const files = [...chosen.files, ...inFolder];
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (!files.length || (!inFolder.length && total < LARGE)) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter || undefined);
  const bar = barOf(form);
  all('button', form).forEach((one) => { one.disabled = true; });
  try {
    const ids = await sendPieces(form, mark.getAttribute('data-resume'), files, bar);
    data.delete(chosen.name);
    data.set('uploads', ids.join(' '));
    deliver(form, data, bar);
  } catch (error) {
    failed(form, bar, error.message);
  }
});
