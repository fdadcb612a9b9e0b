import type { ITranslate } from '../view/translate';

/** A request that the server refused: a sentence, and its cure. */
export class KfxError extends Error {
  constructor(
    message: string,
    readonly cure: string | null,
    readonly status: number
  ) {
    super(message);
  }

  get sentences(): string {
    return this.cure ? `${this.message} ${this.cure}` : this.message;
  }
}

/** Return what an error says. */
export function told(error: unknown, trans: ITranslate): string {
  if (error instanceof KfxError) {
    return error.status === 404 && error.cure === null
      ? trans.__(
          'The server has no jupyter_kfx: install it where Jupyter Server runs.'
        )
      : error.sentences;
  }
  return error instanceof Error ? error.message : String(error);
}
