// SPDX-License-Identifier: Apache-2.0
// The style and the little script of the pages: files of their own beside them, as the strict policy of the pages wants.
#pragma once
#include <string_view>

namespace sysb::batch::report {

inline constexpr std::string_view style = R"css(:root {
  --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #ffffff; --band: #f6f8fa; --link: #0b5cad;
  --fit: #1a7f4b; --decide: #9a6700; --unfit: #b3261e; --unclear: #6e5494;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3; --soft: #9da7b1; --line: #3a424b; --paper: #12161b; --band: #1b2128; --link: #79b8ff;
    --fit: #4ac283; --decide: #e0b341; --unfit: #ff8078; --unclear: #b99cf0;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0 .75rem; }
a { color: var(--link); }
.soft { color: var(--soft); }
.classes { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; margin: 1rem 0; padding: 0; list-style: none; }
.classes li { border: 1px solid var(--line); border-left-width: 6px; border-radius: 6px; padding: .5rem .75rem; background: var(--band); }
.classes b { display: block; font-size: 1.6rem; line-height: 1.2; }
.c0 { border-left-color: var(--fit) !important; } .c1 { border-left-color: var(--decide) !important; }
.c2 { border-left-color: var(--unfit) !important; } .c3 { border-left-color: var(--unclear) !important; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { background: var(--band); white-space: nowrap; }
td { overflow-wrap: anywhere; }
th.n, td.n { text-align: right; white-space: nowrap; overflow-wrap: normal; }
#images td:nth-child(7), #images th:nth-child(7), #images td:nth-child(9), #images th:nth-child(9) { text-align: right; white-space: nowrap; }
/* Long tables are laid out row by row as they are scrolled to: as one table, 5,000 images take a browser seconds. */
@media screen {
  .sortable, .sortable thead, .sortable tbody { display: block; }
  .sortable { min-width: 62rem; }
  .sortable tr { display: grid; grid-template-columns: minmax(0, 3fr) repeat(4, minmax(0, 1fr)); }
  .sortable tr[hidden] { display: none; }
  .long tbody tr { content-visibility: auto; contain-intrinsic-size: auto 2.2rem; }
  #images tr { grid-template-columns: minmax(0, 2.2fr) minmax(0, 1.2fr) minmax(0, 1fr) minmax(0, 1fr) minmax(0, 2fr)
    minmax(0, .8fr) minmax(0, .8fr) minmax(0, .9fr) minmax(0, 1fr); }
}
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--link); }
th[aria-sort=ascending] button::after { content: " \25B2"; } th[aria-sort=descending] button::after { content: " \25BC"; }
label { display: block; margin: .5rem 0; } input { font: inherit; padding: .3rem .5rem; width: 24rem; max-width: 100%;
  color: inherit; background: var(--band); border: 1px solid var(--line); border-radius: 6px; }
svg { display: block; max-width: 100%; height: auto; } svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
svg rect { fill: var(--link); } svg .track { fill: var(--band); }
svg .c0 { fill: var(--fit); } svg .c1 { fill: var(--decide); } svg .c2 { fill: var(--unfit); } svg .c3 { fill: var(--unclear); }
@media print {
  body { max-width: none; padding: 0; font-size: 11px; } label { display: none; }
  thead { display: table-header-group; } tr { break-inside: avoid; } a { color: inherit; text-decoration: none; }
}
)css";

inline constexpr std::string_view script = R"js('use strict';
// Sorting by a click on a column's head, and a filter over all columns. Without this the table is whole.
document.querySelectorAll('table.sortable').forEach(function (table) {
  var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows), heads = table.tHead.rows[0].cells;
  Array.prototype.forEach.call(heads, function (head, column) {
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.textContent = '';
    head.appendChild(button);
    button.addEventListener('click', function () {
      var down = head.getAttribute('aria-sort') === 'ascending', number = head.classList.contains('n');
      Array.prototype.forEach.call(heads, function (h) { h.removeAttribute('aria-sort'); });
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      rows.sort(function (a, b) {
        var x = a.cells[column].textContent, y = b.cells[column].textContent;
        var d = number ? (parseFloat(x) || 0) - (parseFloat(y) || 0) : x < y ? -1 : x > y ? 1 : 0;
        return down ? -d : d;
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });
  var label = document.createElement('label'), input = document.createElement('input'), count = document.createElement('span');
  input.type = 'search';
  input.setAttribute('aria-label', 'Filter the table');
  input.placeholder = 'filter: words that a row must have';
  label.appendChild(input);
  label.appendChild(count);
  table.parentNode.insertBefore(label, table);
  input.addEventListener('input', function () {
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    rows.forEach(function (row) {
      var text = row.textContent.toLowerCase();
      row.hidden = !words.every(function (w) { return text.indexOf(w) !== -1; });
      if (!row.hidden) { shown += 1; }
    });
    count.textContent = words.length ? ' ' + shown + ' of ' + rows.length : '';
  });
});
)js";

}  // namespace sysb::batch::report
