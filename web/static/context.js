/** Open the turns around an excerpt inside its card, first one on each side, then three. */

/** Make each context link unfold on the spot; a second press folds it. */
export function openContext(list) {
  list.addEventListener("click", async (event) => {
    const link = event.target.closest("a.context");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const card = link.closest(".card");
    const toggle = card.querySelector(".actions a.context");
    const open = card.querySelector(".around");
    if (open && link === toggle) {
      open.remove();
      toggle.setAttribute("aria-expanded", "false");
      return;
    }
    const around = await fetchContext(link.href).catch(() => null);
    if (!around) { window.location.assign(link.href); return; }
    if (open) open.replaceWith(around);
    else card.querySelector("article").append(around);
    if (link !== toggle) around.focus(); // the link that was pressed is gone
    toggle.setAttribute("aria-expanded", "true");
  });
  for (const link of list.querySelectorAll("a.context")) link.setAttribute("aria-expanded", "false");
}

/** Take the turns, and the link to more of them, out of the page that shows them without script. */
async function fetchContext(address) {
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok) throw new Error(`context: ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const turns = page.getElementById("context");
  const wider = page.getElementById("wider");
  const around = document.createElement("div");
  around.className = "around";
  around.tabIndex = -1;
  const read = page.querySelector("h1 a").getAttribute("href").split("#")[0];
  for (const part of turns.querySelectorAll("[id]")) part.removeAttribute("id"); // one page, many contexts
  for (const time of turns.querySelectorAll("a.time")) time.setAttribute("href", read + time.getAttribute("href"));
  turns.removeAttribute("id");
  around.append(document.adoptNode(turns));
  if (wider) {
    wider.removeAttribute("id");
    wider.classList.add("context");
    around.append(document.adoptNode(wider));
  }
  return around;
}
