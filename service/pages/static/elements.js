// Creates elements; text stays text, and `words` in backticks become code.

export function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...prose(text));
  return node;
}

export function prose(text) {
  return text.split(/`([^`]+)`/).map((piece, place) => {
    if (place % 2 === 0) return piece;
    const code = document.createElement("code");
    code.textContent = piece;
    return code;
  });
}
