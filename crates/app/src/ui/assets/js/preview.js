
// The page beside a form follows what is typed; without script it follows what was saved.
const paper = one('[data-preview]');
const filled = paper && document.getElementById(paper.dataset.previewOf);
if (filled) {
  let waiting;
  let asked = 0;
  const renew = async () => {
    const mine = ++asked;
    const body = new URLSearchParams(new FormData(filled));
    const answer = await fetch('/api/v1' + paper.dataset.preview, { method: 'POST', body }).catch(() => null);
    // A wrong field keeps the last page; its sentence comes when the form is sent.
    if (!answer || !answer.ok || mine !== asked) return;
    const { result } = await answer.json();
    if (mine === asked) paper.innerHTML = result.html;
  };
  filled.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(renew, 600); });
}
