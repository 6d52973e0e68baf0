// Counts down, and asks every few seconds whether the payment has moved on. The page works without it.
"use strict";

const main = document.querySelector("main[data-state]");
const clock = document.getElementById("left");
const ring = document.querySelector(".ring .left");
const PROMPT_SECONDS = 180;
const SETTLED = ["paid", "twice"];
let ends = Date.now() + Number(main.dataset.seconds) * 1000;

function tick() {
  const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
  clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  ring.style.strokeDashoffset = String(100 - (100 * left) / PROMPT_SECONDS);
}

function show(state) {
  ends = Date.now() + state.seconds_left * 1000;
  const hasMoved = state.shown !== main.dataset.shown;
  // Whoever is filling in another number is only interrupted when there is nothing left to pay.
  if (hasMoved && (!("retrying" in main.dataset) || state.outcome === "paid")) {
    location.replace(main.dataset.page);
  }
}

async function look() {
  let wait = ["approve", "code", "wait"].includes(main.dataset.outcome) ? 3000 : 15000;
  if (!document.hidden) {
    try {
      const reply = await fetch(main.dataset.state, { cache: "no-store", credentials: "same-origin" });
      if (reply.ok) {
        show(await reply.json());
      } else {
        wait = 15000;
      }
    } catch {
      wait = 15000; // no network just now
    }
  }
  setTimeout(look, wait);
}

if (clock) {
  tick();
  setInterval(tick, 1000);
}
if (!SETTLED.includes(main.dataset.outcome)) {
  setTimeout(look, 3000);
}
