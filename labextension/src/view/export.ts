const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = 16;
const MOST = 16_000; // pixels of a side that every browser can paint
// What the style sheet gives to shapes, and a file must have in itself.
const STYLES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'paint-order',
  'font-family',
  'font-size',
  'font-style',
  'font-weight',
  'text-anchor',
  'opacity'
];

/** Save a drawing as a file, as it looks in the page. */
export async function saveDrawing(
  content: SVGGElement,
  size: { width: number; height: number },
  name: string,
  kind: 'svg' | 'png'
): Promise<void> {
  const width = Math.ceil(size.width + 2 * MARGIN);
  const height = Math.ceil(size.height + 2 * MARGIN);
  const text = standalone(content, width, height);
  const svg = new Blob([text], { type: 'image/svg+xml' });
  const file = kind === 'svg' ? svg : await painted(svg, width, height);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = `${name || 'pipeline'}.${kind}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

function standalone(
  content: SVGGElement,
  width: number,
  height: number
): string {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('xmlns', SVG);
  svg.setAttribute('width', `${width}`);
  svg.setAttribute('height', `${height}`);
  svg.setAttribute('viewBox', `${-MARGIN} ${-MARGIN} ${width} ${height}`);
  const ground = document.createElementNS(SVG, 'rect');
  ground.setAttribute('x', `${-MARGIN}`);
  ground.setAttribute('y', `${-MARGIN}`);
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  const panel = content.closest('.jp-kfx-Graph') ?? document.body;
  ground.setAttribute('fill', backgroundOf(panel));
  const copy = content.cloneNode(true) as SVGGElement;
  copy.removeAttribute('transform');
  const originals = [content, ...content.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  originals.forEach((original, i) => {
    const computed = getComputedStyle(original);
    const style = STYLES.map(
      name => `${name}:${computed.getPropertyValue(name)}`
    ).join(';');
    copies[i].setAttribute('style', style);
    for (const name of ['class', 'tabindex', 'role']) {
      copies[i].removeAttribute(name);
    }
  });
  svg.append(ground, ...arrow(content), copy);
  return new XMLSerializer().serializeToString(svg);
}

function arrow(content: SVGGElement): Node[] {
  const defs = content.parentElement?.querySelector('defs')?.cloneNode(true);
  for (const path of (defs as Element | undefined)?.querySelectorAll('path') ??
    []) {
    // Not every viewer knows `context-stroke`.
    const edge = content.querySelector('path');
    path.setAttribute('fill', edge ? getComputedStyle(edge).stroke : 'gray');
  }
  return defs ? [defs] : [];
}

function backgroundOf(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (!['transparent', 'rgba(0, 0, 0, 0)'].includes(backgroundColor)) {
      return backgroundColor;
    }
  }
  return 'white';
}

async function painted(
  svg: Blob,
  width: number,
  height: number
): Promise<Blob> {
  const image = new Image();
  image.src = URL.createObjectURL(svg);
  try {
    await image.decode();
  } finally {
    URL.revokeObjectURL(image.src);
  }
  const scale = Math.min(2, MOST / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((found, failed) => {
    canvas.toBlob(blob => {
      if (blob) {
        found(blob);
      } else {
        failed(new Error('The drawing is too large for an image.'));
      }
    }, 'image/png');
  });
}
