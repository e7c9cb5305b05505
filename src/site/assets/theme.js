// Light or dark: as the system has it, until somebody chooses. Loaded before the page shows.
(() => {
  "use strict";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => { try { return localStorage.getItem("runbook-theme"); } catch { return null; } };
  const show = (theme) => {
    root.dataset.theme = theme;
    document.getElementById("theme")?.setAttribute("aria-pressed", String(theme === "dark"));
  };
  const current = () => remembered() || (system.matches ? "dark" : "light");
  show(current());
  system.addEventListener("change", () => show(current()));
  document.addEventListener("DOMContentLoaded", () => {
    show(current());
    document.getElementById("theme").addEventListener("click", () => {
      const theme = root.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("runbook-theme", theme); } catch { /* then it holds for this page */ }
      show(theme);
    });
  });
})();
