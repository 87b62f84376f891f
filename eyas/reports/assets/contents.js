// The row of links to the sections, which says where one is, and the buttons that copy a hash.

function markPlaceInContents() {
  const links = new Map([...part("contents").querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const sections = [...links.keys()].map(part).filter(Boolean);
  let current;
  const mark = () => {
    const line = part("contents").offsetHeight + 60;
    const passed = sections.filter((section) => section.getBoundingClientRect().top <= line);
    const atEnd = scrollY > 0 && innerHeight + scrollY >= root.scrollHeight - 2;
    const here = links.get((atEnd ? sections.at(-1) : passed.at(-1))?.id);
    if (here === current) return;
    current?.removeAttribute("aria-current");
    here?.setAttribute("aria-current", "true");
    // Only the row itself is scrolled, never the page.
    if (here) here.closest("ul").scrollLeft = here.offsetLeft - 40;
    current = here;
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => ((waiting = false), mark()));
  }, { passive: true });
  mark();
}

/** Select a text, so that a person can copy it where the page may not. */
function selectText(place) {
  const range = document.createRange();
  range.selectNodeContents(place);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

async function copyHash(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
  } catch {
    selectText(button.previousElementSibling);
    button.textContent = "Selected";
  }
}

function addCopyButtons() {
  for (const button of document.querySelectorAll(".copy")) button.addEventListener("click", () => copyHash(button));
}
