// Before anything is drawn: the style sheet shows what needs a script only where there is one.
document.documentElement.classList.add("scripted", navigator.clipboard ? "copies" : "scripted");
