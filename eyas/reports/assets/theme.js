// The theme of a page: light or dark, as the system has it or as it was chosen.

const root = document.documentElement;
const part = (id) => document.getElementById(id);

function isDark() {
  const { theme } = root.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function setTheme(theme) {
  root.dataset.theme = theme;
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    // Not remembered, where storage is forbidden.
  }
}

function addThemeToggle(repaint) {
  const button = part("theme");
  const label = () => (button.textContent = isDark() ? "Light" : "Dark");
  const change = () => (label(), repaint());
  button.addEventListener("click", () => (setTheme(isDark() ? "light" : "dark"), change()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", change);
  label();
}
