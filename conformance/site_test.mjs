// Uses the web site of runbooks in Chromium; `site.py` makes the site and sets the environment.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

const { SITE, SERVED, PACKAGES, CHROMIUM, PICTURES, PLAN } = process.env;
const RUNBOOKS = Number(process.env.RUNBOOKS);
const packages = createRequire(`${PACKAGES}/`);
const { chromium } = packages("playwright-core");
const axe = readFileSync(packages.resolve("axe-core/axe.min.js"), "utf8");

const EDITED = "cryptocurrency-ec2-bitcointool-b-dns.html";
const FINDING = {
  schemaVersion: "2.0", accountId: "123456789012", region: "eu-west-1", partition: "aws",
  id: "0123456789abcdef0123456789abcdef",
  arn: "arn:aws:guardduty:eu-west-1:123456789012:detector/0123456789abcdef0123456789abcdef/finding/0123456789abcdef0123456789abcdef",
  type: "CryptoCurrency:EC2/BitcoinTool.B!DNS", severity: 8, title: "<img src=x onerror='window.owned=6'>",
  resource: { resourceType: "Instance", instanceDetails: { instanceId: "i-0123456789abcdef0", imageId: "ami-0123456789abcdef0" } },
  service: { count: 3, action: { actionType: "DNS_REQUEST", dnsRequestAction: { domain: "pool.example'; rm -rf /" } } },
};

let browser;
before(async () => { browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] }); });
after(() => browser?.close());

/** Opens a page, and fails the test for whatever the console or the network says against it. */
async function visit(t, path, { base = SITE, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const faults = [];
  const page = await context.newPage();
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`); });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith("data:")) faults.push(`request to ${url}`);
  });
  context.on("requestfailed", (request) => faults.push(`failed: ${request.url()}`));
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, []);
  });
  await page.goto(base + path);
  return page;
}

const results = (page) => page.locator("#results [role=option]");
const shownRows = (page) => page.locator(".list tbody tr:visible");

async function search(page, query) {
  await page.keyboard.press("/");
  await page.locator("#search").fill(query);
  await results(page).first().waitFor();
}

test("the search finds names, parts of names, ids, and fields of logs", async (t) => {
  const page = await visit(t, "index.html");
  for (const [query, expected] of [
    ["BitcoinTool.B!DNS", "CryptoCurrency:EC2/BitcoinTool.B!DNS"],
    ["bitcointool.b!dns ec2", "CryptoCurrency:EC2/BitcoinTool.B!DNS"],
    ["cryptocurrency-ec2-bitcointool-b-dns", "CryptoCurrency:EC2/BitcoinTool.B!DNS"],
    ["bitcoin", "BitcoinTool"],
    ["wallet node", "CryptoCurrency:EC2/BitcoinTool.B!DNS"],
  ]) {
    await search(page, query);
    await page.waitForFunction(() => window.runbookSite.passages);
    await page.waitForFunction((text) => document.querySelector("#results [role=option]")?.textContent.includes(text), expected);
  }
  await search(page, "T1496");
  const mining = await page.evaluate(() => window.runbookSite.search("T1496").map((result) => result.runbook.type));
  assert.ok(mining.length > 3 && mining.some((type) => type.includes("BitcoinTool")), mining.join());
  for (const field of ["dnsRequestAction.domain", "errorcode", "sourceIPAddress"]) {
    const found = await page.evaluate((query) => window.runbookSite.search(query).map((one) => one.place && one.place.text), field);
    assert.ok(found.length > 0, `${field} is found nowhere`);
    assert.ok(found.some((text) => text?.toLowerCase().includes(field.toLowerCase())), field);
  }
  await search(page, "qqxzw");
  assert.match(await results(page).first().textContent(), /No runbook found/);
});

test("a hit in the text leads to its section", async (t) => {
  const page = await visit(t, "index.html");
  await search(page, "wallet node");
  await page.waitForFunction(() => document.querySelector("#results [role=option]")?.textContent.includes("Our notes"));
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/${EDITED}#our-notes`);
});

test("the first search is quick", async (t) => {
  const page = await visit(t, "index.html");
  const begin = Date.now();
  await page.keyboard.press("/");
  await page.keyboard.type("bitcoin");
  await results(page).first().waitFor();
  const names = Date.now() - begin;
  await page.waitForFunction(() => window.runbookSite.passages);
  const text = Date.now() - begin;
  const [each] = await page.evaluate(() => {
    const from = performance.now();
    for (let i = 0; i < 20; i++) window.runbookSite.search("service.action");
    return [(performance.now() - from) / 20];
  });
  console.log(`first results ${names} ms after /, the whole text after ${text} ms, each search ${each.toFixed(1)} ms`);
  assert.ok(names < 5000 && each < 500);
});

test("filters hold together and stand in the address", async (t) => {
  const page = await visit(t, "index.html");
  assert.equal(await shownRows(page).count(), RUNBOOKS);
  await page.locator(".level.high").click();
  const high = await shownRows(page).count();
  await page.locator("[data-facet=resource] > summary").click();
  await page.locator("input[name=resource][value=EC2]").check();
  const highOfEc2 = await shownRows(page).count();
  await page.locator("[data-facet=tactic] > summary").click();
  await page.locator("input[name=tactic][value=TA0011]").check();
  const all = await shownRows(page).count();
  assert.ok(RUNBOOKS > high && high > highOfEc2 && highOfEc2 > all && all > 0, `${high} ${highOfEc2} ${all}`);
  assert.match(page.url(), /#severity=high&resource=EC2&tactic=TA0011$/);
  assert.match(await page.locator("#shown").textContent(), new RegExp(`^${all} of ${RUNBOOKS} runbooks$`));
  assert.equal(await page.locator(".matrix .chip:not(.off)").count(), all);
  await page.locator(".level.critical").click();
  assert.ok(await shownRows(page).count() >= all);
  await page.locator("#clear").click();
  assert.equal(await shownRows(page).count(), RUNBOOKS);
  assert.ok(!page.url().includes("#"));
});

test("a plan's filter leaves what needs that plan, and a combination can be empty", async (t) => {
  const page = await visit(t, "index.html#plan=Runtime+Monitoring");
  const plans = new Set(await shownRows(page).locator("td:nth-child(4)").allTextContents());
  assert.deepEqual([...plans], ["Runtime Monitoring"]);
  await page.evaluate(() => { location.hash = "plan=Runtime+Monitoring&resource=S3"; });
  await page.locator("#none").waitFor();
});

test("a plan with a comma in its name stands in the address, beside another one", async (t) => {
  const page = await visit(t, "index.html");
  await page.locator("[data-facet=plan] > summary").click();
  await page.locator(`input[name=plan][value="${PLAN}"]`).check();
  await page.locator("input[name=plan][value='Runtime Monitoring']").check();
  const number = await shownRows(page).count();
  assert.match(page.url(), /#plan=[^,]+,[^,]+$/);
  await page.reload();
  assert.equal(await shownRows(page).count(), number);
  assert.ok((await shownRows(page).locator("td:nth-child(4)").allTextContents()).includes(PLAN));
});

test("an address with filters or a search shows them", async (t) => {
  const page = await visit(t, "index.html#severity=critical");
  const levels = new Set(await shownRows(page).locator(".badge").allTextContents());
  assert.deepEqual([...levels], ["Critical"]);
  const searching = await visit(t, "index.html#q=T1496");
  await results(searching).first().waitFor();
});

test("every square and row leads to its page", async (t) => {
  const page = await visit(t, "index.html");
  const rows = await page.locator(".list a.type").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  const squares = await page.locator(".matrix .chip").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.equal(rows.length, RUNBOOKS);
  assert.deepEqual(new Set(squares), new Set(rows));
  for (const address of [...rows].filter((_, number) => number % 40 === 0)) {
    await page.goto(SITE + address);
    assert.ok(await page.locator("article h2").count() > 5, address);
  }
});

test("the keyboard alone is enough", async (t) => {
  const page = await visit(t, "index.html");
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.type("bitcoin");
  await results(page).first().waitFor();
  const first = await page.locator("#results [aria-selected=true]").textContent();
  await page.keyboard.press("ArrowDown");
  assert.notEqual(await page.locator("#results [aria-selected=true]").textContent(), first);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#results").isHidden());
  await page.keyboard.press("Escape");
  // The squares are one stop for Tab.
  let stops = 0;
  do {
    await page.keyboard.press("Tab");
    stops += 1;
  } while (stops < 30 && !await page.evaluate(() => document.activeElement.matches(".matrix .chip")));
  assert.ok(stops < 30, "Tab does not reach the squares");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, "none");
  const from = await page.evaluate(() => document.activeElement.href);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  const to = await page.evaluate(() => document.activeElement.href);
  assert.notEqual(to, from);
  assert.match(await page.locator("#readout").textContent(), /:/);
  await page.keyboard.press("Enter");
  await page.waitForURL(to);
  // Sections, the dialog, and back.
  await page.locator(".contents a").nth(3).focus();
  await page.keyboard.press("Enter");
  assert.ok(page.url().includes("#"));
  await page.locator("#open-fill").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "finding");
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("dialog").isHidden());
});

test("a block of code is copied", async (t) => {
  const page = await visit(t, EDITED, { permissions: ["clipboard-read", "clipboard-write"] });
  const block = page.locator(".code", { hasText: "describe-tags" });
  await block.locator(".copy").click();
  await block.getByText("Copied, 2 open").waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(text, "aws ec2 describe-tags --filters Name=resource-id,Values=<INSTANCE_ID> --region \"<REGION>\"");
});

async function fill(page, text) {
  await page.locator("#open-fill").click();
  await page.locator("#finding").fill(text);
  await page.locator("#fill-go").click();
}

for (const [name, base] of [["a file share", SITE], ["a server", SERVED]]) {
  test(`a pasted finding fills the commands, from ${name}`, async (t) => {
    const page = await visit(t, EDITED, { base });
    const before = await page.locator("article").innerHTML();
    await fill(page, JSON.stringify({ detail: FINDING }));
    await page.locator("#filled").waitFor();
    const text = await page.locator("article").innerText();
    assert.ok(text.includes("describe-tags --filters Name=resource-id,Values='i-0123456789abcdef0' --region \"eu-west-1\""), text);
    assert.ok(await page.locator("article mark.value", { hasText: "i-0123456789abcdef0" }).count() > 3);
    for (const block of await page.locator("article .code code").allTextContents()) {
      if (/\baws |kubectl |SELECT/.test(block)) assert.ok(!block.includes("rm -rf"), block);
    }
    assert.equal(await page.evaluate(() => window.owned), undefined);
    assert.ok(await page.locator("article .copy").count() > 3);
    await page.getByRole("button", { name: "Remove the values" }).click();
    assert.equal(await page.locator("article mark.value").count(), 0);
    assert.equal(await page.locator("article").innerHTML(), before);
  });
}

test("a finding of another type goes to its runbook, and is forgotten then", async (t) => {
  const page = await visit(t, EDITED);
  await fill(page, JSON.stringify({ ...FINDING, type: "Recon:EC2/Portscan" }));
  await page.getByRole("button", { name: "Open its runbook, filled" }).click();
  await page.waitForURL("**/recon-ec2-portscan.html");
  await page.locator("#filled").waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  const overview = await visit(t, "index.html");
  await fill(overview, JSON.stringify(FINDING));
  await overview.waitForURL(`**/${EDITED}`);
  await overview.locator("#filled").waitFor();
});

test("what is no finding is told, with what to do", async (t) => {
  const page = await visit(t, EDITED);
  for (const [text, said] of [["", /Paste a finding/], ["hello", /no JSON/], ["{\"a\": 1}", /no finding/],
    [JSON.stringify(FINDING).slice(0, 300), /cut off|ends/], [JSON.stringify({ ...FINDING, type: "Novel:EC2/Thing" }), /no runbook/],
    ["[".repeat(100000), /./]]) {
    await fill(page, text);
    await page.locator("#fill-problem:visible").filter({ hasText: said }).waitFor();
    await page.keyboard.press("Escape");
  }
  await fill(page, JSON.stringify(FINDING));
  await page.locator("#filled").waitFor();
});

test("what a team or a page wrote stays text", async (t) => {
  const page = await visit(t, EDITED);
  assert.equal(await page.evaluate(() => window.owned), undefined);
  assert.equal(await page.locator("article script, article [onerror], article iframe, article img:not(.flow img)").count(), 0);
  assert.deepEqual(await page.locator("article a").evaluateAll((links) =>
    links.filter((link) => !/^(https?|mailto|file):$/.test(link.protocol)).map((link) => link.href)), []);
  assert.ok((await page.locator("article").innerText()).includes("<script>window.owned = 1</script>"));
});

test("diagrams are pictures that came with the page", async (t) => {
  const page = await visit(t, "attacksequence-iam-compromisedcredentials.html");
  const drawn = page.locator(".flow img");
  assert.equal(await drawn.count(), 1);
  assert.ok(await drawn.evaluate((image) => image.complete && image.naturalWidth > 300));
});

test("in print there is the runbook and nothing else", async (t) => {
  const page = await visit(t, EDITED, { colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  for (const hidden of [".bar", ".contents", ".copy >> nth=0"]) assert.ok(await page.locator(hidden).isHidden(), hidden);
  assert.ok(await page.locator("article h2").first().isVisible());
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(paper, "rgb(255, 255, 255)");
  const pdf = await page.pdf();
  assert.ok(pdf.length > 20000);
});

test("light and dark: as the system has it, and as somebody chooses", async (t) => {
  const page = await visit(t, "index.html", { colorScheme: "dark" });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  assert.equal(await theme(), "dark");
  await page.locator("#theme").click();
  assert.equal(await theme(), "light");
  await page.goto(SITE + EDITED);
  assert.equal(await theme(), "light");
});

for (const colorScheme of ["light", "dark"]) {
  for (const path of ["index.html#severity=high", EDITED, "attacksequence-iam-compromisedcredentials.html"]) {
    test(`axe finds nothing serious: ${path}, ${colorScheme}`, async (t) => {
      // axe brings itself into the page, which the page's policy forbids to scripts.
      const page = await visit(t, path, { colorScheme, bypassCSP: true });
      if (path === EDITED) {
        await fill(page, JSON.stringify(FINDING));
        await page.locator("#filled").waitFor();
      } else {
        await search(page, "bitcoin");
      }
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run({ preload: false }));
      const told = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
      assert.deepEqual(told.filter((line) => /^(serious|critical)/.test(line)), []);
      if (told.length) console.log(told.join("\n"));
    });
  }
}

test("nothing hangs over on a telephone", async (t) => {
  for (const path of ["index.html", EDITED, "attacksequence-iam-compromisedcredentials.html"]) {
    const page = await visit(t, path, { viewport: { width: 390, height: 844 } });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${path} is ${over} pixels too wide`);
  }
});

test("pictures for people", { skip: !PICTURES }, async (t) => {
  const picture = async (name, path, options, act) => {
    const page = await visit(t, path, options);
    await act?.(page);
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${PICTURES}/${name}.png` });
  };
  const telephone = { viewport: { width: 390, height: 844 } };
  await picture("overview", "index.html", {});
  await picture("overview-dark", "index.html#severity=critical,high", { colorScheme: "dark" });
  await picture("runbook", EDITED, {});
  await picture("filled", EDITED, { viewport: { width: 1400, height: 1500 } }, async (page) => {
    await fill(page, JSON.stringify(FINDING));
    await page.locator("#filled").waitFor();
  });
  await picture("search", "index.html", {}, (page) => search(page, "errorcode"));
  await picture("flow", "attacksequence-iam-compromisedcredentials.html#triage", { colorScheme: "dark" });
  await picture("overview-telephone", "index.html", telephone);
  await picture("runbook-telephone", EDITED, telephone);
});
