// The search: names and facts at once, the text of all runbooks as soon as it is loaded.
(() => {
  "use strict";
  const site = (window.runbookSite ||= {});
  const MOST = 30;
  const input = document.getElementById("search");
  const list = document.getElementById("results");
  const found = document.getElementById("found");

  /** Loads a script of the site once: pages on a file share may fetch nothing. */
  const loading = new Map();
  site.load = (path) => {
    if (!loading.has(path)) {
      loading.set(path, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = path;
        script.onload = resolve;
        script.onerror = () => { loading.delete(path); reject(new Error(`${path} could not be loaded`)); };
        document.head.append(script);
      }));
    }
    return loading.get(path);
  };

  /** A name without what people leave out: `BitcoinTool.B!DNS` → `bitcointoolbdns`. */
  const squashed = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const runbooks = site.facts.map(([slug, type, level, resource, plan, tactics, techniques, lead], number) => ({
    number, slug, type, level, lead,
    name: squashed(type),
    facts: [type, level, resource, plan, ...tactics, ...techniques].join("\n").toLowerCase(),
    leadLower: lead.toLowerCase(),
  }));

  /** For each term: how well each runbook fits, and where in its text. */
  function scores(term) {
    const fits = new Map();
    const name = squashed(term);
    for (const runbook of runbooks) {
      let score = 0;
      if (name && runbook.name.includes(name)) score += 40 + (runbook.name.endsWith(name) ? 5 : 0);
      if (runbook.facts.includes(term)) score += 20;
      if (runbook.leadLower.includes(term)) score += 8;
      if (score) fits.set(runbook.number, { score, place: null });
    }
    const { texts = [] } = site.passages || {};
    for (const passage of texts) {
      const lower = (passage[2] ??= passage[0].toLowerCase());
      const at = lower.indexOf(term);
      if (at < 0) continue;
      const places = passage[1];
      for (let i = 0; i < places.length; i += 2) {
        const fit = fits.get(places[i]);
        const place = { text: passage[0], at, heading: places[i + 1] };
        if (!fit) fits.set(places[i], { score: 3, place });
        else if (!fit.place) { fit.place = place; fit.score += 1; }
      }
    }
    return fits;
  }

  site.search = (query) => {
    const terms = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!terms.length) return [];
    const perTerm = terms.map(scores);
    const whole = squashed(query);
    const phrase = terms.length > 1 ? scores(terms.join(" ")) : new Map();
    const results = [];
    for (const runbook of runbooks) {
      const fits = perTerm.map((fits) => fits.get(runbook.number));
      if (fits.some((fit) => !fit)) continue;
      let score = fits.reduce((sum, fit) => sum + fit.score, 0);
      if (whole && runbook.name.includes(whole)) score += 50;
      const together = phrase.get(runbook.number);
      if (together) score += 10;
      const inText = together?.place ? together : fits.find((fit) => fit.place && fit.score < 8);
      results.push({ runbook, score, place: inText?.place || null });
    }
    return results.sort((a, b) => b.score - a.score || a.runbook.number - b.runbook.number);
  };

  // --- the list below the field --------------------------------------------------------------

  let options = [];
  let active = -1;

  function marked(element, text, terms) {
    const lower = text.toLowerCase();
    let at = 0;
    while (at < text.length) {
      const hits = terms.map((term) => [lower.indexOf(term, at), term.length]).filter(([hit]) => hit >= 0);
      if (!hits.length) break;
      const [hit, length] = hits.reduce((first, other) => (other[0] < first[0] ? other : first));
      const mark = document.createElement("mark");
      mark.textContent = text.slice(hit, hit + length);
      element.append(text.slice(at, hit), mark);
      at = hit + length;
    }
    element.append(text.slice(at));
  }

  function option({ runbook, place }, number, terms) {
    const item = document.createElement("li");
    // No heading of a runbook has a `_` in its id.
    item.id = `result_${number}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const level = document.createElement("span");
    level.className = `badge ${runbook.level.toLowerCase()}`;
    level.textContent = runbook.level;
    const name = document.createElement("span");
    name.className = "type";
    marked(name, runbook.type, terms);
    const text = document.createElement("span");
    text.className = "snippet";
    let address = `${runbook.slug}.html`;
    if (place) {
      const heading = site.passages.headings[place.heading];
      if (heading) {
        address += `#${encodeURIComponent(heading[0])}`;
        text.append(`${heading[1]}: `);
      }
      const from = Math.max(0, place.at - 50);
      marked(text, (from ? "…" : "") + place.text.slice(from, place.at + 110), terms);
    } else {
      marked(text, runbook.lead.slice(0, 160), terms);
    }
    item.append(level, name, text);
    item.dataset.address = address;
    return item;
  }

  function select(number) {
    options[active]?.setAttribute("aria-selected", "false");
    active = options.length ? (number + options.length) % options.length : -1;
    const item = options[active];
    item?.setAttribute("aria-selected", "true");
    item?.scrollIntoView({ block: "nearest" });
    if (item) input.setAttribute("aria-activedescendant", item.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  }

  function show() {
    const query = input.value;
    const terms = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!terms.length) { found.textContent = ""; options = []; return close(); }
    const results = site.search(query);
    options = results.slice(0, MOST).map((result, number) => option(result, number, terms));
    list.replaceChildren(...options);
    const more = results.length > MOST ? `, the best ${MOST} are shown` : "";
    found.textContent = results.length ? `${results.length} runbooks found${more}` : "No runbook found";
    if (!results.length) {
      const none = document.createElement("li");
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      none.className = "none";
      none.textContent = site.passages ? "No runbook found" : "Reading the runbooks …";
      list.append(none);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    select(0);
  }

  function open(item, inNewTab) {
    if (!item) return;
    if (inNewTab) { window.open(item.dataset.address, "_blank", "noopener"); return; }
    close();
    location.href = item.dataset.address;
  }

  const loadText = () => site.load("assets/passages.js").then(() => { if (!list.hidden || input.value) show(); });
  input.addEventListener("focus", () => { if (site.passages) { if (input.value) show(); } else loadText().catch(() => {}); });
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      event.preventDefault();
      if (list.hidden) show(); else select(active + moves[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(options[active], event.ctrlKey || event.metaKey);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (list.hidden) input.blur(); else close();
    }
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => open(event.target.closest("[data-address]"), event.ctrlKey || event.metaKey));
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });

  /** A search that the address holds: `index.html#q=bitcoin`. */
  const asked = new URLSearchParams(location.hash.slice(1)).get("q");
  if (asked) { input.value = asked; input.focus(); show(); }
})();
