export { audio } from './audio/index.ts';
export { image } from './image/index.ts';
export { text } from './text/index.ts';
export { video } from './video/index.ts';
