
// Files: dragged, pasted or picked, listed by name, sent with progress; a failure keeps them for another try.
const bytes = (n) => {
  const units = ['B', 'KB', 'MB', 'GB'];
  let place = 0;
  while (n >= 1024 && place < units.length - 1) { n /= 1024; place += 1; }
  return Number(n.toFixed(1)).toLocaleString(document.documentElement.lang) + ' ' + units[place];
};
const show = (drop, input) => {
  const list = one('.drop-list', drop);
  list.replaceChildren(...[...input.files].map((file) => {
    const line = make('li');
    if (file.type.startsWith('image/')) {
      const picture = make('img', { alt: '', src: URL.createObjectURL(file) });
      picture.addEventListener('load', () => URL.revokeObjectURL(picture.src));
      line.append(picture);
    }
    line.append(make('span', { class: 'drop-name' }, file.name), make('span', { class: 'muted' }, bytes(file.size)));
    return line;
  }));
};
const add = (input, files) => {
  if (!files.length) return false;
  const box = new DataTransfer();
  if (input.multiple) for (const file of input.files) box.items.add(file);
  for (const file of input.multiple ? files : [files[0]]) box.items.add(file);
  input.files = box.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
  return true;
};
for (const drop of all('[data-drop]')) {
  const input = one('input[type=file]', drop);
  one('.drop-words', drop).hidden = false;
  input.addEventListener('change', () => show(drop, input));
  for (const name of ['dragenter', 'dragover']) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add('over'); });
  for (const name of ['dragleave', 'drop']) drop.addEventListener(name, () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => { event.preventDefault(); add(input, [...event.dataTransfer.files]); });
}
document.addEventListener('paste', (event) => {
  const files = [...(event.clipboardData ? event.clipboardData.files : [])];
  const form = event.target.closest && event.target.closest('form');
  const input = (form && one('[data-drop] input', form)) || one('[data-drop] input');
  if (input && files.length && add(input, files)) event.preventDefault();
});

// Takes the errors over from the answer, field by field, so that the chosen files stay chosen.
const correct = (form, answer) => {
  all('.errors, .conflict').forEach((old) => old.remove());
  const boxes = all('.errors, .conflict', answer);
  one('.head-strip, main > *').before(...boxes);
  const theirs = answer.getElementById(form.id);
  const found = new Map(all('.field', theirs).map((field) => [field.id || one('input, select, textarea', field).id, field]));
  for (const field of all('.field', form)) {
    const fresh = found.get(field.id || one('input, select, textarea', field).id);
    if (!fresh) continue;
    if (!one('input[type=file]', field)) { field.replaceWith(fresh); continue; }
    all('.field-error', field).forEach((old) => old.remove());
    field.classList.toggle('wrong', fresh.classList.contains('wrong'));
    const error = one('.field-error', fresh);
    if (error) one('.drop', field).before(error);
  }
  for (const name of ['version', '_csrf']) {
    const [old, fresh] = [one('input[name="' + name + '"]', form), one('input[name="' + name + '"]', theirs)];
    if (old && fresh) old.value = fresh.value;
  }
  all('button', form).forEach((one) => { one.disabled = false; });
  boxes[0].focus();
};

// The line under a form that says how far its files have come.
const barOf = (form) => {
  let bar = one('.upload', form);
  if (!bar) {
    bar = make('div', { class: 'upload', role: 'status' });
    bar.append(make('span'), make('progress', { max: 100, value: 0 }));
    form.append(bar);
  }
  all('.button', bar).forEach((one) => one.remove());
  if (!one('progress', bar)) bar.append(make('progress', { max: 100, value: 0 }));
  return bar;
};

// Nothing was sent: the sentence stands under the form, whose files stay chosen, with a button for another try.
const failed = (form, bar, sentence) => {
  one('span', bar).textContent = sentence || say('failed');
  all('progress, .button', bar).forEach((one) => one.remove());
  bar.append(make('button', { class: 'button' }, say('retry')));
  all('button', form).forEach((one) => { one.disabled = false; });
};

// Sends a form and shows the answer as the browser would, or its errors where the files stay chosen.
const deliver = (form, data, bar) => {
  const [words, progress] = bar.children;
  const request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.upload.addEventListener('progress', (step) => {
    if (!step.lengthComputable) return;
    const percent = Math.floor((step.loaded * 100) / step.total);
    words.textContent = say('sending', percent);
    progress.value = percent;
  });
  request.addEventListener('load', () => {
    const answer = new DOMParser().parseFromString(request.responseText, 'text/html');
    if (request.status >= 200 && request.status < 400) {
      // The browser has followed to the next page already; showing that answer keeps its one-time line.
      history.pushState(null, '', request.responseURL || location.href);
      document.open();
      document.write(request.responseText);
      document.close();
    } else if (answer.getElementById(form.id) && one('[data-errors], .conflict', answer)) {
      bar.remove();
      correct(form, answer);
    } else {
      const sentence = one('[data-errors] h2', answer) || one('main h1 + p', answer);
      failed(form, bar, sentence ? sentence.textContent : '');
      // The files stay chosen here while one signs in beside.
      const door = one('.signin h1', answer);
      if (door) bar.append(make('a', { class: 'button', href: '/sign-in', target: '_blank' }, door.textContent));
    }
  });
  for (const name of ['error', 'timeout']) request.addEventListener(name, () => failed(form, bar));
  request.send(data);
};

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('form[data-upload]') || event.defaultPrevented) return;
  if (!all('input[type=file]', form).some((input) => input.files.length)) return;
  event.preventDefault();
  deliver(form, new FormData(form, event.submitter || undefined), barOf(form));
});
