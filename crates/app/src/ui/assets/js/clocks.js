
// Clocks tick; nothing else on a page moves by itself. The server's clock is right, the machine's may not be: the page says
// when it was made, and time is counted from there.
const skew = Number(body.dataset.now || 0) * 1000 - Date.now();
const span = (seconds) => {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const part = (n, unit) => (n ? n + ' ' + say(unit) : '');
  const words = d ? [part(d, 'days'), part(h, 'hours')] : [part(h, 'hours'), part(m, 'minutes')];
  return words.filter(Boolean).join(' ') || say('soon');
};
const tick = () => {
  const now = (Date.now() + (body.dataset.now ? skew : 0)) / 1000;
  for (const time of all('time[data-due]')) {
    const due = Date.parse(time.dateTime) / 1000;
    const state = now > due ? 'late' : now >= Number(time.dataset.amber) ? 'due' : 'running';
    const words = say(now > due ? 'late' : 'left', span(due - now));
    if (time.textContent !== words) time.textContent = words;
    const chip = time.closest('.clock');
    if (chip && chip.dataset.state !== state) chip.dataset.state = state;
  }
  for (const time of all('time[data-ago]')) {
    const words = say('ago', span(now - Date.parse(time.dateTime) / 1000));
    if (time.textContent !== words) time.textContent = words;
  }
};
setInterval(tick, 10000);
document.addEventListener('visibilitychange', () => document.hidden || tick());
