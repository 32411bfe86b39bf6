// Making elements; text stays text, and `words` in backticks become code.

export function element(tag, className = "", text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...prose(text));
  return made;
}

export function prose(text) {
  return text.split(/`([^`]+)`/).map((piece, place) => {
    if (place % 2 === 0) return piece;
    const code = document.createElement("code");
    code.textContent = piece;
    return code;
  });
}
