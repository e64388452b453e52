// Charts: Vega-Lite specifications that stand on the page as data, drawn in the page's colours.
// Vega is fetched only by pages that have a chart; expressions are interpreted, never evaluated (no unsafe-eval).
"use strict";

const loaded = new Map();

function load(url) {
  if (!loaded.has(url)) {
    loaded.set(url, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = url;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`could not load ${url}`));
      document.head.append(script);
    }));
  }
  return loaded.get(url);
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function theme() {
  const ink = colour("--fm-ink");
  const muted = colour("--fm-muted");
  const line = colour("--fm-line");
  return {
    background: "transparent",
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis: { labelColor: muted, titleColor: muted, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
    legend: { labelColor: ink, titleColor: muted, labelFontSize: 12 },
    title: { color: ink },
    text: { color: ink },
    header: { labelColor: ink, titleColor: muted },
    mark: { tooltip: false },
  };
}

async function draw(place) {
  const spec = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  for (const url of place.dataset.chartScripts.split(" ")) await load(url);
  place.result?.finalize();
  const { config, ...rest } = spec;
  const wanted = { ...rest, autosize: rest.autosize ?? { type: "fit-x", contains: "padding" } };
  if (!("hconcat" in wanted || "vconcat" in wanted || "concat" in wanted || "facet" in wanted)) wanted.width = "container";
  // The place is the picture with its description; what Vega says of single marks would repeat it.
  const canvas = place.firstElementChild ?? place.appendChild(document.createElement("div"));
  canvas.setAttribute("aria-hidden", "true");
  place.result = await window.vegaEmbed(canvas, wanted, {
    ast: true,
    actions: false,
    defaultStyle: false,
    tooltip: false,
    renderer: "svg",
    config: window.vega.mergeConfig({}, config ?? {}, theme()),
  });
}

async function drawAll(within) {
  for (const place of within.querySelectorAll("[data-chart]")) {
    try {
      await draw(place);
    } catch (problem) {
      console.error("chart", place.dataset.chart, problem);
    }
  }
}

drawAll(document);
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
new MutationObserver(() => drawAll(document)).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
