/* The matrix's filters: a row stays that has a cell of the Python and of the rungs that are asked for,
   and in a panel of CUDA the CUDA; cells that are not asked for step back. The address keeps them. */

const form = document.getElementById("filters");
const left = document.getElementById("left");
const NAMES = ["python", "cuda", "sure"];

const rungOf = (cell) => /mark-([a-z-]+)/.exec(cell.className)[1];

function filter(table, { python, cuda, sure }) {
  const heads = [...table.tHead.rows[0].cells];
  const asked = heads.map((head) => !python || head.dataset.python === python);
  const rungs = sure ? sure.split(" ") : null;
  let shown = 0;
  for (const row of table.tBodies[0].rows) {
    let fits = 0;
    [...row.cells].forEach((cell, column) => {
      if (!cell.className.startsWith("square")) return;
      const isIn = asked[column] && (!rungs || rungs.includes(rungOf(cell)));
      cell.classList.toggle("out", !isIn);
      fits += isIn;
    });
    const isOfCuda = !cuda || !("cuda" in row.dataset) || row.dataset.cuda.split(" ").includes(cuda);
    row.hidden = !(fits && isOfCuda);
    shown += !row.hidden;
  }
  return shown;
}

function apply() {
  const choice = Object.fromEntries(NAMES.map((name) => [name, form.elements[name].value]));
  const isAny = !NAMES.some((name) => choice[name]);
  let seen = 0;
  let all = 0;
  for (const table of document.querySelectorAll(".grid table")) {
    const shown = filter(table, choice);
    if (!table.checkVisibility()) continue;
    seen += shown;
    all += table.tBodies[0].rows.length;
  }
  left.textContent = isAny ? "" : `${seen} of ${all} series`;
}

function keep() {
  const kept = new URLSearchParams();
  for (const name of NAMES) if (form.elements[name].value) kept.set(name, form.elements[name].value);
  const query = kept.toString();
  history.replaceState(null, "", `${query ? `?${query}` : location.pathname}${location.hash}`);
}

/* A CUDA is asked for where there is CUDA. */
function turnToCuda() {
  const tabs = [...document.querySelectorAll(".tabs [id$='-cuda']")];
  const tab = tabs.find((shown) => shown.checkVisibility());
  if (form.elements.cuda.value && tab) tab.click();
}

function begin() {
  const asked = new URLSearchParams(location.search);
  for (const name of NAMES) {
    if (asked.has(name)) form.elements[name].value = asked.get(name);
    if (form.elements[name].selectedIndex < 0) form.elements[name].value = "";
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    keep();
    if (event.target.name === "cuda") turnToCuda();
    apply();
  });
  document.addEventListener("click", (event) => {
    if (event.target.matches(".tabs button")) apply();
  });
  if ([...asked.keys()].length) apply();
}

begin();
