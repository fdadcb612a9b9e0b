export { Api } from './client';
export { KfxError, told } from './errors';
export type { RunStream, StreamMessage } from './stream';
export type * from './types';
