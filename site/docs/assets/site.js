/* Without this script every choice is on the page, one below the other. With it, one is shown at a
   time, the address keeps the choice, and each snippet has a button that copies it. */
"use strict";

/* Choices: a row of tabs over the sections of each .choose. */
function choose(group) {
  const sections = [...group.children].filter((child) => child.dataset.choice);
  if (sections.length === 0) return;
  const row = document.createElement("div");
  row.className = "tabs";
  row.setAttribute("role", "tablist");
  row.setAttribute("aria-label", group.dataset.choose);
  const tabs = sections.map((section) => tabOf(section));
  row.append(...tabs);
  group.prepend(row);
  group.classList.add("chosen");
  tabs.forEach((tab, place) => {
    tab.addEventListener("click", () => {
      show(sections[place]);
      keep(sections[place]);
    });
  });
  row.addEventListener("keydown", (event) => walk(event, tabs));
  show(sections[0]);
}

function tabOf(section) {
  const tab = document.createElement("button");
  tab.type = "button";
  tab.id = `tab-${section.id}`;
  tab.textContent = section.dataset.choice;
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", section.id);
  section.setAttribute("role", "tabpanel");
  section.setAttribute("aria-labelledby", tab.id);
  return tab;
}

function show(section) {
  for (const other of section.parentElement.children) {
    if (!other.dataset.choice) continue;
    const isShown = other === section;
    other.hidden = !isShown;
    const tab = document.getElementById(`tab-${other.id}`);
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

/* The innermost section that is shown names the choice. */
function keep(section) {
  let inner = section;
  for (;;) {
    const next = inner.querySelector(":scope .choose > [data-choice]:not([hidden])");
    if (!next) break;
    inner = next;
  }
  history.replaceState(null, "", `#${inner.id}`);
}

function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let one = target; one; one = one.parentElement) {
    if (one.dataset.choice) show(one);
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
