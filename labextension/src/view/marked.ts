/** Return a sentence with its names, which stand between backticks, as code. */
export function marked(sentence: string): (string | HTMLElement)[] {
  return sentence.split('`').map((part, i) => {
    if (i % 2 === 0) {
      return part;
    }
    const code = document.createElement('code');
    code.textContent = part;
    return code;
  });
}
