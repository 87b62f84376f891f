// What a figure means: in a card while its name is pointed at or has the focus.

const CARD_GAP_PX = 6;

/** Names of figures carry `data-figure`, wherever and whenever they are made. */
function addDefinitions(card, definitions) {
  const defined = (event) => {
    const named = event.target.closest?.("[data-figure]");
    return named && definitions[named.dataset.figure] ? named : null;
  };
  const hide = () => (card.hidden = true);
  for (const event of ["pointerover", "focusin"]) {
    document.addEventListener(event, (one) => {
      const named = defined(one);
      if (named) showDefinition(card, named, definitions[named.dataset.figure]);
    });
  }
  for (const event of ["pointerout", "focusout"]) document.addEventListener(event, (one) => defined(one) && hide());
  addEventListener("keydown", ({ key }) => key === "Escape" && hide());
}

function showDefinition(card, named, lines) {
  const said = lines.map(([heading, text]) => element("p", {}, ...(heading ? [element("i", { textContent: heading }), text] : [text])));
  card.replaceChildren(element("b", { textContent: named.textContent }), ...said, element("p", {}, element("i", { textContent: "In a filter" }), named.dataset.figure));
  card.hidden = false;
  named.setAttribute("aria-describedby", card.id);
  const box = named.getBoundingClientRect();
  const left = Math.min(box.left, root.clientWidth - card.offsetWidth - 8);
  const below = box.bottom + CARD_GAP_PX;
  const fits = below + card.offsetHeight <= innerHeight || box.top < card.offsetHeight + CARD_GAP_PX;
  card.style.left = `${Math.max(8, left) + scrollX}px`;
  card.style.top = `${(fits ? below : box.top - card.offsetHeight - CARD_GAP_PX) + scrollY}px`;
}
