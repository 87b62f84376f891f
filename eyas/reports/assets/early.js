// Runs before anything is drawn: the chosen theme, and a place where errors are seen.
"use strict";

const THEME_KEY = "eyas-theme";

/** Storage is forbidden in some frames and private windows; the page then follows the system. */
const savedTheme = () => {
  try {
    return localStorage.getItem(THEME_KEY);
  } catch {
    return null;
  }
};

const showFailure = (message) => {
  document.documentElement.dataset.error = message;
  const place = document.getElementById("failure");
  if (!place) return;
  place.hidden = false;
  place.textContent =
    `The charts and the list could not be drawn (${message}). The figures and settings here are complete.`;
};

if (savedTheme()) document.documentElement.dataset.theme = savedTheme();
window.addEventListener("error", (event) => showFailure(event.message));
window.addEventListener("unhandledrejection", (event) => showFailure(String(event.reason)));
document.addEventListener("securitypolicyviolation", (event) => showFailure(`blocked: ${event.violatedDirective}`));
