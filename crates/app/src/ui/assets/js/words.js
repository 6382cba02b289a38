// Words come from data-say-* on <body>, in the page's language; nothing is written here in one language only.
const body = document.body;
const say = (name, n) => (body.getAttribute('data-say-' + name) || '').replace('{n}', n === undefined ? '' : n);
const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const make = (tag, attributes = {}, text) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
};
const hour = () => new Date().toTimeString().slice(0, 5);
const typing = (target) => target.closest && target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]');
