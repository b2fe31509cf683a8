/** The look of a report. No name of a class or colour comes from evidence. */

export const STYLE = `
:root { color-scheme: light dark; --ink: #1d1c1a; --soft: #5d5a54; --paper: #fdfcfa; --card: #f4f2ed; --line: #d9d5cc;
  --pass: #1d6b3c; --fail: #a3241c; --unsure: #7d5400; --bar: #8fa3b8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6e0; --soft: #a8a49b; --paper: #191817; --card: #232220; --line: #3d3b37;
  --pass: #74c993; --fail: #f08a80; --unsure: #e0b45c; --bar: #5f7891; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 ui-sans-serif, system-ui, sans-serif; }
body > * { max-width: 52rem; margin: 0 auto; padding: 0 1.25rem; }
.caution { padding: .6rem 1.25rem; font-weight: 600; border-bottom: 1px solid var(--line); }
main { padding-bottom: 3rem; overflow-wrap: anywhere; }
article + article { border-top: 1px solid var(--line); margin-top: 3rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 2rem 0 1rem; font-weight: 600; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .5rem; font-weight: 600; }
h3 { font-size: 1rem; margin: 2.2rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); font-weight: 600; }
h4 { font-size: .95rem; margin: 1.2rem 0 .3rem; font-weight: 600; }
h5 { font-size: .875rem; margin: .8rem 0 .2rem; color: var(--soft); font-weight: 400; }
p { margin: .4rem 0; }
ul { margin: .3rem 0; padding-left: 1.2rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 1rem; }
.pair > section { background: var(--card); border-top: 4px solid var(--soft); padding: 1rem 1.2rem; border-radius: 2px; }
.pair > .is-pass { border-color: var(--pass); } .pair > .is-fail { border-color: var(--fail); } .pair > .is-unsure { border-color: var(--unsure); }
.pass { color: var(--pass); } .fail { color: var(--fail); } .unsure { color: var(--unsure); } .soft { color: var(--soft); }
.word { font-size: 1.25rem; font-weight: 600; }
dl { margin: 0; display: grid; grid-template-columns: 9rem 1fr; gap: .3rem 1rem; font-size: .925rem; }
dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
code, pre, bdi.mono { font: .85em/1.5 ui-monospace, "Cascadia Code", Menlo, Consolas, monospace; }
pre { background: var(--card); padding: .8rem 1rem; overflow-x: auto; border-radius: 2px; margin: .4rem 0; }
details { padding: .15rem 0; }
summary { cursor: pointer; }
summary .status { white-space: nowrap; display: inline-block; min-width: 5.2rem; font-weight: 600; font-size: .875rem; }
details > dl { margin: .4rem 0 .8rem 1.1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .15rem .8rem .15rem 0; font-weight: 400; }
thead th { color: var(--soft); border-bottom: 1px solid var(--line); }
td .word { font-size: .9rem; white-space: nowrap; }
a { color: inherit; }
th.number { text-align: right; }
td.number { text-align: right; white-space: nowrap; } td.wide { width: 55%; }
svg.bar { display: block; width: 100%; height: .8rem; margin-top: .3rem; } svg.bar rect { fill: var(--bar); }
footer { color: var(--soft); font-size: .875rem; padding-bottom: 2rem; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } td.wide { width: 35%; } }
@media print { :root { --ink: #000; --soft: #444; --paper: #fff; --card: #f6f6f6; --line: #bbb; --pass: #14552d; --fail: #8a1a13; --unsure: #5f4000; --bar: #888; }
  body { font-size: 10pt; } body > * { max-width: none; } details::details-content { content-visibility: visible; block-size: auto; }
  h3, h4, summary { break-after: avoid; } tr, .pair { break-inside: avoid; } pre { white-space: pre-wrap; } }
`;
