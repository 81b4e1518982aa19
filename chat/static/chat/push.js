// Notifications on this device: the button on the page of notifications.

const card = document.querySelector("[data-push]");
const words = card.querySelector("[data-push-words]");
const button = card.querySelector("button");
const form = card.querySelector("form");
const SUPPORTED = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function show(text, label) {
  words.textContent = text;
  button.hidden = !label;
  button.textContent = label ?? "";
  button.disabled = false;
  card.hidden = false;
}

function base64url(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function digest(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const registered = () => navigator.serviceWorker.register(card.dataset.worker);

// The worker's scope is its own folder, so `navigator.serviceWorker.ready` would wait for ever.
async function active(registration) {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (worker.state === "activated") return registration;
  await new Promise((resolve) => {
    worker.addEventListener("statechange", () => worker.state === "activated" && resolve());
  });
  return registration;
}

// One subscription serves every community that the person works in; one for another key serves none.
async function subscribed(registration) {
  const known = await registration.pushManager.getSubscription();
  if (known && base64url(known.options.applicationServerKey) === card.dataset.key) return known;
  if (known) await known.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: card.dataset.key });
}

async function tell(address, fields) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const response = await fetch(address, { method: "POST", body });
  if (response.redirected) location.reload();
  if (response.ok) return;
  const problem = await response.json().catch(() => ({ message: "That did not work. Try again." }));
  throw new Error([problem.message, problem.hint].filter(Boolean).join(" "));
}

async function current() {
  const registration = await navigator.serviceWorker.getRegistration(card.dataset.worker);
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription || Notification.permission !== "granted") return null;
  return card.dataset.known.split(" ").includes(await digest(subscription.endpoint)) ? subscription : null;
}

function showOn() {
  show("On. You are told here, even while this page is closed.", "Turn off");
  button.dataset.on = "1";
}

function showOff() {
  delete button.dataset.on;
  if (Notification.permission === "denied") {
    show("Blocked. Allow notifications for this site in your browser's settings, then load this page again.");
  } else {
    show("Off. Turn it on to be told here, even while this page is closed.", "Turn on");
  }
}

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return showOff();
  const subscription = await subscribed(await active(await registered()));
  const { endpoint, keys } = subscription.toJSON();
  await tell(form.action, { endpoint, p256dh: keys.p256dh, auth: keys.auth });
  card.dataset.known += ` ${await digest(endpoint)}`;
  return showOn();
}

async function turnOff() {
  const subscription = await current();
  if (subscription) {
    await tell(form.dataset.off, { endpoint: subscription.endpoint });
    const forgotten = await digest(subscription.endpoint);
    card.dataset.known = card.dataset.known.split(" ").filter((known) => known !== forgotten).join(" ");
  }
  return showOff();
}

button.addEventListener("click", async () => {
  button.disabled = true;
  const on = "on" in button.dataset;
  try {
    await (on ? turnOff() : turnOn());
  } catch (error) {
    show(`${error.message} Try again later.`, on ? "Turn off" : "Turn on");
  }
});

if (!SUPPORTED) {
  show("This browser cannot show notifications. On an iPhone, put this page on the home screen first.");
} else if (await current()) {
  showOn();
} else {
  showOff();
}
