"""How the page to watch and steer looks, and the few lines that keep it fresh."""

STYLE = """
.watch { width: min(80rem, calc(100% - 2rem)); margin: 1.5rem auto; display: grid; gap: 1.25rem; }
@media (min-width: 64rem) { .watch { grid-template-columns: minmax(0, 1fr) 20rem; align-items: start; }
  .top { grid-column: 1 / -1; } aside { position: sticky; top: 1rem; } }
.parts, aside { display: grid; gap: 1.25rem; min-width: 0; }
.top { display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: end; justify-content: space-between; }
h1 { font-size: 1.5rem; line-height: 1.2; }
.counts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; color: var(--soft); font-size: .9375rem; }
.counts b { color: var(--ink); font-variant-numeric: tabular-nums; }
section { background: #fff; border-radius: 1rem; padding: 1rem 1.25rem; display: grid; gap: .75rem;
  min-width: 0; }
h2 { font-size: 1.0625rem; }
h3 { margin: .5rem 0 0; font-size: .9375rem; }
.head { display: flex; flex-wrap: wrap; gap: .5rem; justify-content: space-between; align-items: center; }
.soft { color: var(--soft); font-size: .9375rem; }
button { min-height: 2.25rem; padding: .25rem .75rem; font-size: .875rem; border-radius: .5rem; }
.phones { display: grid; grid-template-columns: repeat(auto-fill, minmax(13.5rem, 1fr)); gap: 1rem; }
.phone form { display: grid; grid-template-columns: 1fr 1fr; gap: .375rem; }
.phone form button:first-of-type { grid-column: 1 / -1; min-height: 2.75rem; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
th { text-align: left; color: var(--soft); font-weight: 600; padding: 0 .75rem .375rem 0; }
td { padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); vertical-align: middle; }
td:first-child { max-width: 13rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
td.amount { white-space: nowrap; font-variant-numeric: tabular-nums; }
td:last-child, th:last-child { padding-right: 0; }
.acts { display: flex; gap: .375rem; justify-content: flex-end; }
.pill { display: inline-block; border-radius: 1rem; padding: .0625rem .625rem; background: #e4e9f2;
  white-space: nowrap; }
.good { background: #d7f0e1; color: var(--good); } .bad { background: #fcebe9; color: var(--bad); }
.wait { background: #fdf0cf; color: #6b4a00; }
.problem { padding: .75rem 1rem; border-radius: .625rem; background: #fcebe9; color: var(--bad);
  grid-column: 1 / -1; }
.steer { display: grid; gap: .625rem; }
.steer label { display: grid; gap: .25rem; font-size: .875rem; font-weight: 600; }
.steer label.tick { display: flex; gap: .5rem; align-items: center; font-weight: 400; }
.steer .two { display: grid; grid-template-columns: 1fr 5rem; gap: .5rem; }
select, input { min-height: 2.25rem; width: 100%; padding: .25rem .5rem; font-size: .875rem;
  border-radius: .5rem; }
input[type=checkbox] { width: 1.125rem; min-height: 1.125rem; }
ul { margin: 0; padding: 0; list-style: none; display: grid; gap: .375rem; }
@media (max-width: 48rem) {
  thead { display: none; } tr { display: grid; grid-template-columns: 1fr auto; gap: .25rem .75rem;
  padding: .75rem 0;
    border-top: 1px solid var(--line); align-items: center; }
  tr:first-child { border-top: 0; padding-top: 0; }
  td { border: 0; padding: 0; } td:first-child, td.last { grid-column: 1 / -1; }
  td:first-child { max-width: none; overflow-wrap: anywhere; white-space: normal; }
  td:empty { display: none; }
  .acts { justify-content: flex-start; flex-wrap: wrap; } .acts button { min-height: 2.75rem; } }
"""
# Only what changed is put in place, and not while somebody is at a button of it.
LIVE = """<script>
setInterval(async () => {
  if (document.hidden) return;
  const reply = await fetch(location.pathname).catch(() => null);
  if (!reply || !reply.ok) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (now && now.innerHTML !== old.innerHTML && !old.contains(document.activeElement)) old.replaceWith(now);
  }
}, 2000);
</script>"""
