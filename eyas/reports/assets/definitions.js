// What a figure means: in a card while its name is pointed at or has the focus, and beside every number on request.

const CARD_GAP_PX = 6;

function showDefinition(card, term) {
  const text = term.closest("div").querySelector(".definition");
  if (!text) return;
  card.replaceChildren(element("b", { textContent: term.textContent }), ...[...text.children].map((line) => line.cloneNode(true)));
  card.hidden = false;
  term.setAttribute("aria-describedby", card.id);
  const box = term.getBoundingClientRect();
  const left = Math.min(box.left, document.documentElement.clientWidth - card.offsetWidth - 8);
  const below = box.bottom + CARD_GAP_PX;
  const fits = below + card.offsetHeight <= innerHeight || box.top < card.offsetHeight + CARD_GAP_PX;
  card.style.left = `${Math.max(8, left) + scrollX}px`;
  card.style.top = `${(fits ? below : box.top - card.offsetHeight - CARD_GAP_PX) + scrollY}px`;
}

function addDefinitions() {
  const card = part("definition-shown");
  const hide = () => (card.hidden = true);
  for (const term of document.querySelectorAll(".term")) {
    for (const event of ["pointerenter", "focus"]) term.addEventListener(event, () => showDefinition(card, term));
    for (const event of ["pointerleave", "blur"]) term.addEventListener(event, hide);
  }
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  const button = part("definitions");
  button?.addEventListener("click", () => {
    const shown = !("definitions" in root.dataset);
    if (shown) root.dataset.definitions = "";
    else delete root.dataset.definitions;
    button.ariaPressed = String(shown);
  });
}
