// The overview: filters that hold together and stand in the address, and the squares.
(() => {
  "use strict";
  const FACETS = ["severity", "resource", "plan", "tactic"];
  const form = document.querySelector(".filters");
  const rows = [...document.querySelectorAll(".list tbody tr")];
  const squares = [...document.querySelectorAll(".matrix .chip")];
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const readout = document.getElementById("readout");
  const help = readout.textContent;

  const chosen = (facet) => boxes.filter((box) => box.name === facet && box.checked).map((box) => box.value);
  const fits = (row, facet, values) =>
    !values.length || values.some((value) => (facet === "tactic" ? row.dataset.tactic.split(" ") : [row.dataset[facet]]).includes(value));

  function apply() {
    const filters = FACETS.map((facet) => [facet, chosen(facet)]);
    const shown = new Set();
    for (const row of rows) {
      row.hidden = !filters.every(([facet, values]) => fits(row, facet, values));
      if (!row.hidden) shown.add(row.dataset.number);
    }
    const tactics = chosen("tactic");
    const columns = [...document.querySelectorAll(".matrix thead th[data-tactic]")].map((head) => head.dataset.tactic);
    for (const square of squares) {
      const column = columns[square.parentElement.cellIndex - 1];
      square.classList.toggle("off", !shown.has(square.dataset.number) || (tactics.length > 0 && !tactics.includes(column)));
    }
    for (const menu of form.querySelectorAll(".menu")) {
      const number = chosen(menu.dataset.facet).length;
      const count = menu.querySelector(".chosen");
      count.hidden = !number;
      count.textContent = number;
    }
    for (const button of document.querySelectorAll(".matrix button")) {
      button.classList.toggle("on", chosen(button.dataset.facet).includes(button.dataset.value));
    }
    document.querySelector("#shown").replaceChildren(Object.assign(document.createElement("b"), { textContent: shown.size }),
      shown.size === rows.length ? " runbooks" : ` of ${rows.length} runbooks`);
    document.getElementById("clear").hidden = shown.size === rows.length && !boxes.some((box) => box.checked);
    document.getElementById("none").hidden = shown.size > 0;
    roam(squares.find((square) => square.tabIndex === 0 && !square.classList.contains("off")) || on()[0]);
  }

  // Between values a comma stands as it is; one within a value is encoded, as everything else is.
  const encoded = (value) => new URLSearchParams({ value }).toString().slice("value=".length);
  const decoded = (text) => new URLSearchParams(`value=${text}`).get("value");

  function write() {
    const filters = FACETS.map((facet) => [facet, chosen(facet).map(encoded).join(",")]);
    const hash = filters.filter(([, values]) => values).map(([facet, values]) => `${facet}=${values}`).join("&");
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  function read() {
    const filters = new Map(location.hash.slice(1).split("&").map((filter) => {
      const [facet, values = ""] = filter.split("=");
      return [facet, values.split(",").map(decoded)];
    }));
    for (const box of boxes) box.checked = (filters.get(box.name) || []).includes(box.value);
    apply();
  }

  form.addEventListener("change", () => { apply(); write(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    // The browser would clear the boxes only after this.
    event.preventDefault();
    boxes.forEach((box) => { box.checked = false; });
    apply();
    write();
  });
  window.addEventListener("hashchange", read);
  document.querySelector(".matrix").addEventListener("click", (event) => {
    const button = event.target.closest("button[data-facet]");
    const box = button && boxes.find((box) => box.name === button.dataset.facet && box.value === button.dataset.value);
    if (box) { box.checked = !box.checked; apply(); write(); }
  });

  // Menus close when somebody goes elsewhere.
  const menus = [...form.querySelectorAll(".menu")];
  document.addEventListener("click", (event) => menus.forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));
  form.addEventListener("keydown", (event) => {
    const menu = event.target.closest(".menu[open]");
    if (menu && event.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); }
  });
  menus.forEach((menu) => menu.addEventListener("toggle", () => { if (menu.open) menus.forEach((other) => { other.open = other === menu; }); }));

  // --- the squares: one stop for Tab, arrows within --------------------------------------------

  const on = () => squares.filter((square) => !square.classList.contains("off"));
  function roam(square) {
    for (const other of squares) other.tabIndex = other === square ? 0 : -1;
  }
  function tell(square) {
    const row = square && rows[square.dataset.number];
    readout.replaceChildren();
    if (!row) { readout.textContent = help; return; }
    const name = Object.assign(document.createElement("b"), { textContent: row.querySelector(".type").textContent });
    const level = row.querySelector(".badge").cloneNode(true);
    readout.append(level, " ", name, " ", row.querySelector(".lead").textContent);
  }
  /** The nearest square in a direction. */
  function neighbour(square, dx, dy) {
    const middle = (box) => [box.left + box.width / 2, box.top + box.height / 2];
    const [x, y] = middle(square.getBoundingClientRect());
    let best = null;
    for (const other of on()) {
      const [ox, oy] = middle(other.getBoundingClientRect());
      const ahead = (ox - x) * dx + (oy - y) * dy;
      const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
      if (other === square || ahead < 4) continue;
      const distance = ahead + aside * 3;
      if (!best || distance < best.distance) best = { other, distance };
    }
    return best?.other;
  }
  const matrix = document.querySelector(".matrix");
  matrix.addEventListener("keydown", (event) => {
    const square = event.target.closest(".chip");
    const moves = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    if (!square) return;
    let next = null;
    if (event.key in moves) next = neighbour(square, ...moves[event.key]);
    else if (event.key === "Home") next = on()[0];
    else if (event.key === "End") next = on().at(-1);
    else if (event.key === "Escape") { square.blur(); return; }
    else return;
    event.preventDefault();
    if (next) { roam(next); next.focus(); }
  });
  matrix.addEventListener("focusin", (event) => { const square = event.target.closest(".chip"); if (square) { roam(square); tell(square); } });
  matrix.addEventListener("focusout", () => tell(null));
  matrix.addEventListener("mouseover", (event) => { const square = event.target.closest(".chip"); if (square) tell(square); });
  matrix.addEventListener("mouseleave", () => tell(document.activeElement.closest?.(".matrix .chip")));

  read();
})();
