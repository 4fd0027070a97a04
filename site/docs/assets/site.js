/* Without this script every choice is on the page, one below the other. With it, one is shown at a
   time, the address keeps the choice, and each snippet has a button that copies it. Before a tab is
   touched the style sheet shows the first ones alone; nothing is done to a page when it opens. */
"use strict";

/* Choices: a row of tabs over the sections of each .choose. What is chosen in one group is chosen in
   every group of the same kind that has it: who takes Python 3.10 on Linux wants it on Windows too. */
const sectionsOf = (group) => [...group.children].filter((child) => child.dataset.choice);
const tabOf = (section) => document.getElementById(`tab-${section.id}`);
const isShown = (section) => tabOf(section).getAttribute("aria-selected") === "true";

function choose(tab) {
  const section = document.getElementById(tab.getAttribute("aria-controls"));
  const kind = section.parentElement.dataset.choose;
  for (const group of document.querySelectorAll(`[data-choose="${kind}"]`)) {
    const alike = sectionsOf(group).find((other) => other.dataset.choice === section.dataset.choice);
    if (alike && !isShown(alike)) show(alike);
  }
  keep(section);
}

function show(section) {
  const group = section.parentElement;
  group.classList.add("chosen");
  for (const other of sectionsOf(group)) {
    const tab = tabOf(other);
    other.hidden = other !== section;
    tab.setAttribute("aria-selected", String(other === section));
    tab.tabIndex = other === section ? 0 : -1;
  }
}

function walk(event) {
  const tab = event.target.closest(".tabs > button");
  if (!tab) return;
  const tabs = [...tab.parentElement.children];
  const steps = { ArrowLeft: -1, ArrowRight: 1 };
  const here = tabs.indexOf(tab);
  let next = here + (steps[event.key] || 0);
  if (event.key === "Home") next = 0;
  if (event.key === "End") next = tabs.length - 1;
  if (next === here) return;
  event.preventDefault();
  const other = tabs[(next + tabs.length) % tabs.length];
  other.focus();
  other.click();
}

/* The innermost section that is shown names the choice; the first tool goes without saying. */
function keep(section) {
  const isFirstTool = (section) =>
    section.parentElement.dataset.choose === "Tool" && section === sectionsOf(section.parentElement)[0];
  let inner = isFirstTool(section) ? section.parentElement.closest("[data-choice]") : section;
  for (;;) {
    const group = inner.querySelector(".choose");
    const next = group && sectionsOf(group).find(isShown);
    if (!next || isFirstTool(next)) break;
    inner = next;
  }
  history.replaceState(null, "", `#${inner.id}`);
}

function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let element = target; element; element = element.parentElement) {
    if (element.dataset.choice && !isShown(element)) show(element);
    if (element.tagName === "DETAILS") element.open = true;
  }
  const group = target.dataset.choice ? outermost(target) : null;
  (group || target).scrollIntoView();
}

function outermost(section) {
  let group = section.parentElement;
  for (let element = group; element; element = element.parentElement) {
    if (element.classList.contains("choose")) group = element;
  }
  return group;
}

/* Snippets: copy exactly what stands in the code. */
async function copy(button) {
  const code = button.closest("figure").querySelector("pre code");
  await navigator.clipboard.writeText(code.textContent.replace(/\n$/, ""));
  button.textContent = "Copied";
  announce("Copied");
  setTimeout(() => (button.textContent = "Copy"), 2000);
}

/* The code of pages that are written by hand gets the frame that the generated snippets have. */
function framed(pre) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const shell = document.createElement("span");
  const button = document.createElement("button");
  figure.className = "snippet";
  shell.className = "shell";
  shell.textContent = "bash";
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  caption.append(shell, button);
  pre.tabIndex = 0;
  pre.replaceWith(figure);
  figure.append(caption, pre);
}

const live = document.createElement("p");
live.className = "for-ears";
live.setAttribute("aria-live", "polite");
document.body.append(live);
function announce(text) {
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 50);
}

document.querySelectorAll("article > pre").forEach(framed);
document.addEventListener("click", (event) => {
  const tab = event.target.closest(".tabs > button");
  const button = event.target.closest(".snippet .copy");
  if (tab) choose(tab);
  if (button) copy(button);
});
document.addEventListener("keydown", walk);
addEventListener("hashchange", reveal);
if (location.hash) {
  reveal();
  // Once more when the browser has gone to the anchor by itself, which hides what is above it.
  addEventListener("load", () => requestAnimationFrame(reveal));
}
