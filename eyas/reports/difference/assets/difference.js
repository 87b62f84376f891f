// The page of a difference: its theme, and which causes the list of trades shows.

addThemeToggle(() => {});

const chosen = part("cause");
if (chosen) {
  chosen.addEventListener("change", () => {
    let shown = 0;
    for (const pair of part("pairs").tBodies) {
      pair.hidden = chosen.value !== "" && pair.dataset.cause !== chosen.value;
      shown += pair.hidden ? 0 : 1;
    }
    part("shown").textContent = `${shown.toLocaleString("en")} shown.`;
  });
}
