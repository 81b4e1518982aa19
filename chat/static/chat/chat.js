// The chat: send a form, draw the messages that stream back, and follow again when the connection is lost.
// Every event carries a message as it is now, so drawing it twice or missing one on the way does no harm.

import { readEvents } from "./event_stream.js";

const thread = document.getElementById("thread");
const say = document.getElementById("say");
const field = document.getElementById("text");
const stop = document.getElementById("stop");
const problem = document.getElementById("problem");
const announcer = document.getElementById("announcer");
const RETRIES = [300, 1000, 2000, 4000, 8000];
const LOST = { message: "The connection was lost.", hint: "Your message is safe. Reload the page to see the answer." };

let busy = false;
let spoken = "";

function setBusy(value) {
  busy = value;
  say.querySelector("button").disabled = value;
  if (stop) stop.hidden = !value;
}

function showProblem(error) {
  problem.hidden = !error;
  problem.querySelector("p").textContent = error ? [error.message, error.hint].filter(Boolean).join(" ") : "";
}

function nearBottom() {
  return document.documentElement.scrollHeight - innerHeight - scrollY < 160;
}

function draw({ id, html, state }) {
  const follow = nearBottom();
  const box = document.createElement("template");
  box.innerHTML = html;
  const fresh = box.content.firstElementChild;
  const old = document.getElementById(`message-${id}`);
  if (old) {
    keepFocusAndFolds(old, fresh);
  } else {
    thread.append(fresh);
  }
  setBusy(thread.querySelector("[data-state=streaming]") !== null);
  announce(fresh, state);
  if (follow || !old) scrollTo({ top: document.documentElement.scrollHeight });
}

function keepFocusAndFolds(old, fresh) {
  old.querySelectorAll("details").forEach((details, index) => {
    const twin = fresh.querySelectorAll("details")[index];
    if (twin) twin.open = details.open;
  });
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(fresh);
  if (hadFocus) field.focus();
}

// Screen readers hear whole sentences as they are completed, each once.
function announce(element, state) {
  if (!element.classList.contains("message-model")) return;
  const prose = element.querySelector(".prose");
  const text = prose ? prose.textContent.trim() : "";
  if (state === "streaming") {
    const end = Math.max(text.lastIndexOf(". "), text.lastIndexOf("? "), text.lastIndexOf("\n"));
    speak(end > 0 ? text.slice(0, end + 1) : "");
    return;
  }
  speak(text);
  const card = element.querySelector(".call-pending h3");
  if (card) announcer.textContent = `${announcer.textContent} ${card.textContent}: waiting for you to confirm.`;
  spoken = "";
}

function speak(text) {
  if (!text || text === spoken) return;
  announcer.textContent = text.startsWith(spoken) ? text.slice(spoken.length) : text;
  spoken = text;
}

async function consume(response) {
  let finished = false;
  await readEvents(response, (name, data) => {
    if (name === "message") draw(data);
    if (name === "done") finished = true;
  });
  return finished;
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function lastId() {
  const all = thread.querySelectorAll(".message");
  return all.length ? all[all.length - 1].id.slice("message-".length) : "0";
}

async function follow(from) {
  const address = `${thread.dataset.follow}?from=${from}`;
  for (const pause of RETRIES) {
    try {
      const response = await fetch(address, { headers: { Accept: "text/event-stream" } });
      if (response.ok && (await consume(response))) return;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await wait(pause);
  }
  showProblem(LOST);
}

async function explain(response) {
  if (response.status === 401 || response.redirected) {
    location.reload();
    return;
  }
  const json = (response.headers.get("Content-Type") || "").includes("json");
  showProblem(json ? await response.json() : { message: "That did not work.", hint: "Reload the page and try again." });
}

async function send(form, submitter) {
  if (busy) return;
  const body = new FormData(form, submitter);
  const from = lastId();
  setBusy(true);
  showProblem(null);
  let begun = false;
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/event-stream" } });
    begun = response.ok;
    if (!response.ok) {
      await explain(response);
    } else {
      if (form === say) clearField();
      if (!(await consume(response))) await follow(from);
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    if (begun) await follow(from);
    else showProblem({ message: "The server cannot be reached.", hint: "Your text is still here; send it again." });
  } finally {
    setBusy(false);
  }
}

function clearField() {
  field.value = "";
  field.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form === stop) {
    event.preventDefault();
    fetch(form.action, { method: "POST", body: new FormData(form) });
  } else if (form.matches("[data-stream]")) {
    event.preventDefault();
    send(form, event.submitter);
  }
}, true);

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!busy && field.value.trim()) say.requestSubmit();
});

// A phone's keyboard would cover the page; elsewhere one can type at once.
if (matchMedia("(min-width: 56rem)").matches) field.focus({ preventScroll: true });

if (thread) scrollTo({ top: document.documentElement.scrollHeight });

if (thread && thread.dataset.running) {
  setBusy(true);
  follow(thread.dataset.running).finally(() => setBusy(false));
}
