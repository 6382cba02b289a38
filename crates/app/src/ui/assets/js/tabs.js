// Where the tabs do not all fit, the one that is open stands in sight; also after the telephone was turned.
const showTab = () => {
  for (const line of all('.tabs ul')) {
    const current = one('[aria-current]', line);
    if (current) line.scrollLeft = current.offsetLeft - line.offsetLeft - (line.clientWidth - current.offsetWidth) / 2;
  }
};
showTab();
window.addEventListener('resize', showTab);
