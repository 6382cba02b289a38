
// Dialogs: a link with data-dialog opens it here; without script the link leads to a page that does the same.
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    dialog.showModal();
  }
  const link = event.target.closest('a[href^="#"]');
  const target = link && document.getElementById(link.hash.slice(1));
  const fold = target && target.closest('details');
  if (fold) {
    // A link to what is folded unfolds it and stands on its first field.
    event.preventDefault();
    fold.open = true;
    fold.scrollIntoView({ block: 'nearest' });
    const first = one('input:not([type=hidden]), select, textarea', fold);
    if (first) first.focus();
  }
  if (event.target.matches('dialog.dialog, dialog.drawer, dialog.palette')) {
    const box = event.target.getBoundingClientRect();
    const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (outside && !event.target.querySelector('textarea, input[type=text]')) event.target.close();
  }
  for (const menu of all('details[data-menu][open]')) if (!menu.contains(event.target)) menu.open = false;
  const copied = event.target.closest('[data-copy]');
  if (copied && navigator.clipboard) {
    navigator.clipboard.writeText(copied.dataset.copy).then(() => copied.setAttribute('title', say('copied')));
  }
});

// One question before an outward or destructive act.
const ask = (sentence, label) => new Promise((answer) => {
  const box = one('[data-confirm-box]');
  if (!box || !box.showModal) return answer(window.confirm(sentence));
  one('h2', box).textContent = label || say('ask');
  one('[data-confirm-words]', box).textContent = sentence;
  const [yes, no] = [one('[data-confirm-yes]', box), one('[data-confirm-no]', box)];
  yes.textContent = label || say('confirm');
  no.textContent = say('cancel');
  yes.onclick = () => { box.onclose = null; box.close(); answer(true); };
  no.onclick = () => box.close();
  box.onclose = () => answer(false);
  box.showModal();
  no.focus();
});

const dirty = new Set();
const keepKey = (form) => 'ungcuu:' + form.dataset.draft;
const kept = (form) => all('input, textarea, select', form).filter((field) =>
  field.name && !field.name.startsWith('_') && !['hidden', 'password', 'file', 'submit'].includes(field.type));

document.addEventListener('submit', async (event) => {
  const form = event.target;
  const button = event.submitter;
  const sentence = (button && button.dataset.confirm) || form.dataset.confirm;
  if (sentence && !form.dataset.agreed && !(button && button.formNoValidate)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await ask(sentence, button && button.textContent.trim())) {
      form.dataset.agreed = 'yes';
      form.requestSubmit(button || undefined);
      delete form.dataset.agreed;
    }
    return;
  }
  if (form.method !== 'post') return;
  dirty.delete(form);
  // The draft is forgotten on the next page, once that page shows that it was taken.
  if (form.dataset.draft) sessionStorage.setItem('ungcuu:sent', JSON.stringify([keepKey(form), form.id]));
  // A second press sends nothing twice; the button's own value still travels with the first.
  setTimeout(() => all('button:not([type=button])', form).concat(button || []).forEach((one) => { one.disabled = true; }), 0);
}, true);
window.addEventListener('pageshow', () => all('form button[disabled]').forEach((one) => { one.disabled = false; }));

// Long forms save as you go, on this machine only, and say when.
const drafts = () => {
  const sent = JSON.parse(sessionStorage.getItem('ungcuu:sent') || 'null');
  sessionStorage.removeItem('ungcuu:sent');
  // Only a page that shows the form was taken lets the draft go: not an error, not the sign-in, not the same form once more.
  const refused = one('[data-errors], .conflict, body.failed, .signin');
  const again = sent && document.getElementById(sent[1]) && !one('[data-flash]');
  if (sent && !refused && !again) localStorage.removeItem(sent[0]);
  for (const form of all('form[data-draft]')) {
    const line = one('[data-draft-line]', form);
    const stored = JSON.parse(localStorage.getItem(keepKey(form)) || 'null');
    if (stored && !('returned' in form.dataset)) restore(form, line, stored);
    let waiting;
    form.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const values = kept(form).map((field) => [field.name, field.value, field.checked === true]);
        localStorage.setItem(keepKey(form), JSON.stringify({ at: hour(), values }));
        line.textContent = say('saved', hour());
        line.hidden = false;
      }, 800);
    });
  }
};
const restore = (form, line, stored) => {
  const fields = kept(form);
  let changed = false;
  fields.forEach((field, place) => {
    const [name, value, checked] = stored.values[place] || [];
    if (name !== field.name) return;
    const box = field.type === 'checkbox' || field.type === 'radio';
    if (box ? field.value === value && field.checked !== checked : field.value !== value) {
      changed = true;
      if (box) field.checked = checked; else field.value = value;
    }
  });
  if (!changed) return;
  line.textContent = say('restored', stored.at) + ' ';
  const forget = make('button', { type: 'button', class: 'button quiet' }, say('forget'));
  forget.addEventListener('click', () => { localStorage.removeItem(keepKey(form)); form.reset(); line.hidden = true; });
  line.append(forget);
  line.hidden = false;
};

document.addEventListener('input', (event) => {
  const form = event.target.form;
  if (form && form.method === 'post' && !form.dataset.draft && typing(event.target)) dirty.add(form);
});
window.addEventListener('beforeunload', (event) => {
  if ([...dirty].some((form) => form.isConnected)) { event.preventDefault(); event.returnValue = say('unsaved'); }
});

// With script, the server's sentences replace the browser's bubbles, so that errors read alike everywhere. Forms with files
// keep the browser's check: an error page would lose the chosen files.
for (const form of all('form.form:not([data-upload])')) form.noValidate = true;
const summary = one('[data-errors], .conflict');
if (summary) summary.focus();
document.addEventListener('click', (event) => {
  const theirs = event.target.closest('[data-forget]');
  const left = theirs && document.getElementById(theirs.dataset.forget);
  if (left) {
    // Theirs counts: what was typed here is let go, also the draft of it.
    dirty.delete(left);
    if (left.dataset.draft) localStorage.removeItem(keepKey(left));
  }
  const link = event.target.closest('.errors a, .conflict th a');
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const inner = field.matches('fieldset') ? one('input', field) : field;
  (inner || field).focus();
  field.closest('.field').scrollIntoView({ block: 'center' });
});
// A filter asks at once; the button stays for those without script.
for (const select of all('.filters select')) select.addEventListener('change', () => select.form.requestSubmit());
// The theme changes before the server has answered.
for (const button of all('[data-theme-choice]')) {
  button.addEventListener('click', () => {
    const choice = button.dataset.themeChoice;
    if (choice) document.documentElement.dataset.theme = choice; else delete document.documentElement.dataset.theme;
  });
}
// Without script this box would do nothing.
for (const box of all('label [data-pick-all]')) box.closest('label').hidden = false;
// Bulk acts show once something is picked.
const picks = () => {
  const picked = all('.pick input[name]:checked').length;
  for (const bar of all('[data-bulk]')) {
    bar.hidden = picked === 0;
    one('[data-picked]', bar).textContent = say('chosen', picked);
  }
};
document.addEventListener('change', (event) => {
  if (event.target.matches('[data-pick-all]')) {
    for (const box of all('.pick input[name]', event.target.closest('table, [data-picks]'))) box.checked = event.target.checked;
  }
  if (event.target.closest('.pick')) picks();
});
picks();
drafts();

// A browser in another language shows day and month the other way round; then the moment is said once more, as clerks write it.
if (!new Intl.DateTimeFormat().format(new Date(2026, 10, 22)).startsWith('22/11')) {
  for (const said of all('[data-said]')) {
    const field = document.getElementById(said.htmlFor.value || said.getAttribute('for'));
    const tell = () => {
      const [day, time] = field.value.split('T');
      said.textContent = day ? day.split('-').reverse().join('/') + (time ? ' ' + time.slice(0, 5) : '') : '';
      said.hidden = !day;
    };
    field.addEventListener('input', tell);
    tell();
  }
}
