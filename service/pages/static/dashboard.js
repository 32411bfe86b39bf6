// Wires the dashboard: the job that is followed, and the parts that refresh after a change.

import "./copying.js";
import "./prediction.js";
import { TrainingPanel } from "./training.js";

const section = document.getElementById("training");
const panel = new TrainingPanel(section);
let pinned = section.dataset.pinned === "yes";
let registered = registeredVersions();

if (section.dataset.job) panel.show(section.dataset.job);

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-follows]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  pinned = true;
  history.replaceState(null, "", link.href);
  panel.show(link.dataset.follows);
  section.scrollIntoView({ block: "start" });
});

document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden) event.preventDefault();
});

document.addEventListener("htmx:after:swap", (event) => {
  document.getElementById("connection").hidden = true;
  followNewest();
  announceNewVersions();
  focusTarget(event.detail.ctx?.sourceElement);
});

document.addEventListener("htmx:error", () => {
  document.getElementById("connection").hidden = false;
});

// A training that starts is shown in the panel, unless the user chose a job or the panel follows one that runs.
function followNewest() {
  const newest = document.querySelector("[data-newest]")?.dataset.newest;
  if (newest && !pinned && !panel.isFollowingLiveJob) panel.show(newest);
}

function announceNewVersions() {
  const current = registeredVersions();
  if (current === registered) return;
  registered = current;
  document.body.dispatchEvent(new CustomEvent("registry-changed"));
}

function registeredVersions() {
  return document.querySelector("#models [data-registered]")?.dataset.registered;
}

function focusTarget(source) {
  const target = source?.dataset?.focuses;
  if (target) document.querySelector(`#${target} select, #${target} input`)?.focus();
}
