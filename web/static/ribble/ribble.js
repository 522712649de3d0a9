// What the pages gain from a script. All of it is extra: every page is complete and works without.
import { initAll } from "./nhsuk.js";

// The NHS components start themselves only where this class says that a script runs.
const start = () => {
  document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
  initAll();
};

// Another tab that shows another person makes both say so (R7). Only a random mark of the person travels.
const watchTabs = (record) => {
  const tabs = new BroadcastChannel("ribble");
  const tab = record.dataset.tab;
  tabs.onmessage = ({ data }) => {
    if (data.tab === tab) return;
    record.querySelector(".rb-bar--other").hidden = !data.open;
    if (data.ask) tabs.postMessage({ tab, open: true });
    else if (!data.open) ask(); // a third tab may still show someone else
  };
  const ask = () => tabs.postMessage({ tab, open: true, ask: true });
  ask();
  addEventListener("pagehide", () => tabs.postMessage({ tab, open: false }));
};

// Links to a section stop below the header, which is as high as its warnings.
const measureHead = (record) => {
  const head = record.shadowRoot.querySelector(".rb-head");
  new ResizeObserver(() => {
    if (head.offsetHeight > 0) document.documentElement.style.setProperty("--rb-head", `${head.offsetHeight + 8}px`);
  }).observe(head);
};

// A page that is left shows nothing when it is come back to: it is asked for again (R17).
const forgetOnLeave = () => {
  addEventListener("pagehide", () => document.body.replaceChildren());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
};

// A screen that nobody uses locks itself; use of any tab keeps all tabs open, as they share one session, and a lock in one locks all. The
// server counts requests only: while somebody reads, it is told so once in a while.
const lockWhenIdle = (lock) => {
  const after = Number(lock.dataset.after) * 1000;
  const form = lock.querySelector("form");
  if (!after || !form) return;
  const tabs = new BroadcastChannel("ribble-use");
  const hide = () => {
    document.body.hidden = true;
    form.submit();
  };
  const tellEvery = Math.min(60000, after / 4);
  let used = Date.now();
  let told = used;
  const tell = async () => {
    told = Date.now();
    const answer = await fetch("/session/stay", { method: "POST" }).catch(() => null);
    if (answer && !answer.ok) hide();
  };
  const use = () => {
    if (Date.now() - used > 1000) tabs.postMessage("used");
    used = Date.now();
    if (used - told > tellEvery) tell();
  };
  tabs.onmessage = ({ data }) => (data === "locked" ? hide() : (used = Date.now()));
  form.addEventListener("submit", () => tabs.postMessage("locked"));
  for (const event of ["pointerdown", "keydown", "scroll"]) addEventListener(event, use, { capture: true, passive: true });
  setInterval(() => {
    const idle = Date.now() - used;
    lock.querySelector("b").hidden = idle < after - 60000;
    if (idle >= after) hide();
  }, 1000);
  // A page that the browser kept is asked for again: the session may have been locked since.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
};

// The locked page makes every other tab lock too.
const lockOthers = () => document.querySelector("[data-locked]") && new BroadcastChannel("ribble-use").postMessage("locked");

// What must be watched while nobody presses anything has a script of its own.
const watch = () => document.querySelector("[data-standing], [data-fresh]") && import("./watch.js");

// The record may still be arriving when this runs; its shell is enough.
const attach = () => {
  const record = document.querySelector(".rb-record");
  if (!record?.shadowRoot?.querySelector(".rb-head")) return false;
  watchTabs(record);
  measureHead(record);
  forgetOnLeave();
  watch();
  return true;
};

const attached = attach();
const ready = () => {
  if (!attached) attach();
  document.querySelectorAll(".rb-top__lock").forEach(lockWhenIdle);
  lockOthers();
  watch();
  start();
};
if (document.readyState === "loading") addEventListener("DOMContentLoaded", ready);
else ready();
