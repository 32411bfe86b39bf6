// Sends the row in the form to POST /predict, and shows the prediction or what is wrong with the row.

import { element, prose } from "./elements.js";
import { figure } from "./figures.js";

const MOST_CLASSES = 10;

document.addEventListener("submit", (event) => {
  if (event.target.id !== "prediction-form") return;
  event.preventDefault();
  predict(event.target);
});

async function predict(form) {
  const body = requestOf(form);
  showCommand(body);
  showFaults(form, []);
  const answer = document.getElementById("prediction-answer");
  answer.ariaBusy = "true";
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/predict", { method: "POST", headers, body });
    const document_ = await response.json();
    answer.replaceChildren(...(response.ok ? predictionNodes(document_) : problemNodes(form, document_)));
  } catch {
    answer.replaceChildren(paragraph("problem", "The server is not responding."));
  }
  answer.ariaBusy = "false";
}

function requestOf(form) {
  const { model, version } = form.dataset;
  const whole = form.querySelector("[data-row]");
  if (whole) return `{"model": ${JSON.stringify(model)}, "version": ${JSON.stringify(version)}, "inputs": [${whole.value}]}`;
  const row = {};
  for (const field of form.querySelectorAll("[data-feature]")) row[field.dataset.feature] = valueOf(field);
  return JSON.stringify({ model, version, inputs: [row] });
}

function valueOf(field) {
  if (field.value === "") return null;
  if (field.dataset.type === "number") return Number(field.value);
  return field.dataset.type === "boolean" ? field.value === "true" : field.value;
}

function showCommand(body) {
  const quoted = body.replaceAll("'", "'\\''");
  const command = `curl ${location.origin}/predict -H 'Content-Type: application/json' -d '${quoted}'`;
  document.getElementById("prediction-command").textContent = command;
  document.getElementById("prediction-request").hidden = false;
}

function predictionNodes({ model, version, predictions, warnings }) {
  const [prediction] = predictions;
  return [
    paragraph("served-by", `${model}, version ${version}`),
    ...outputNodes(prediction),
    ...(warnings ?? []).map((warning) => paragraph("warning", warning.message)),
  ];
}

function outputNodes({ label, labels, probabilities, value, values }) {
  if (label !== undefined) return [result(String(label)), probabilityTable(probabilities)];
  if (labels !== undefined) {
    const names = Object.keys(labels).filter((name) => labels[name]);
    return [result(names.join(", ") || "none of the labels"), probabilityTable(probabilities)];
  }
  if (values !== undefined) return Object.entries(values).map(([name, number]) => result(`${name}: ${figure(number)}`));
  return [result(figure(value))];
}

function probabilityTable(probabilities) {
  const table = element("table", "chances");
  const caption = element("caption", "unseen", "Probabilities");
  const sorted = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
  const rows = sorted.slice(0, MOST_CLASSES).map(([name, probability]) => {
    const head = element("th");
    head.scope = "row";
    head.textContent = name;
    const meter = element("meter");
    meter.value = probability;
    meter.ariaLabel = `Probability of ${name}`;
    const bar = element("td");
    bar.append(meter);
    const row = element("tr");
    row.append(head, bar, element("td", "number", `${(100 * probability).toFixed(1)} %`));
    return row;
  });
  table.append(caption, ...rows);
  return table;
}

function problemNodes(form, problem) {
  const rest = showFaults(form, problem.errors ?? []);
  return [paragraph("problem", problem.detail ?? problem.title), ...rest.map((error) => paragraph("problem", error.message))];
}

// Shows each error beside its field; returns the errors that belong to no field.
function showFaults(form, errors) {
  const fields = [...form.querySelectorAll("[data-feature]")];
  for (const field of fields) setFault(field, "");
  const rest = [];
  for (const error of errors) {
    const field = fields.find(({ dataset }) => error.location.includes(dataset.feature));
    if (field) setFault(field, error.message);
    else rest.push(error);
  }
  form.querySelector('[aria-invalid="true"]')?.focus();
  return rest;
}

function setFault(field, message) {
  field.setAttribute("aria-invalid", message ? "true" : "false");
  document.getElementById(`${field.id}-fault`).replaceChildren(...prose(message));
}

// A label is the user's own text, so backticks in it are not turned into code.
function result(text) {
  const node = element("p", "result");
  node.textContent = text;
  return node;
}

const paragraph = (className, text) => element("p", className, text);
