const { up = '', address = '', version = '' } = document.documentElement.dataset;

/** The slash goes to the search, unless somebody types one. */
function listenForSlash(): void {
  document.addEventListener('keydown', (event) => {
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || target.closest('input'))
      return;
    event.preventDefault();
    document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
  });
}

/** The list of pages is long: shows the part of it where the reader is. */
function showPlace(): void {
  const pages = document.querySelector<HTMLElement>('#pages');
  const current = pages?.querySelector<HTMLElement>('[aria-current]');
  if (pages && current) pages.scrollTop = current.offsetTop - pages.clientHeight / 2;
}

/** Gives commands a button that copies them. */
function offerCopies(): void {
  for (const block of document.querySelectorAll<HTMLElement>('pre.code')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(block.querySelector('code')?.textContent ?? '');
      button.textContent = 'Copied';
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2_000);
    });
    const frame = document.createElement('div');
    frame.className = 'block';
    block.replaceWith(frame);
    frame.append(block, button);
  }
}

/** Tells readers of an old version that there is a newer one, and leads to its first page. */
async function mentionNewerVersion(): Promise<void> {
  const notice = document.querySelector<HTMLElement>('.notice');
  const answer = await fetch(`${up}../versions.json`);
  const [newest]: readonly string[] = answer.ok ? await answer.json() : [];
  if (newest === undefined || newest === version || !notice) return;
  const link = document.createElement('a');
  link.href = `${up}../${newest}/index.html`;
  link.textContent = `Read about ${newest}`;
  notice.append(`This is about ${version}, which is not the newest version. `, link);
  notice.hidden = false;
}

listenForSlash();
showPlace();
if ('clipboard' in navigator) offerCopies();
if (address !== '' && location.protocol !== 'file:') await mentionNewerVersion();
