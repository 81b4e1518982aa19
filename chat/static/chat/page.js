// What every page does: times that stay right, menus that close, forms that are sent once.

const STEPS = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86400, 3600, "hour"],
  [14 * 86400, 86400, "day"],
  [60 * 86400, 7 * 86400, "week"],
  [730 * 86400, 30 * 86400, "month"],
  [Infinity, 365 * 86400, "year"],
];

// The same words as relative_time.py.
function relative(then, now) {
  const seconds = Math.abs(now - then) / 1000;
  if (seconds < 10) return "just now";
  const [, unit, name] = STEPS.find(([limit]) => seconds < limit);
  const count = Math.floor(seconds / unit);
  const words = `${count} ${name}${count === 1 ? "" : "s"}`;
  return then < now ? `${words} ago` : `in ${words}`;
}

function refreshTimes() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const words = relative(Date.parse(element.dateTime), now);
    if (element.textContent !== words) element.textContent = words;
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details[data-menu][open]");
  if (menu) menu.querySelector("summary").focus();
  closeMenus();
});

// A form that leaves the page is sent once; the pressed button still travels with it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});

// Coming back with the browser's back button shows the page as it was left: its forms can be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

setInterval(refreshTimes, 20_000);
