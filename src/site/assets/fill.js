// A finding that somebody pastes: our own crate, as WebAssembly, reads it and fills the runbook's
// commands. Nothing here decides what may stand in a command.
(() => {
  "use strict";
  const site = (window.runbookSite ||= {});
  const HANDED_OVER = "runbook-finding";
  const dialog = document.getElementById("fill");
  const field = document.getElementById("finding");
  const problem = document.getElementById("fill-problem");
  const opener = document.getElementById("open-fill");
  const main = document.getElementById("content");
  const article = document.getElementById("article");
  const banner = document.getElementById("filled");

  // --- the compiled crate -----------------------------------------------------------------------

  let compiled;
  async function code() {
    await site.load("assets/fill-data.js");
    const text = atob(site.filling.wasm);
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    return (await WebAssembly.instantiate(bytes, {})).instance.exports;
  }

  async function ask(finding, runbook) {
    const { room, answer, answer_length, memory } = await (compiled ??= code());
    const question = new TextEncoder().encode(JSON.stringify({ finding, runbook, guidance: site.filling.guidance }));
    const place = room(question.length) >>> 0;
    new Uint8Array(memory.buffer, place, question.length).set(question);
    const from = answer() >>> 0;
    return JSON.parse(new TextDecoder().decode(new Uint8Array(memory.buffer, from, answer_length())));
  }

  // --- the dialog -------------------------------------------------------------------------------

  function complain(message, hint) {
    problem.textContent = hint ? `${message}. To do: ${hint}.` : message;
    problem.hidden = false;
    field.focus();
  }

  async function fill(finding) {
    problem.hidden = true;
    if (!finding.trim()) return complain("Paste a finding first");
    try {
      if (main.dataset.slug) await site.load(`markdown/${main.dataset.slug}.js`);
      const { finding: filling, problem: fault } = await ask(finding, site.runbook);
      if (fault) return complain(fault.message, fault.hint);
      if (filling.slug !== main.dataset.slug) return elsewhere(filling, finding);
      dialog.close();
      show(filling);
    } catch (error) {
      compiled = undefined;
      complain(`The finding could not be filled in: ${error.message}`);
    }
  }

  /** The finding belongs to another runbook: its page fills it, and then forgets it. */
  function elsewhere(filling, finding) {
    if (!site.facts.some(([slug]) => slug === filling.slug)) {
      return complain(`The finding is of type ${filling.finding_type}, for which this site has no runbook`);
    }
    const address = `${filling.slug}.html`;
    if (main.dataset.slug) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: "Open its runbook, filled" });
      button.addEventListener("click", () => handOver(finding, address));
      problem.replaceChildren(`The finding is of type ${filling.finding_type}, not of this runbook's. `, button);
      problem.hidden = false;
      button.focus();
      return;
    }
    handOver(finding, address);
  }

  function handOver(finding, address) {
    try {
      sessionStorage.setItem(HANDED_OVER, finding);
      location.href = address;
    } catch {
      complain(`This browser does not hand it over: open ${address} and paste it there`);
    }
  }

  // --- the filled runbook -----------------------------------------------------------------------

  const original = article?.innerHTML;

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  function show(filling) {
    const before = element("div", { innerHTML: original });
    article.innerHTML = filling.html;
    const drawn = before.querySelectorAll("figure.flow");
    article.querySelectorAll("figure.flow").forEach((mark, number) => drawn[number] && mark.replaceWith(drawn[number].cloneNode(true)));
    // The finding's own part stands on top: the runbook's code is paired from the end.
    const [codes, filled] = [before, article].map((part) => [...part.querySelectorAll("code")].reverse());
    codes.forEach((code, number) => filled[number] && highlight(filled[number], code, filling.values));
    site.prepare(article);
    tell(filling);
  }

  /** Marks what took the place of placeholders: for the eye only, the text stays as it is. */
  function highlight(code, original, values) {
    if (code.textContent === original.textContent) return;
    const pieces = [];
    let rest = code.textContent;
    const nodes = [...original.childNodes];
    for (const [number, node] of nodes.entries()) {
      if (node.nodeName !== "MARK") {
        if (!rest.startsWith(node.textContent)) return;
        pieces.push(node.textContent);
        rest = rest.slice(node.textContent.length);
        continue;
      }
      const next = nodes[number + 1]?.nodeName === "MARK" ? null : nodes[number + 1]?.textContent;
      const end = next === undefined ? rest.length : next === null ? -1 : rest.indexOf(next);
      if (end < 0) return;
      const text = rest.slice(0, end);
      const value = values[node.textContent.slice(1, -1).toLowerCase()];
      const stays = text.includes(node.textContent);
      const mark = element("mark", { className: stays ? "" : "value" }, text);
      if (!stays) mark.title = `${node.textContent}${value && !value.is_exact ? ": not in AWS's own format, as in sample findings" : ""}`;
      if (!stays && value && !value.is_exact) mark.classList.add("inexact");
      pieces.push(mark);
      rest = rest.slice(end);
    }
    if (!rest) code.replaceChildren(...pieces);
  }

  function tell(filling) {
    const parts = [element("p", {},
      element("b", {}, filling.is_sample ? "A sample finding fills this runbook: " : "A finding fills this runbook: "),
      `${Object.keys(filling.values).length} values stand in its steps, ${filling.open} stay open. Nothing left this browser.`)];
    if (filling.others) parts.push(element("p", {}, `The text holds ${filling.others} more findings: the first one was taken.`));
    const again = element("button", { type: "button", className: "button" }, "Another finding");
    again.addEventListener("click", open_);
    const remove = element("button", { type: "button", className: "button" }, "Remove the values");
    remove.addEventListener("click", () => {
      article.innerHTML = original;
      banner.hidden = true;
      site.prepare(article);
      opener.focus();
    });
    parts.push(element("p", { className: "buttons" }, again, remove));
    banner.replaceChildren(...parts);
    banner.hidden = false;
    banner.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  // --- what leads there -------------------------------------------------------------------------

  function open_() {
    field.value = "";
    problem.hidden = true;
    dialog.showModal();
    field.focus();
    (compiled ??= code()).catch(() => { compiled = undefined; });
  }
  opener.hidden = false;
  opener.addEventListener("click", open_);
  document.getElementById("fill-go").addEventListener("click", () => fill(field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) fill(field.value);
  });
  const read = async (file) => { field.value = await file.text(); fill(field.value); };
  const picker = document.getElementById("fill-file");
  picker.addEventListener("change", () => { if (picker.files[0]) read(picker.files[0]); picker.value = ""; });
  dialog.addEventListener("dragover", (event) => event.preventDefault());
  dialog.addEventListener("drop", (event) => {
    if (event.dataTransfer.files[0]) { event.preventDefault(); read(event.dataTransfer.files[0]); }
  });

  let handed = null;
  try {
    handed = sessionStorage.getItem(HANDED_OVER);
    sessionStorage.removeItem(HANDED_OVER);
  } catch { /* then nothing was handed over */ }
  if (handed && main.dataset.slug) window.addEventListener("load", () => fill(handed));
})();
