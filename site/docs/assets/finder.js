/* The finder: reads the form, keeps the choice in the address, shows the answer. What it says comes
   from the index; every text is set as text, never as markup. On the home page it is brief. */

import { find, isOnArm, notDriver, older, opened, understood } from "./find-rules.js";
import { nearestChanges } from "./nearest-changes.js";

const form = document.getElementById("ask");
const told = document.getElementById("told");
const summary = document.getElementById("summary");
const TEXTS = ["gpu", "driver"];
const NAMES = ["os", "python", "device", ...TEXTS];
const DOTTED = /^[0-9]{1,9}(\.[0-9]{1,9}){0,3}$/;
const MOST_PUBLISHED = 4;
const PAUSE = 250; // milliseconds without a key before what is typed is read
const isBrief = "brief" in form.dataset;
let index = null;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/* What is asked. */

const value = (name) => (form.elements[name].value || "").trim();

function asked() {
  const [os, arch] = value("os").split("-");
  const question = { os, arch, python: value("python") || null, device: value("device") };
  if (question.device === "cpu") return { question };
  const driver = value("driver");
  if (driver && !DOTTED.test(driver)) {
    return { fault: "A driver version is written like 535.104.05; nvidia-smi shows it." };
  }
  const misread = driver && notDriver(index, driver);
  if (misread) return { fault: misread };
  question.driver = driver || null;
  return aboutGpu(question, value("gpu"));
}

function aboutGpu(question, text) {
  if (!text) return { question };
  const meant = understood(index, { ...question, gpu: text });
  const { compute_capability: capability = null } = meant.question || {};
  if (meant.question && question.os === "linux" && isOnArm(index, text, capability)) {
    meant.question.arch = "arm64";
  }
  if ("unknown" in meant) return { fault: `No GPU is known as “${text}”. Choose one from the list.` };
  return { ...meant, gpu: text };
}

/* The address keeps the choice; one that names a GPU need not say that it computes on one. */

function choose() {
  const given = new URLSearchParams(location.search);
  if (given.get("gpu") && !given.has("device")) given.set("device", "gpu");
  for (const name of NAMES) {
    const field = form.elements[name];
    const before = field.value;
    if (given.has(name)) field.value = given.get(name).slice(0, 300);
    if (field.value === "" && !TEXTS.includes(name)) field.value = before;
  }
}

function kept() {
  const choice = new URLSearchParams();
  const isCpu = value("device") === "cpu";
  for (const name of NAMES) {
    if (value(name) && !(isCpu && TEXTS.includes(name))) choice.set(name, value(name));
  }
  return choice;
}

/* What is told. */

function answer() {
  if (!isBrief) history.replaceState(null, "", `?${kept()}`);
  const { question, fault, choices, gpu } = asked();
  if (question) {
    show(find(index, question));
  } else if (fault) {
    say(fault);
    told.replaceChildren();
  } else {
    say(`“${gpu}” can mean GPUs of different compute capabilities.`);
    told.replaceChildren(ambiguous(choices));
  }
}

function say(text) {
  if (summary.textContent !== text) summary.textContent = text;
}

function ambiguous(choices) {
  const buttons = choices.map((choice) => {
    const button = make("button", { type: "button", class: "way" }, choice);
    button.addEventListener("click", () => {
      form.elements.gpu.value = choice;
      answer();
    });
    return button;
  });
  /* drivers for GPUs before Maxwell do not know that query */
  const isOld = choices.some((choice) => older(choice, "5.0"));
  const command = isOld ? "lspci" : "nvidia-smi --query-gpu=compute_cap --format=csv";
  return make(
    "div",
    { class: "which" },
    make("p", {}, "Which is yours? ", make("code", {}, command), " tells."),
    make("p", { class: "ways" }, ...buttons),
  );
}

function show(found) {
  const { answer: best, rejected } = found;
  const isRelease = best !== null && best.kind === "release";
  const newer = rejected.filter((entry) => !isRelease || older(best.series, entry.series));
  const others = rejected.filter((entry) => !newer.includes(entry));
  say(best ? title(best) : "No release fits.");
  if (isBrief) return brief(found);
  told.replaceChildren(
    ...(best ? [proof(found), ...setUp(best)] : []),
    section("What comes nearest", nearest(found)),
    section("Published elsewhere, and proven by no run of ours", ...elsewhere(found)),
    section(isRelease ? "For a newer release" : "What people use instead", instead(found, newer)),
    section(isRelease ? "Why no newer release" : best ? "Why no release" : "Why not", reasons(newer)),
    section("Also fits", also(found.also)),
    others.length ? folded("What else does not fit", reasons(others)) : "",
  );
}

function brief(found) {
  const { answer: best, rejected } = found;
  const text = best ? "Check it, and see what else fits" : "See why, and what people use";
  const more = make("a", { class: "more", href: `${form.getAttribute("action")}?${kept()}` }, text);
  const closest = best || !rejected.length ? "" : reasons(rejected.slice(0, 1));
  told.replaceChildren(
    ...(best ? [proof(found), setUp(best)[0]] : [nearest(found) || "", closest]),
    make("p", {}, more),
  );
}

function title(fit) {
  const aside = fit.kind === "candidate" ? " (release candidate)" : "";
  const device = index.device_names[fit.device];
  return `${fit.distribution} ${fit.release} on Python ${fit.python}, ${device}${aside}`;
}

/* The nearest changes that fit: what the change is, what fits then and its rung, a link that asks the
   finder where its form can, and the command. */
function nearest(found) {
  const changes = nearestChanges(index, found);
  if (!changes.length) return null;
  const items = changes.map(({ told: text, command, answer: best, change }) => {
    const address = addressAsking({ ...found.asked, ...change }, change);
    const name = title(best);
    const what = address ? make("a", { href: address }, name) : name;
    const but = index.words["but-wsl2"];
    const notRun = best.proof.sentence.includes(but) ? ` ${capital(but.replace("; ", ""))}.` : "";
    return make(
      "li",
      {},
      make("p", {}, make("strong", {}, text), ": ", what, ". ", badge(best.rung), notRun),
      snippet("Ask it", command, "shell"),
    );
  });
  return make("ul", { class: "nearest" }, ...items);
}

/* The address of the finder that asks a changed question, or null where its form cannot. */
function addressAsking({ os, arch, python, device, gpu, driver }, change) {
  const system = `${os}-${arch}`;
  const isThere = [...form.elements.os.options].some((option) => option.value === system);
  if (!isThere || ["glibc", "macos", "xla"].some((name) => change[name])) return null;
  const choice = new URLSearchParams({ os: system, python: python || "", device });
  if (device === "gpu" && gpu) choice.set("gpu", gpu);
  if (device === "gpu" && driver) choice.set("driver", driver);
  return `${form.getAttribute("action") || ""}?${choice}`;
}

/* A series page has the cells of its own wheels, and none of those that need a plug-in. */
function addressOf(fit) {
  const page = `${form.dataset.root}tf/${fit.series}/`;
  const system = value("os") === "wsl2-x86_64" ? "wsl2" : fit.platform;
  return fit.plugin ? page : `${page}#on-${system}-${fit.device}-${fit.python}`;
}

function badge(rung) {
  const template = rung && document.getElementById(`badge-${rung}`);
  return template ? template.content.cloneNode(true) : "";
}

/* The badge alone, for the sentence that follows it says more than the badge's own. */
function sure(best) {
  const shown = badge(best.rung);
  return [shown && shown.firstElementChild, ` ${best.proof.sentence}`];
}

function proof({ answer: best, proven }) {
  const more = best.plugin ? "See the series" : "See the proof";
  const terms = [["Sure", [...sure(best), " ", make("a", { href: addressOf(best) }, more)]]];
  if (!proven) {
    terms.push(["Proven", ["No run proves a release on a machine like this yet."]]);
  } else if (title(proven) !== title(best)) {
    const link = make("a", { href: addressOf(proven) }, title(proven));
    terms.push(["Proven", ["The newest that a run proves: ", link, "."]]);
  }
  terms.push(["Why", listed(best.because)], ["Mind", listed(best.caveats)]);
  const rows = terms
    .filter(([, texts]) => texts.length)
    .map(([term, texts]) => make("div", {}, make("dt", {}, term), make("dd", {}, ...texts)));
  return make("dl", { class: "answer" }, ...rows);
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

const listed = (texts) => texts.map((text) => make("p", {}, capital(text)));

function snippet(name, text, shell) {
  return make(
    "figure",
    { class: "snippet" },
    make(
      "figcaption",
      {},
      make("span", {}, name),
      make("span", { class: "shell" }, shell),
      make("button", { type: "button", class: "copy" }, "Copy"),
    ),
    make("pre", { tabindex: "0", "aria-label": name }, make("code", {}, text)),
  );
}

function setUp(best) {
  const shell = best.platform.startsWith("windows") ? "PowerShell" : "bash";
  const checks = best.check.map((text, number) =>
    snippet(best.check.length > 1 ? `Check it, ${number + 1}` : "Check it", text, shell),
  );
  return [snippet("Set up", best.setup.join("\n"), shell), ...checks];
}

function section(name, ...content) {
  const there = content.filter((part) => part);
  return there.length ? make("section", {}, make("h2", {}, name), ...there) : "";
}

const folded = (name, content) => make("details", {}, make("summary", {}, name), content);

function also(fits) {
  if (!fits.length) return null;
  const link = (fit) => {
    const aside = fit.certain ? "" : " perhaps";
    return make("a", { class: "chip", href: addressOf(fit) }, fit.release, make("small", {}, aside));
  };
  return make("p", { class: "chips" }, ...fits.flatMap((fit) => [link(fit), " "]));
}

/* Series that follow each other for the same reasons share a row; a candidate has its own. */
function reasons(rejected) {
  const rows = [];
  for (const series of rejected) {
    const text = series.reasons.map((reason) => reason.text).join("\n");
    const name = series.kind === "release" ? series.series : series.release;
    const before = rows.at(-1);
    if (before && before.kind === series.kind && before.text === text) before.oldest = name;
    else {
      const { kind, reasons: against } = series;
      rows.push({ text, kind, newest: name, oldest: name, reasons: against });
    }
  }
  if (!rows.length) return null;
  return make("dl", { class: "reasons" }, ...rows.map(row));
}

function row({ newest, oldest, reasons: against }) {
  const span = newest === oldest ? newest : `${oldest}–${newest}`;
  const texts = against.map((reason) =>
    make("dd", {}, capital(reason.text), ...reason.sources.slice(0, 1).map(source)),
  );
  return make("div", {}, make("dt", {}, span), ...texts);
}

function source(address) {
  if (!address.startsWith("https://")) return "";
  const [host, ...path] = address.slice("https://".length).split("/");
  const isThread = host === "github.com" && ["issues", "pull"].includes(path[2]);
  const isProject = host === "gitlab.com";
  const other = isProject ? address.slice("https://".length).split("/-/")[0] : host;
  const text = isThread ? `${path[0]}/${path[1]}#${path[3]}` : other;
  return make("small", {}, " ", make("a", { href: address, rel: "noopener" }, text));
}

/* What others publish outside the package index: the newest of each release, as the page of
   `python -m kb find` has it. */
function elsewhere({ elsewhere: builds }) {
  const newest = new Map();
  for (const build of builds) if (!newest.has(build.release)) newest.set(build.release, build);
  return [...newest.values()].slice(0, MOST_PUBLISHED).flatMap((build) => {
    const told = [`${build.distribution} ${build.release} of ${build.publisher}`];
    if (build.needs) told.push(`for ${build.needs}`);
    const pythons = build.python.join(", ");
    told.push(pythons ? `Python ${pythons}` : "for which Python is not known");
    const note = build.note ? `: ${build.note}` : "";
    const where = source(build.command ? build.sources[0] : build.address);
    const text = make("p", {}, `${told.join(", ")}${note}`, where);
    return [text, build.command ? snippet("Install it", build.command, "bash") : null];
  });
}

function instead(found, newer) {
  const { answer: best, rejected } = found;
  const newest = newer.find((entry) => entry.kind === "release");
  const texts = newest ? newest.reasons.flatMap((reason) => reason.instead) : [];
  if (!best) {
    /* what to do about the driver, by the newest series of which that is told */
    const releases = rejected.filter((entry) => entry.kind === "release");
    const reasons = releases.flatMap((entry) => entry.reasons);
    const driver = reasons.find((reason) => reason.rule === "driver" && reason.instead.length);
    if (driver) texts.unshift(...driver.instead);
  }
  const isInWsl2 = nearestChanges(index, found).some(({ change }) => change.os === "wsl2");
  const untold = texts.filter((text) => !isInWsl2 || !text.includes("WSL2")); // told better above
  if (!untold.length) return null;
  const items = [...new Set(untold)].map((text) => make("li", {}, text));
  return make("ul", { class: "instead" }, ...items);
}

/* Begin. */

/* Give way to what a person does before the next piece of work. */
const pause = () => new Promise((resolve) => setTimeout(resolve));

async function begin() {
  choose();
  try {
    const reply = await fetch(form.dataset.index);
    const read = await reply.json();
    await pause();
    index = opened(read);
    await pause();
  } catch {
    say("The finder's data could not be read. The matrix has the same facts.");
    return;
  }
  let waiting = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (TEXTS.includes(event.target.name)) waiting = setTimeout(answer, PAUSE);
    else answer();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    answer();
  });
  answer();
}

begin();
