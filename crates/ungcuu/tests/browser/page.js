// Finds what a person would find: by the words on it. Used through the driver only, never part of the product.
const tidy = (words) => (words || '').replace(/\s+/g, ' ').trim();
const open = () => document.querySelector('dialog[open]') || document.body;
const inSight = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
const words = (element) => {
  const copy = element.cloneNode(true);
  for (const extra of copy.querySelectorAll('.must, .unseen, .source, .count, svg, select, textarea')) extra.remove();
  return tidy(copy.textContent) || tidy(element.getAttribute('aria-label')) || tidy(element.textContent);
};
const fits = (said, wanted) => (said === wanted ? 3 : said.startsWith(wanted) ? 2 : said.includes(wanted) ? 1 : 0);
// Steps up to the nearest part that also holds the words of `part`; nothing asked is everywhere.
const distance = (element, part) => {
  if (!part) return 0;
  let steps = 1;
  for (let box = element.parentElement; box && box !== document.body; box = box.parentElement, steps += 1) {
    if (tidy(box.textContent).includes(part)) return steps;
  }
  return Infinity;
};
const best = (pairs, wanted, part) => pairs
  .map(([element, said]) => ({ element, score: fits(said, wanted), far: distance(element, part) }))
  .filter((one) => one.score && one.far < Infinity)
  .sort((one, other) => one.far - other.far || other.score - one.score)
  .map((one) => one.element)[0] || null;

// What leads to another page, and what only changes this one.
const LEAVING = 'a[href]:not([href^="#"], [data-dialog]), button:not([type=button])';
const STAYING = 'summary, a[href^="#"], [data-dialog], button[type=button], label.option, label.nav-button';
const pressable = (wanted, part, which) => {
  const all = [...open().querySelectorAll(which || LEAVING)].filter(inSight);
  return best(all.map((element) => [element, words(element)]), wanted, part);
};
const fieldOf = (wanted, part, kind) => {
  const labels = [...open().querySelectorAll('label[for]')].map((label) => [document.getElementById(label.htmlFor), words(label)]);
  const boxes = [...open().querySelectorAll('label.option')].map((label) => [label.querySelector('input'), words(label)]);
  const named = [...open().querySelectorAll('[aria-label]:is(input, select, textarea)')].map((field) => [field, tidy(field.getAttribute('aria-label'))]);
  const seen = [...labels, ...boxes, ...named].filter(([field]) => field && field.matches(kind || '*') && (inSight(field) || field.type === 'file' || (field.labels && [...field.labels].some(inSight))));
  return best(seen, wanted, part);
};
const groupOf = (wanted, part) => best([...open().querySelectorAll('fieldset')].filter(inSight)
  .map((group) => [group, group.querySelector('legend') ? words(group.querySelector('legend')) : '']), wanted, part);
const choose = (wanted, choice, part) => {
  const [field, group] = [fieldOf(wanted, part, 'select'), groupOf(wanted, part)];
  if (field && (!group || distance(field, part) <= distance(group, part))) {
    const option = best([...field.options].map((one) => [one, tidy(one.textContent)]), choice);
    if (!option) return null;
    option.selected = true;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
    return field;
  }
  return group && best([...group.querySelectorAll('label.option, label.tile')].map((label) => [label, words(label)]), choice);
};
const put = (field, value) => {
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
};
const shown = () => tidy(document.body.innerText);
// What spoils a page for the eye: wider than the window, or an image that did not come.
const spoiled = () => {
  const found = [];
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 1) {
    const edge = document.documentElement.clientWidth + 1;
    const culprit = [...document.body.querySelectorAll('*')].filter((one) => inSight(one) && one.getBoundingClientRect().right > edge).pop();
    found.push('the page is ' + wide + ' px wider than the window' + (culprit ? ': ' + culprit.outerHTML.slice(0, 160) : ''));
  }
  for (const image of document.images) if (image.complete && !image.naturalWidth) found.push('the image ' + image.src + ' did not come');
  return found;
};
