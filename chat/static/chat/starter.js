// Shows what the app will do while its form is filled in.

const PAUSE = 350;

const form = document.querySelector("form[data-preview]");
const preview = document.getElementById("preview");
const announcer = document.getElementById("announcer");
let timer = 0;
let latest = 0;

function showFaults(faults) {
  for (const field of form.querySelectorAll("[name^='p-']")) {
    const line = document.getElementById(`${field.id}-fault`);
    const fault = faults[field.name.slice(2)] || "";
    line.textContent = fault;
    line.hidden = !fault;
    if (fault) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

function showPreview(html) {
  const unfolded = preview.querySelector("details[open]") !== null;
  const box = document.createElement("template");
  box.innerHTML = html;
  preview.replaceChildren(box.content);
  const definition = preview.querySelector("details");
  if (definition) definition.open = unfolded;
  announcer.textContent = preview.querySelector("[data-said]")?.dataset.said || "What it will do was updated.";
}

async function refresh() {
  const turn = ++latest;
  preview.setAttribute("aria-busy", "true");
  const response = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) }).catch(() => null);
  // A later change has been asked for meanwhile; its answer is the one that counts.
  if (turn !== latest) return;
  preview.removeAttribute("aria-busy");
  if (!response || !response.ok || response.redirected) return;
  const told = await response.json();
  if (turn !== latest) return;
  // What was tried before is no longer what the form says.
  document.getElementById("rehearsal")?.remove();
  showFaults(told.faults);
  showPreview(told.html);
}

if (form) {
  form.addEventListener("input", (event) => {
    if (event.target.name === "name") return;
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;
  document.getElementById("rehearsal")?.focus();
}
