// The look of the report: system fonts, a light and a dark palette, one column on a phone, and a print version with
// everything unfolded. It loads nothing. The page's content security policy holds its hash, so a change here needs no
// change elsewhere.

/** The style sheet of the report page. */
export const styleSheet = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1d2126; --muted: #5c6570; --rule: #dde1e6; --panel: #f6f7f9; --link: #1b5fae;
  --good: #1c7a45; --bad: #b3372b;
  --series-1: #2166b0; --series-2: #b85512; --series-3: #1b7f6b; --series-4: #7a4fae; --series-5: #4a5562;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --ink: #e4e7ea; --muted: #98a1ab; --rule: #2f353c; --panel: #1c2025; --link: #84b6f2;
    --good: #6cc492; --bad: #ef8d80;
    --series-1: #74aef0; --series-2: #ec9a5d; --series-3: #5cc3ad; --series-4: #b897ea; --series-5: #a9b4c0;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0 auto; padding: 2.5rem clamp(1rem, 4vw, 2.5rem) 4rem; max-width: 70rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  overflow-wrap: break-word;
}
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { margin: 0 0 .75rem; font-size: clamp(1.6rem, 4vw, 2.2rem); letter-spacing: -.01em; }
h2 { margin: 3rem 0 1rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: 1.35rem; }
h3 { margin: 1.75rem 0 .75rem; font-size: 1rem; }
p { margin: 0 0 1rem; max-width: 44rem; text-wrap: pretty; }
.meta, .chart-label, .tick, figcaption, .none { color: var(--muted); fill: var(--muted); }
.meta { font-size: .9rem; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
nav ol { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1.5rem 0 0; padding: 0; list-style: none; font-size: .95rem; }
nav a { display: inline-block; padding: .2rem 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 1.25rem 1.5rem; margin: 2rem 0 0; }
.figures div { display: grid; grid-row: span 2; grid-template-rows: subgrid; row-gap: 0; }
.figures dt { align-self: end; color: var(--muted); font-size: .85rem; line-height: 1.35; }
.figures dd { margin: 0; font-variant-numeric: tabular-nums; }
.figures b { display: block; font-size: 1.45rem; font-weight: 600; line-height: 1.35; white-space: nowrap; }
.figures span { display: block; line-height: 1.35; color: var(--muted); font-size: .85rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.75rem 2rem; }
.charts.small { grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); margin: 2rem 0 1.5rem; }
figure { margin: 0; }
figcaption { margin-top: .4rem; font-size: .85rem; }
.chart { display: block; width: 100%; height: auto; overflow: visible; font-family: inherit; }
.grid { stroke: var(--rule); stroke-opacity: 1; }
.axis { stroke: var(--muted); }
.series { stroke-width: 1.75; }
.series path, path.series { stroke: currentColor; }
.series circle { fill: currentColor; }
.faint { opacity: .42; stroke-width: 1; }
.series-1 { color: var(--series-1); } .series-2 { color: var(--series-2); } .series-3 { color: var(--series-3); }
.series-4 { color: var(--series-4); } .series-5 { color: var(--series-5); }
.scroll { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem 1.5rem .4rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
th { font-weight: 500; }
thead th { color: var(--muted); font-size: .85rem; vertical-align: bottom; }
.progress th span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 5; overflow: hidden; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
thead .number { white-space: normal; min-width: 6rem; }
td:not(.number) { max-width: 34rem; }
.progress th, .progress td { padding: .35rem .6rem .35rem 0; border: 0; vertical-align: middle; }
.progress .pixels, .pictures .pixels { max-width: none; }
.progress thead th { min-width: 6rem; max-width: 9rem; vertical-align: bottom; line-height: 1.3; overflow-wrap: anywhere; }
.progress [scope="row"], .progress th:first-child { position: sticky; left: 0; background: var(--paper); white-space: nowrap; color: var(--muted); font-size: .85rem; }
img { display: block; max-width: 100%; height: auto; border-radius: 3px; background: var(--panel); }
.pixels { image-rendering: pixelated; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15.5rem), 1fr)); gap: .9rem; }
.drawings { display: flex; flex-wrap: wrap; gap: .9rem; align-items: flex-start; }
.drawings .card { max-width: 100%; }
.drawings .card figcaption { width: 0; min-width: max(100%, 8rem); }
.card { padding: .8rem; background: var(--panel); border-radius: 6px; min-width: 0; }
.card figcaption { color: var(--ink); margin: 0 0 .6rem; line-height: 1.4; white-space: pre-wrap; overflow-wrap: anywhere; }
.pictures { display: flex; flex-wrap: wrap; gap: .6rem; margin: 0; padding: 0; list-style: none; font-size: .78rem; color: var(--muted); }
.pictures span { display: block; margin-top: .15rem; }
.real { padding-left: .6rem; border-left: 1px solid var(--rule); }
.real span { color: var(--ink); }
.captioned { display: flex; gap: .8rem; align-items: flex-start; }
.captioned img { flex: none; max-width: 45%; }
.captioned div { min-width: 0; }
.captioned dl { margin: 0; font-size: .85rem; line-height: 1.35; }
.captioned dt { color: var(--muted); font-size: .75rem; }
.captioned dd { margin: 0 0 .35rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.captioned .id { color: var(--muted); }
.sound { display: grid; gap: .3rem; width: max-content; min-width: min(9.5rem, 100%); max-width: 100%; }
.sound svg { display: block; max-width: 100%; height: 2.5rem; color: var(--series-3); }
.sound img { height: 6rem; }
.sound audio { width: 0; min-width: 100%; height: 2.2rem; }
.clip { display: grid; gap: .4rem; justify-items: start; max-width: 100%; }
.clip .pixels { max-width: 100%; }
.captioned:has(.sound, .clip) { flex-direction: column; }
.captioned .sound img, .captioned .clip img { max-width: 100%; }
.progress .sound { min-width: 8.5rem; }
.progress .sound svg, .progress .clip img + img { display: none; }
.verdict { white-space: nowrap; margin: 0 0 .35rem; font-size: .8rem; font-weight: 600; }
.correct { color: var(--good); } .wrong { color: var(--bad); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: .8rem 1.5rem; margin: 0 0 1.5rem; }
.facts dt { color: var(--muted); font-size: .85rem; }
.facts dd { margin: 0; }
.lines { margin: 0; padding-left: 1.2rem; max-width: 48rem; }
.lines li { margin-bottom: .4rem; }
details { margin: 0 0 1rem; }
summary { cursor: pointer; padding: .35rem 0; color: var(--link); }
details > .cards { margin-top: .6rem; }
pre { margin: .5rem 0 0; padding: 1rem; overflow-x: auto; background: var(--panel); border-radius: 6px; font: .82rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media screen and (max-width: 30rem) {
  th, td { padding-right: .9rem; }
  thead .number { min-width: 0; }
  .card { padding: .6rem; }
  .pictures { gap: .4rem; }
  .real { padding-left: .4rem; }
  .charts:not(.small) text { font-size: 13px; }
  .charts:not(.small) .chart-title { font-size: 15px; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  h2, h3 { break-after: avoid; }
  figure, .card, tr { break-inside: avoid; }
  .scroll, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
  img, .card { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
