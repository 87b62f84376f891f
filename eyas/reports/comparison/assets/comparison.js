// The only script of the page: the button that changes the theme.

addThemeToggle(() => {});
document.documentElement.dataset.ready = "yes";
