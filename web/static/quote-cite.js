// Copy a citation as text, and with its italics where the place that it is pasted in has any.

const told = document.getElementById("cite-told");

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(document.getElementById(button.dataset.copies)));
}

async function copy(cited) {
  told.textContent = "";
  try {
    await write(cited);
    told.textContent = told.dataset.copied;
  } catch {
    getSelection().selectAllChildren(cited);
    told.textContent = told.dataset.failed;
  }
}

async function write(cited) {
  const text = cited.textContent;
  if (cited.localName === "code" || !window.ClipboardItem) return navigator.clipboard.writeText(text);
  const kinds = { "text/plain": text, "text/html": cited.innerHTML };
  const parts = Object.entries(kinds).map(([type, held]) => [type, new Blob([held], { type })]);
  return navigator.clipboard.write([new ClipboardItem(Object.fromEntries(parts))]);
}
