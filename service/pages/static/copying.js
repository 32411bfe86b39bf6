// Buttons that copy a command: `data-copies` names the element that holds it.

const FEEDBACK_MILLISECONDS = 2000;

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.textContent);
    showFeedback(button, "Copied");
  } catch {
    // Without permission to write to the clipboard, the command is at least selected.
    getSelection().selectAllChildren(source);
    showFeedback(button, "Selected");
  }
});

function showFeedback(button, text) {
  button.dataset.text ??= button.textContent;
  button.textContent = text;
  setTimeout(() => (button.textContent = button.dataset.text), FEEDBACK_MILLISECONDS);
}
