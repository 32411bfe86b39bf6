// The panel of one job: its state, its progress, its curve, and the buttons that end it.

import { Curve } from "./curve.js";
import { element, prose } from "./elements.js";
import { duration, figure } from "./figures.js";
import { ENDED, followJob, getCurve, getJson } from "./job_stream.js";

const FIRST_FILL_MILLISECONDS = 1000;
const FORMATS = { eta_seconds: duration };

export class TrainingPanel {
  constructor(section) {
    this.section = section;
    this.curve = new Curve(this.#find("#curve"), this.#find("#curve-readout"));
    this.job = null;
    this.stop = () => {};
    this.#find("#curve-logarithmic").addEventListener("change", (event) => this.curve.setLogarithmic(event.target.checked));
    this.#find("#training-actions").addEventListener("click", (event) => this.#interrupt(event.target.closest("button")));
  }

  get isFollowingLiveJob() {
    return this.job !== null && !ENDED.has(this.job.state);
  }

  async show(id) {
    if (this.section.dataset.job === id && this.job !== null) return;
    this.stop();
    this.section.dataset.job = id;
    this.curve.clear();
    const job = await getJson(`/jobs/${id}`).catch(() => null);
    if (job === null || this.section.dataset.job !== id) return;
    this.#showJob(job);
    this.#showWholeCurve(id);
    if (ENDED.has(job.state)) return;
    this.#fillIn(id, FIRST_FILL_MILLISECONDS);
    this.stop = followJob(id, {
      onState: (changedJob) => this.#changeState(changedJob),
      onProgress: (progress) => this.#showProgress(progress),
      onCurve: (points) => this.curve.add(points),
    });
  }

  // The stream has only a few epochs a second: the others are fetched at intervals, each twice as long as the last.
  #fillIn(id, delay) {
    setTimeout(() => {
      if (this.section.dataset.job !== id || !this.isFollowingLiveJob) return;
      this.#showWholeCurve(id);
      this.#fillIn(id, 2 * delay);
    }, delay);
  }

  async #showWholeCurve(id) {
    const points = await getCurve(id).catch(() => []);
    if (this.section.dataset.job === id) this.curve.add(points);
  }

  #changeState(job) {
    this.#showJob(job);
    if (!ENDED.has(job.state)) return;
    this.#showWholeCurve(job.id);
    document.body.dispatchEvent(new CustomEvent("job-ended"));
  }

  #showJob(job) {
    this.job = job;
    this.#find("#training-name").textContent = `${job.kind} ${job.model}`;
    const state = this.#find("#training-state");
    state.textContent = job.state;
    state.className = `state ${job.state}`;
    this.#find("#training-actions").hidden = ENDED.has(job.state);
    this.#find("#curve-values").href = `/jobs/${job.id}/curve`;
    this.#showError(job.error);
    this.#showProgress(job.progress ?? {});
  }

  #showError(error) {
    const place = this.#find("#training-error");
    place.hidden = !error;
    place.replaceChildren();
    if (!error) return;
    const link = document.createElement("a");
    link.href = error.type;
    link.textContent = error.title;
    place.append(link, ": ", ...prose(error.detail));
  }

  #showProgress(progress) {
    for (const place of this.section.querySelectorAll("[data-figure]")) {
      const name = place.dataset.figure;
      const value = name === "eta_seconds" && !this.isFollowingLiveJob ? null : progress[name];
      place.textContent = (FORMATS[name] ?? figure)(value);
    }
    if (progress.epochs) this.#find('[data-figure="epoch"]').append(element("small", "", ` of ${figure(progress.epochs)}`));
    const bar = this.#find("#training-progress");
    const done = progress.epochs ? progress.epoch / progress.epochs : 0;
    bar.value = this.job.state === "succeeded" ? 1 : done;
    if (progress.epoch) this.curve.add([progress]);
  }

  async #interrupt(button) {
    if (!button || !this.isFollowingLiveJob) return;
    const body = button.dataset.keep ? { keep: button.dataset.keep } : {};
    const headers = { "Content-Type": "application/json" };
    await fetch(`/jobs/${this.job.id}/cancel`, { method: "POST", headers, body: JSON.stringify(body) });
  }

  #find(selector) {
    return this.section.querySelector(selector);
  }
}
