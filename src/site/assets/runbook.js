// A runbook's page: copy buttons, and where in the page somebody is.
(() => {
  "use strict";
  const site = (window.runbookSite ||= {});
  const said = document.getElementById("said");

  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Where the clipboard has no interface: the old way.
      const field = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      return done;
    }
  }

  /** Gives every block of code a button. The page without scripts has none that does nothing. */
  site.prepare = (article) => {
    for (const block of article.querySelectorAll(".code")) {
      const code = block.querySelector("code");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        const done = await copied(code.textContent.replace(/\n$/, ""));
        const open = new Set([...code.querySelectorAll("mark:not(.value)")].map((mark) => mark.textContent)).size;
        const text = !done ? "Copying failed" : open ? `Copied, ${open} open` : "Copied";
        button.textContent = text;
        said.textContent = open ? `Copied; ${open} values are still open` : text;
        setTimeout(() => { button.textContent = "Copy"; }, 2500);
      });
      block.querySelector(".code-bar").append(button);
    }
    watch(article);
  };

  // --- the section that is being read ----------------------------------------------------------

  const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  let observer;
  function watch(article) {
    observer?.disconnect();
    const headings = [...article.querySelectorAll("h2[id], h3[id]")];
    const mark = () => {
      const line = 120;
      let current = null;
      for (const heading of headings) {
        if (heading.getBoundingClientRect().top > line) break;
        if (links.has(heading.id)) current = heading.id;
      }
      for (const [id, link] of links) {
        if (id === current) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
      const nav = document.querySelector(".contents");
      const link = current && links.get(current);
      if (link && nav.scrollHeight > nav.clientHeight) {
        nav.scrollTop = link.offsetTop - nav.clientHeight / 2;
      }
    };
    observer = new IntersectionObserver(mark, { rootMargin: "-110px 0px -60% 0px" });
    headings.forEach((heading) => observer.observe(heading));
    mark();
  }

  site.prepare(document.getElementById("article"));
})();
