// Where the tabs do not all fit, the one that is open stands in sight.
for (const line of all('.tabs ul')) {
  const current = one('[aria-current]', line);
  if (current) line.scrollLeft = current.offsetLeft - line.offsetLeft - (line.clientWidth - current.offsetWidth) / 2;
}
