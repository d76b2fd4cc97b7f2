/** Links to copy, with a word said when it is done. */

/** Show each copy button of a page, and make it copy its link. */
export function copyLinks(page) {
  if (!navigator.clipboard) return; // not on plain http: the heading's link can be copied there
  for (const button of page.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.link);
      button.parentElement.querySelector(".told").textContent = button.dataset.copied;
    });
  }
}
