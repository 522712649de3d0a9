// What keeps an open page true while nobody presses anything: emergency access that runs out, a record that must close, a list that is kept
// fresh. The server holds all of it without this script.

// The record is gone from the screen before the page that says why is there.
const close = (to) => {
  document.body.replaceChildren();
  location.replace(to);
};

const words = (minutes) => `Emergency access: ${minutes} ${minutes === 1 ? "minute" : "minutes"} left.`;

// Emergency access counts down from what the server wrote; only 10, 5 and 1 minutes are announced.
const countDown = (bar) => {
  const time = bar.querySelector("time");
  const [, minutes, seconds] = /PT(\d+)M(\d+)S/.exec(time.dateTime).map(Number);
  let before = minutes * 60 + seconds;
  const ends = Date.now() + before * 1000;
  setInterval(() => {
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    time.textContent = `${Math.floor(left / 60)} min ${String(left % 60).padStart(2, "0")} s`;
    const mark = [1, 5, 10].find((m) => left <= m * 60 && before > m * 60);
    if (mark) bar.querySelector("[role=status]").textContent = words(mark);
    before = left;
    if (left === 0) close("/break-glass/ended");
  }, 1000);
};

// The server is asked whether the record may stay open. One that cannot tell for a minute cannot say yes; a network that is away says nothing.
const ask = (record) => {
  let failures = 0;
  setInterval(async () => {
    const answer = await fetch(record.dataset.standing, { cache: "no-store" }).catch(() => null);
    if (!answer) return;
    failures = answer.status === 204 ? 0 : failures + 1;
    if (answer.status === 410 || failures > 2) close("/record/closed");
  }, 20000);
};

// The browser itself reads the answer as a document: no text becomes markup here.
const fetchDocument = (url) =>
  new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("GET", url);
    request.responseType = "document";
    request.onload = () => done(request.status === 200 ? request.response : null);
    request.onerror = () => done(null);
    request.send();
  });

// A list is read again every 8 seconds. What is the same is left alone, so that nobody loses their place in it.
const keepFresh = (list) => {
  const hrefs = (root) => [...root.querySelectorAll("a")].map((a) => a.getAttribute("href"));
  setInterval(async () => {
    const next = (await fetchDocument(list.dataset.fresh))?.body;
    document.querySelector(".rb-fresh__stopped").hidden = Boolean(next);
    if (!next) return;
    if (hrefs(next).join() === hrefs(list).join()) {
      list.querySelector(".rb-fresh__read").textContent = next.querySelector(".rb-fresh__read").textContent;
      return;
    }
    const at = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    list.replaceChildren(...next.childNodes);
    [...list.querySelectorAll("a")].find((a) => a.getAttribute("href") === at)?.focus();
    document.querySelector(".rb-fresh__say").textContent = list.querySelector("h2").textContent;
  }, 8000);
};

const record = document.querySelector(".rb-record");
if (record?.dataset.standing) ask(record);
const whenThere = (selector, then) => {
  const found = document.querySelector(selector);
  if (found) then(found);
  else if (document.readyState === "loading") setTimeout(whenThere, 100, selector, then);
};
whenThere(".rb-glassbar", countDown);
whenThere("[data-fresh]", keepFresh);
