// Shows what is pushed to this device, and opens its page.

const INBOX = "/notifications/";

self.addEventListener("push", (event) => {
  const { title, body, link, tag } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { link } }));
});

// A page of ours, or one that is reached safely; nothing else.
function address(link) {
  const wanted = new URL(link || INBOX, self.location.origin);
  const safe = wanted.origin === self.location.origin || wanted.protocol === "https:";
  return safe ? wanted.href : new URL(INBOX, self.location.origin).href;
}

async function open(href) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((client) => client.url === href);
  return there ? there.focus() : self.clients.openWindow(href);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(address(event.notification.data?.link)));
});
