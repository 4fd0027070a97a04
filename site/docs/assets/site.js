/* Without this script every choice is on the page, one below the other. With it, one is shown at a
   time, the address keeps the choice, and each snippet has a button that copies it. The style sheet
   shows the first ones alone before the script has run, so that nothing moves. */
"use strict";

/* Choices: a row of tabs over the sections of each .choose. What is chosen in one group is chosen in
   every group of the same kind that has it: who takes Python 3.10 on Linux wants it on Windows too. */
const sectionsOf = (group) => [...group.children].filter((child) => child.dataset.choice);
const tabOf = (section) => document.getElementById(`tab-${section.id}`);

function choose(group) {
  const sections = sectionsOf(group);
  const tabs = sections.map(tabOf);
  sections.forEach((section, place) => {
    section.setAttribute("role", "tabpanel");
    section.setAttribute("aria-labelledby", tabs[place].id);
    section.hidden = place > 0;
    tabs[place].addEventListener("click", () => {
      showAlike(group.dataset.choose, section.dataset.choice);
      keep(section);
    });
  });
  group.firstElementChild.addEventListener("keydown", (event) => walk(event, tabs));
  group.classList.add("chosen");
}

function showAlike(kind, choice) {
  for (const group of document.querySelectorAll(`[data-choose="${kind}"]`)) {
    const alike = sectionsOf(group).find((one) => one.dataset.choice === choice);
    if (alike && alike.hidden) show(alike);
  }
}

function show(section) {
  for (const other of sectionsOf(section.parentElement)) {
    const isShown = other === section;
    const tab = tabOf(other);
    other.hidden = !isShown;
    tab.setAttribute("aria-selected", String(isShown));
    tab.tabIndex = isShown ? 0 : -1;
  }
}

function walk(event, tabs) {
  const steps = { ArrowLeft: -1, ArrowRight: 1 };
  const here = tabs.indexOf(document.activeElement);
  let next = here + (steps[event.key] || 0);
  if (event.key === "Home") next = 0;
  if (event.key === "End") next = tabs.length - 1;
  if (here < 0 || next === here) return;
  event.preventDefault();
  const tab = tabs[(next + tabs.length) % tabs.length];
  tab.focus();
  tab.click();
}

/* The innermost section that is shown names the choice; the first tool goes without saying. */
function keep(section) {
  const isFirstTool = (one) =>
    one.parentElement.dataset.choose === "Tool" && one === sectionsOf(one.parentElement)[0];
  let inner = isFirstTool(section) ? section.parentElement.closest("[data-choice]") : section;
  for (;;) {
    const next = inner.querySelector(":scope .choose > [data-choice]:not([hidden])");
    if (!next || isFirstTool(next)) break;
    inner = next;
  }
  history.replaceState(null, "", `#${inner.id}`);
}

function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let one = target; one; one = one.parentElement) {
    if (one.dataset.choice && one.hidden) show(one);
    if (one.tagName === "DETAILS") one.open = true;
  }
  const group = target.dataset.choice ? outermost(target) : null;
  (group || target).scrollIntoView();
}

function outermost(section) {
  let group = section.parentElement;
  for (let one = group; one; one = one.parentElement) {
    if (one.classList.contains("choose")) group = one;
  }
  return group;
}

/* Snippets: copy exactly what stands in the code. */
function copyable(figure) {
  const text = figure.querySelector("pre > code").textContent.replace(/\n$/, "");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    announce("Copied");
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  figure.querySelector("figcaption").append(button);
}

/* The code of pages that are written by hand gets the frame that the generated snippets have. */
function framed(pre) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const shell = document.createElement("span");
  figure.className = "snippet";
  shell.className = "shell";
  shell.textContent = "bash";
  caption.append(shell);
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

document.querySelectorAll(".choose").forEach(choose);
document.querySelectorAll("article > pre").forEach(framed);
if (navigator.clipboard) document.querySelectorAll("figure.snippet").forEach(copyable);
addEventListener("hashchange", reveal);
if (location.hash) {
  reveal();
  // Once more when the browser has gone to the anchor by itself, which hides what is above it.
  addEventListener("load", () => requestAnimationFrame(reveal));
}
