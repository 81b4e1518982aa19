// The definition's text: line numbers, problems while one types, and what may be written at the caret.

const PAUSE = 400;
// What begins a name: a key or a value, a field, a filter, a placeholder.
const OPENING = new Set(['"', ".", "|", "{"]);

const form = document.querySelector("form.editor");
const text = document.getElementById("text");
const lines = form.querySelector(".editor-lines");
const told = document.getElementById("told");
const list = document.getElementById("options");
const announcer = document.getElementById("announcer");
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
let timer = 0;
let latest = 0;
let asked = 0;
let waiting = false;
let options = null;
let chosen = 0;
let leaving = false;

async function ask(address, fields) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", token);
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const response = await fetch(address, { method: "POST", body }).catch(() => null);
  return response && response.ok && !response.redirected ? response.json() : null;
}

function numberLines() {
  const count = text.value.split("\n").length;
  if (lines.dataset.count !== String(count)) {
    lines.textContent = Array.from({ length: count }, (_, index) => index + 1).join("\n");
    lines.dataset.count = count;
  }
  lines.scrollTop = text.scrollTop;
}

async function check() {
  const turn = ++latest;
  told.setAttribute("aria-busy", "true");
  const answer = await ask(form.dataset.check, { text: text.value, app: form.dataset.app || "" });
  // A later change has been asked for meanwhile; its answer is the one that counts.
  if (turn !== latest) return;
  told.removeAttribute("aria-busy");
  if (!answer) return;
  const open = new Set([...told.querySelectorAll("details[open][data-key]")].map((details) => details.dataset.key));
  const said = told.querySelector("[data-said]")?.dataset.said;
  const box = document.createElement("template");
  box.innerHTML = answer.html;
  told.replaceChildren(box.content);
  for (const details of told.querySelectorAll("details[data-key]")) details.open ||= open.has(details.dataset.key);
  const now = told.querySelector("[data-said]")?.dataset.said;
  if (now !== said) announcer.textContent = now;
  if (answer.valid) text.removeAttribute("aria-invalid");
  else text.setAttribute("aria-invalid", "true");
}

function goToLine(number) {
  const start = text.value.split("\n").slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const end = text.value.indexOf("\n", start);
  text.focus();
  text.setSelectionRange(start, end < 0 ? text.value.length : end);
  text.scrollTop = Math.max(0, (number - 6) * parseFloat(getComputedStyle(text).lineHeight));
}

// The options open below the line of the caret, in the frame.
function place() {
  const before = text.value.slice(0, text.selectionStart).split("\n");
  const height = parseFloat(getComputedStyle(text).lineHeight);
  const below = before.length * height - text.scrollTop + 12;
  const room = text.clientHeight - list.offsetHeight - 8;
  list.style.top = `${Math.max(8, below <= room ? below : below - height - list.offsetHeight - 8)}px`;
  const end = list.parentElement.clientWidth - list.offsetWidth - 8;
  list.style.insetInlineStart = `${Math.max(8, Math.min(48 + before.at(-1).length * 8, end))}px`;
}

function close() {
  options = null;
  waiting = false;
  asked += 1;
  list.hidden = true;
  text.removeAttribute("aria-controls");
  text.removeAttribute("aria-activedescendant");
}

function choose(index) {
  chosen = (index + options.options.length) % options.options.length;
  for (const [number, item] of [...list.children].entries()) {
    item.setAttribute("aria-selected", number === chosen);
    if (number === chosen) item.scrollIntoView({ block: "nearest" });
  }
  text.setAttribute("aria-activedescendant", `option-${chosen}`);
  announcer.textContent = options.options[chosen].label;
}

function show() {
  list.replaceChildren(
    ...options.options.map((option, index) => {
      const item = document.createElement("li");
      item.id = `option-${index}`;
      item.role = "option";
      item.append(option.label);
      if (option.about) item.append(Object.assign(document.createElement("small"), { textContent: option.about }));
      return item;
    }),
  );
  list.hidden = false;
  text.setAttribute("aria-controls", "options");
  choose(0);
  place();
}

async function suggest() {
  const turn = ++asked;
  const at = text.selectionStart;
  waiting = true;
  const answer = await ask(form.dataset.complete, { before: text.value.slice(0, at), after: text.value.slice(at) });
  if (turn !== asked) return;
  waiting = false;
  if (at !== text.selectionStart) return;
  if (!answer || answer.options.length === 0) {
    close();
    return;
  }
  options = answer;
  show();
}

// The server counts characters, the text field counts UTF-16 units.
function units(part, count) {
  return count < 0 ? Array.from(part).slice(count).join("").length : Array.from(part).slice(0, count).join("").length;
}

function accept() {
  const { text: written } = options.options[chosen];
  const at = text.selectionStart;
  const start = options.back ? at - units(text.value.slice(0, at), -options.back) : at;
  const end = at + units(text.value.slice(at), options.forward);
  // A key that has its colon already keeps its value.
  const rest = text.value.slice(end);
  const bare = /^\s*:/.test(rest) ? written.replace(/:.*$/s, "") : written;
  text.setRangeText(bare, start, end, "end");
  if (/(\[\]|\{\}|"")$/.test(bare) && bare.includes(": ")) text.setSelectionRange(text.selectionStart - 1, text.selectionStart - 1);
  close();
  text.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function changed(event) {
  numberLines();
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
  // What was asked for may still be on its way while one types on.
  if (options || waiting || (event.inputType === "insertText" && OPENING.has(event.data))) suggest();
}

const KEYS = {
  ArrowDown: () => choose(chosen + 1),
  ArrowUp: () => choose(chosen - 1),
  Enter: accept,
  Tab: accept,
  Escape: close,
};

text.addEventListener("keydown", (event) => {
  if (event.key === " " && event.ctrlKey) {
    event.preventDefault();
    suggest();
  } else if (options && KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  } else if (event.key === "Escape") {
    leaving = true;
  } else if (event.key === "Tab" && !event.shiftKey && !leaving) {
    event.preventDefault();
    text.setRangeText("  ", text.selectionStart, text.selectionEnd, "end");
    changed(event);
  } else if (!["Tab", "Shift"].includes(event.key)) {
    leaving = false;
  }
});

text.addEventListener("input", changed);
text.addEventListener("scroll", numberLines);
text.addEventListener("blur", () => setTimeout(() => options && close(), 150));
list.addEventListener("mousedown", (event) => {
  const item = event.target.closest("li");
  if (!item) return;
  event.preventDefault();
  chosen = [...list.children].indexOf(item);
  accept();
});
told.addEventListener("click", (event) => {
  const button = event.target.closest("[data-line]");
  if (button) goToLine(Number(button.dataset.line));
});
for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;
numberLines();
