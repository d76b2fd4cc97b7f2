/** What stays in place over a page while the rest of it scrolls. */

/** Tell the style sheet how much of the window the player covers, so that focus is never under it. */
export function keepHeight(root) {
  const measure = () => {
    const covering = getComputedStyle(root).position !== "static";
    const height = covering ? `${Math.ceil(root.getBoundingClientRect().height)}px` : "0px";
    document.documentElement.style.setProperty("--player-height", height);
  };
  new ResizeObserver(measure).observe(root);
  window.addEventListener("resize", measure);
  measure();
}
