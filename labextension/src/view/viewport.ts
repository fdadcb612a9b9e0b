import React from 'react';

import { around, holds } from './boxes';
import type { IBox } from './boxes';

/** What part of a drawing is seen: a point of it at the corner, and its size. */
interface IView {
  x: number;
  y: number;
  zoom: number;
}

const MARGIN = 14;
const READABLE = 0.65; // below this size names cannot be read: better move
const TOOLS = 36; // room for the buttons below
const LEAST = 0.02;
const MOST = 3;
const STEP = 1.25;
const FAR = 0.3; // below this size names are not even seen

/** Moves a drawing in its frame; nothing is drawn anew for it. */
export class Viewport {
  readonly frame = React.createRef<SVGSVGElement>();
  readonly content = React.createRef<SVGGElement>();

  /** Told of the part that may be seen before anything else is drawn, where it is new. */
  onSight: ((sight: IBox) => void) | null = null;

  /** Take in how large the drawing and the frame are. */
  resize(width: number, height: number): void {
    const box = this.frame.current?.getBoundingClientRect();
    this._drawing = { width, height };
    this._frame = { width: box?.width ?? 0, height: box?.height ?? 0 };
    if (this._follows && this._frame.width) {
      const { zoom } = this._fitted();
      this._set(this._centred(Math.max(zoom, Math.min(1, READABLE))));
    }
    this._look();
  }

  /** Whether nobody has moved the drawing. */
  get follows(): boolean {
    return this._follows;
  }

  /** Show all of the drawing. */
  fit(): void {
    this._follows = false;
    this._set(this._centred(this._fitted().zoom));
  }

  /** Go back to what is shown at first, and follow the drawing. */
  reset(): void {
    this._follows = true;
    this.resize(this._drawing.width, this._drawing.height);
  }

  zoom(direction: 1 | -1): void {
    const { width, height } = this._frame;
    this._zoom(STEP ** direction, width / 2, height / 2);
  }

  move(x: number, y: number): void {
    this._follows = false;
    const view = this._view;
    this._set({ ...view, x: view.x - x, y: view.y - y });
  }

  /** Bring a part of the drawing into view, with as little movement as it takes.
   *
   * Who `stays` there is not taken elsewhere when the drawing changes.
   */
  show(box: IBox, stays = false): void {
    this._follows &&= !stays;
    const { zoom } = this._view;
    const shift = (
      at: number,
      from: number,
      size: number,
      room: number
    ): number => {
      const low = at + from * zoom - MARGIN;
      const high = at + (from + size) * zoom + MARGIN;
      return low < 0 ? -low : high > room ? Math.max(room - high, -low) : 0;
    };
    const x = shift(this._view.x, box.x, box.width, this._frame.width);
    const y = shift(this._view.y, box.y, box.height, this._frame.height);
    if (this._frame.width && (x || y)) {
      this._set({ zoom, x: this._view.x + x, y: this._view.y + y });
    }
  }

  /** Let the wheel and the mouse move the drawing; return what stops that. */
  listen(): () => void {
    const frame = this.frame.current;
    if (!frame) {
      return () => undefined;
    }
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) {
        const box = frame.getBoundingClientRect();
        const factor = Math.exp(-event.deltaY / 200);
        this._zoom(factor, event.clientX - box.x, event.clientY - box.y);
      } else if (event.shiftKey) {
        this.move(event.deltaY, event.deltaX);
      } else {
        this.move(event.deltaX, event.deltaY);
      }
    };
    let from: [number, number] | null = null;
    const press = (event: PointerEvent): void => {
      const onNode = (event.target as Element).closest('[data-step]');
      if (event.button === 0 && !onNode) {
        frame.setPointerCapture(event.pointerId);
        from = [event.clientX, event.clientY];
      }
    };
    const drag = (event: PointerEvent): void => {
      if (from) {
        this.move(from[0] - event.clientX, from[1] - event.clientY);
        from = [event.clientX, event.clientY];
      }
    };
    const release = (): void => {
      from = null;
    };
    const stop = new AbortController();
    const { signal } = stop;
    frame.addEventListener('wheel', wheel, { signal, passive: false });
    frame.addEventListener('pointerdown', press, { signal });
    frame.addEventListener('pointermove', drag, { signal });
    frame.addEventListener('pointerup', release, { signal });
    frame.addEventListener('pointercancel', release, { signal });
    const sizes = new ResizeObserver(() =>
      this.resize(this._drawing.width, this._drawing.height)
    );
    sizes.observe(frame);
    return () => {
      stop.abort();
      sizes.disconnect();
    };
  }

  private _fitted(): IView {
    const width = this._frame.width / (this._drawing.width + 2 * MARGIN);
    const height =
      (this._frame.height - TOOLS) / (this._drawing.height + 2 * MARGIN);
    const zoom = Math.max(LEAST, Math.min(1, width, height));
    return { x: 0, y: 0, zoom };
  }

  /** In the middle where there is room, else at the beginning. */
  private _centred(zoom: number): IView {
    const free = this._frame.width - this._drawing.width * zoom;
    return { x: Math.max(free / 2, MARGIN * zoom), y: MARGIN * zoom, zoom };
  }

  private _zoom(factor: number, x: number, y: number): void {
    this._follows = false;
    const old = this._view;
    const zoom = Math.min(MOST, Math.max(LEAST, old.zoom * factor));
    const grown = zoom / old.zoom;
    this._set({
      zoom,
      x: x - (x - old.x) * grown,
      y: y - (y - old.y) * grown
    });
  }

  private _set(view: IView): void {
    // Some of the drawing stays in sight wherever it is moved.
    const { width, height } = this._drawing;
    const keep = 3 * MARGIN;
    const within = (at: number, size: number, room: number): number =>
      Math.min(Math.max(at, keep - size * view.zoom), room - keep);
    this._view = {
      zoom: view.zoom,
      x: within(view.x, width, this._frame.width),
      y: within(view.y, height, this._frame.height)
    };
    const { x, y, zoom } = this._view;
    this.content.current?.setAttribute(
      'transform',
      `translate(${x} ${y}) scale(${zoom})`
    );
    this.content.current?.classList.toggle('jp-mod-far', zoom < FAR);
    this._look();
  }

  /** Tell of another part once what is in sight comes near the end of the last one. */
  private _look(): void {
    const { x, y, zoom } = this._view;
    const seen = {
      x: -x / zoom,
      y: -y / zoom,
      width: this._frame.width / zoom,
      height: this._frame.height / zoom
    };
    const told = this._told;
    const isFar = told && told.width > 9 * seen.width;
    if (this.onSight && (!told || isFar || !holds(told, seen))) {
      this._told = around(seen);
      this.onSight(this._told);
    }
  }

  private _view: IView = { x: 0, y: 0, zoom: 1 };
  private _drawing = { width: 0, height: 0 };
  private _frame = { width: 0, height: 0 };
  private _follows = true;
  private _told: IBox | null = null;
}
