/* Lists with data-filter get a field. An item stays that holds every word of it, or of which a
   message stands in it: people type a part of a message, or paste more than the message. */

const SPACE = /\s+/;

function holds(item, words) {
  const text = `${item.textContent} ${item.dataset.also}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function isIn(item, pasted) {
  const messages = [...item.querySelectorAll("code")].map((code) => code.textContent);
  return messages.some((message) => pasted.includes(message.toLowerCase()));
}

function filtered(list) {
  const label = document.createElement("label");
  const field = document.createElement("input");
  const none = document.createElement("p");
  label.className = "filter";
  field.type = "search";
  label.append(list.dataset.filter, field);
  none.setAttribute("role", "status");
  list.before(label);
  list.after(none);
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(SPACE).filter(Boolean);
    const has = (item) => holds(item, words) || isIn(item, field.value.toLowerCase());
    let shown = 0;
    for (const section of list.querySelectorAll("section")) {
      const items = [...section.querySelectorAll("li")];
      for (const item of items) item.hidden = !has(item);
      const left = items.filter((item) => !item.hidden).length;
      section.hidden = left === 0;
      shown += left;
    }
    none.textContent = shown ? "" : "No message that we know holds this.";
  });
}

document.querySelectorAll("[data-filter]").forEach(filtered);
