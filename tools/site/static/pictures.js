// Draws the pictures in the colours of the page, and again when these change.
const pictures = [...document.querySelectorAll("pre.mermaid")].map((place) => ({ place, text: place.textContent }));
const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

async function draw() {
  const chosen = document.body.dataset.theme;
  const dark = chosen === "dark" || (chosen !== "light" && darkSystem.matches);
  mermaid.initialize({ startOnLoad: false, theme: dark ? "dark" : "neutral" });
  for (const { place, text } of pictures) {
    place.textContent = text;
    delete place.dataset.processed;
  }
  await mermaid.run({ nodes: pictures.map(({ place }) => place) });
}

draw();
darkSystem.addEventListener("change", draw);
new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-theme"] });
