// A learning curve: loss and validation loss by epoch, drawn by uPlot in the page's own colours.

import { figure } from "./figures.js";

const HEIGHT = 260;

export class Curve {
  // `element` holds the drawing; `readout` shows the values under the cursor.
  constructor(element, readout) {
    this.element = element;
    this.readout = readout;
    this.logarithmic = false;
    this.points = new Map();
    this.plot = null;
    this.frame = null;
    new ResizeObserver(() => this.plot?.setSize(this.#size())).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#rebuild());
    this.#rebuild();
  }

  clear() {
    this.points.clear();
    this.#drawSoon();
  }

  // Points are merged by epoch: a training that was resumed repeats some epochs, with the same losses.
  add(points) {
    for (const { epoch, loss, validation_loss } of points) this.points.set(epoch, { loss, validation_loss });
    this.#drawSoon();
  }

  setLogarithmic(logarithmic) {
    this.logarithmic = logarithmic;
    this.#rebuild();
  }

  #drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.plot.setData(this.#data());
      this.#describe();
    });
  }

  #data() {
    const epochs = [...this.points.keys()].sort((a, b) => a - b);
    const drawable = (value) => (value === null || (this.logarithmic && value <= 0) ? null : value);
    const series = (name) => epochs.map((epoch) => drawable(this.points.get(epoch)[name] ?? null));
    return [epochs, series("loss"), series("validation_loss")];
  }

  #describe() {
    const last = Math.max(...this.points.keys());
    const point = this.points.get(last);
    this.element.dataset.points = this.points.size;
    this.element.ariaLabel = point
      ? `Loss by epoch: ${figure(point.loss)} after epoch ${last}, validation loss ${figure(point.validation_loss)}`
      : "Loss by epoch: nothing yet";
  }

  #size() {
    return { width: Math.max(200, this.element.clientWidth), height: HEIGHT };
  }

  #rebuild() {
    this.plot?.destroy();
    this.plot = new uPlot(this.#options(), this.#data(), this.element);
    this.#describe();
  }

  #options() {
    const style = getComputedStyle(this.element);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour("--muted"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    const line = (name, dash) => ({ stroke: colour(name), width: 2, dash, spanGaps: true, points: { show: false } });
    return {
      ...this.#size(),
      legend: { show: false },
      cursor: { drag: { x: true, y: false }, points: { size: 7 } },
      scales: { x: { time: false }, y: this.logarithmic ? { distr: 3 } : {} },
      axes: [{ ...axis, size: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5] }, { ...axis, size: 62 }],
      series: [{}, line("--loss"), line("--validation-loss", [6, 4])],
      hooks: { setCursor: [(plot) => this.#readOut(plot)] },
    };
  }

  #readOut(plot) {
    const index = plot.cursor.idx;
    const [epochs, loss, validation] = plot.data;
    this.readout.textContent =
      index === null || index === undefined
        ? ""
        : `epoch ${epochs[index]}: ${figure(loss[index])}, validation ${figure(validation[index])}`;
  }
}
