// Keeps a part of the page fresh until it says that it is final: by the stream of its changes where it has one,
// otherwise, and where the stream fails, by asking for it again for a quarter of an hour.

const FIRST_PAUSE = 800;
const LONGEST_PAUSE = 5000;
const GIVE_UP_AFTER = 15 * 60 * 1000;

const announcer = document.getElementById("announcer");
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
}

// Where the focus finds itself again: by its own id, a button by its form, a link by its address, all else by the fold
// around it.
function placeOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const form = element.closest("form[action]");
  if (form) return `form[action="${CSS.escape(form.getAttribute("action"))}"] button`;
  const link = element.closest("a[href]");
  if (link) return `a[href="${CSS.escape(link.getAttribute("href"))}"]`;
  const fold = element.closest("details[data-key]");
  return fold ? `details[data-key="${CSS.escape(fold.dataset.key)}"] > summary` : "#main";
}

// What somebody is writing stays, and the cursor where it was.
function keepWritten(old) {
  const field = document.getElementById(old.id);
  if (!field) return;
  field.value = old.value;
  field.setSelectionRange(old.selectionStart, old.selectionEnd);
}

function replace(part, html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const open = new Set([...part.querySelectorAll("details[open][data-key]")].map((details) => details.dataset.key));
  const focused = part.contains(document.activeElement) ? placeOf(document.activeElement) : "";
  const said = part.querySelector("[data-said]")?.dataset.said;
  const written = [...part.querySelectorAll("textarea[id]")];
  part.replaceChildren(box.content);
  for (const details of part.querySelectorAll("details[data-key]")) {
    if (open.has(details.dataset.key)) details.open = true;
  }
  written.forEach(keepWritten);
  if (focused) (part.querySelector(focused) ?? document.getElementById("main")).focus({ preventScroll: true });
  const now = part.querySelector("[data-said]")?.dataset.said;
  if (announcer && now !== said) announcer.textContent = now;
}

// What differs at every answer without any news: the words of relative times, and tokens of forms.
function essence(html) {
  return html.replace(/>[^<]*<\/time>/g, "></time>").replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, "");
}

async function keepFresh(part) {
  const until = Date.now() + GIVE_UP_AFTER;
  let pause = FIRST_PAUSE;
  let shown = "";
  while (!part.querySelector("[data-final]") && Date.now() < until) {
    await wait(pause);
    await visible();
    const response = await fetch(part.dataset.live).catch(() => null);
    if (response && (!response.ok || response.redirected)) return;
    const html = response ? await response.text() : "";
    const changed = html !== "" && essence(html) !== shown;
    if (changed) {
      replace(part, html);
      shown = essence(html);
    }
    pause = changed ? FIRST_PAUSE : Math.min(pause * 1.3, LONGEST_PAUSE);
  }
}

function follow(part) {
  if (part.querySelector("[data-final]")) return;
  const stream = new EventSource(part.dataset.stream);
  let shown = "";
  stream.addEventListener("part", (event) => {
    const html = JSON.parse(event.data);
    if (essence(html) === shown) return;
    shown = essence(html);
    replace(part, html);
  });
  stream.addEventListener("done", () => stream.close());
  stream.addEventListener("error", () => {
    // While it connects anew by itself there is nothing to do.
    if (stream.readyState === EventSource.CLOSED) keepFresh(part);
  });
  addEventListener("pagehide", () => stream.close());
}

for (const part of document.querySelectorAll("[data-live]")) {
  if (part.dataset.stream) follow(part);
  else keepFresh(part);
}
