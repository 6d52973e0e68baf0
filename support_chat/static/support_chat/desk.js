// Fetches what is new every two seconds, and sends forms without leaving the page. It works without this.
"use strict";

const desk = document.getElementById("desk");
const list = document.getElementById("desk-messages");
const state = document.getElementById("desk-state");
const problem = document.getElementById("desk-problem");
const reply = document.getElementById("desk-reply");
const TURN_MS = 2000;
const REST_MS = 10000;
let looking = null;
let tried = null; // the text of the last try to send

function place(message) {
  let row = list.querySelector(`[data-number="${message.number}"]`);
  if (!row) {
    row = document.createElement("div");
    row.dataset.number = message.number;
    list.append(row);
  }
  if (row.dataset.html !== message.html) {
    row.dataset.html = message.html;
    row.innerHTML = message.html; // made and escaped by our own server
  }
}

function isAtEnd() {
  return innerHeight + scrollY >= document.documentElement.scrollHeight - 160;
}

function show(news) {
  const follows = isAtEnd();
  news.messages.forEach(place);
  desk.dataset.after = news.after;
  desk.dataset.view = news.view;
  // Whoever is choosing in the panel is not interrupted; it is asked for again in the next turn.
  if (news.state && !(state.contains(document.activeElement) && document.activeElement.matches("select"))) {
    const open = state.querySelector("details[open]") !== null;
    state.innerHTML = news.state;
    if (open) {
      state.querySelector("details")?.setAttribute("open", "");
    }
    desk.dataset.version = news.version;
  }
  if (reply) {
    reply.hidden = !news.may_reply && reply.elements.text.value === "";
  }
  if (follows && news.messages.length) {
    list.lastElementChild.scrollIntoView({ block: "nearest" });
  }
}

async function look() {
  const { view, after, version, news } = desk.dataset;
  const query = new URLSearchParams({ view, after, version });
  const answer = await fetch(`${news}?${query}`, { cache: "no-store", credentials: "same-origin" });
  if (!isJson(answer)) {
    throw new Error("signed out");
  }
  show(await answer.json());
}

function isJson(answer) {
  return answer.ok && (answer.headers.get("Content-Type") || "").startsWith("application/json");
}

function lookOnce() {
  looking = looking || look().finally(() => { looking = null; });
  return looking;
}

async function turn() {
  let wait = TURN_MS;
  if (!document.hidden) {
    try {
      await lookOnce();
    } catch {
      wait = REST_MS; // no network just now, or signed out
    }
  }
  setTimeout(turn, wait);
}

// One key per text: a second try of the same sends it once.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  reply.elements.key.value = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(form) {
  const buttons = [...form.querySelectorAll("button")];
  const body = new FormData(form);
  buttons.forEach((button) => { button.disabled = true; });
  tried = form === reply ? form.elements.text.value : tried;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
    const isOurs = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    problem.textContent = isOurs ? (await answer.json()).problem : "Not sent. Reload the page and sign in again.";
    if (answer.ok && isOurs && form === reply) {
      form.elements.text.value = "";
      newKey();
    }
  } catch {
    problem.textContent = "Not sent: no connection. Your text is still here; send it again.";
  }
  buttons.forEach((button) => { button.disabled = false; });
  await (looking || Promise.resolve()).catch(() => {});
  await lookOnce().catch(() => {});
}

if ("live" in desk.dataset) {
  document.addEventListener("submit", (event) => {
    if ("desk" in event.target.dataset) {
      event.preventDefault();
      send(event.target);
    }
  });
  reply?.elements.text.addEventListener("input", () => {
    if (tried !== null && reply.elements.text.value !== tried) {
      newKey();
      tried = null;
    }
  });
  reply?.elements.text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      reply.requestSubmit();
    }
  });
  list.lastElementChild?.scrollIntoView({ block: "nearest" });
  setTimeout(turn, TURN_MS);
}
